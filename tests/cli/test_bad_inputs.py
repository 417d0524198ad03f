"""Bad inputs to command line, environment and files, over all commands.

Each gets one clear message and its documented exit code; nothing is sent (a listening socket would hear it), nothing is
left behind, and nobody sees a stack trace.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from harness.cli.main import COMMANDS, cli
from tests.conftest import CLEAN_ENVIRONMENT, ROOT, SCENARIO

KEYS = {"client_key: sandbox": "client_key: k", "api_token: sandbox": "api_token: t"}
LONG = "x" * 100_000


class Bad(NamedTuple):
    """What is wrong, what is said about it, and with which code. ``{url}`` is a socket that listens."""

    arguments: str
    told: str
    code: int = 2
    environment: dict[str, str] = {}


READING = ("check", "plan", "validate")
"""Commands that read a scenario, and can run in this process."""

BAD: list[Bad] = [
    # the command line as such
    Bad("", "Commands:"),
    Bad("rnu", "did you mean 'run'?"),
    Bad("--nonsense", "--nonsense"),
    Bad(f"{LONG}", "No such command"),
    *(Bad(f"{name} --nonsense", "--nonsense") for name in COMMANDS if name != "run"),
    *(Bad(name, "Missing argument") for name in ("check", "plan", "validate", "report", "verify", "compare", "history")),
    # files
    *(Bad(f"{name} nowhere.yaml", "does not exist") for name in (*READING, "doctor")),
    *(Bad(f"{name} folder", "is a directory") for name in ("check", "plan", "doctor")),
    Bad("validate folder", "no scenario in"),
    *(Bad(f"{name} binary.yaml", "binary.yaml") for name in READING),
    *(Bad(f"{name} empty.yaml", "is empty") for name in READING),
    *(Bad(f"{name} pipe.yaml", "pipe.yaml") for name in READING),
    *(Bad(f"{name} loop.yaml", "loop.yaml") for name in READING),
    *(Bad(f"{name} utf16.yaml", "utf16.yaml") for name in READING),
    *(Bad(f"{name} {LONG}.yaml", "too long") for name in READING),
    *(Bad(f"{name} deep.yaml", "nested deeper") for name in READING),
    Bad("check good.yaml nowhere.yaml", "does not exist"),
    # values of options
    *(Bad(f"{name} good.yaml --target ftp://x", "where a base URL") for name in (*READING, "doctor")),
    *(Bad(f"{name} good.yaml --target http://", "where a base URL") for name in READING),
    *(Bad(f"{name} good.yaml --target http://user:pass@x/", "in a URL [E233]") for name in READING),
    *(Bad(f"{name} good.yaml --set nonsense", "is not KEY=VALUE") for name in READING),
    *(Bad(f"{name} good.yaml --set load.uesrs=5", "did you mean 'users'?") for name in READING),
    *(Bad(f"{name} good.yaml --set load.users=-5", "'-5' where") for name in READING),
    *(Bad(f"{name} good.yaml --load nope", "nope") for name in ("check", "plan", "doctor")),
    *(Bad(f"{name} good.yaml --users many", "'many' where") for name in ("plan", "doctor")),
    *(Bad(f"{name} good.yaml --users 1e9999", "'1e9999' where") for name in ("plan", "doctor")),
    *(Bad(f"{name} good.yaml --duration 5", "'5' where a duration") for name in ("plan", "doctor")),
    *(Bad(f"{name} good.yaml --duration -5s", "'-5s' where a duration") for name in ("plan", "doctor")),
    *(Bad(f"{name} good.yaml --rate 5km", "'5km' where a rate") for name in ("plan", "doctor")),
    *(Bad(f"{name} good.yaml --rate 5/s --users 5", "users") for name in ("plan", "doctor")),
    Bad("plan good.yaml --latency soon", "where a duration"),
    Bad("plan good.yaml --per-worker 0/s", "where a rate"),
    Bad("plan good.yaml --guests 0", "0 is not in the range"),
    Bad("plan good.yaml --guests 99999999999", "is not in the range"),
    Bad("plan good.yaml --seed x", "'x' where"),
    Bad("plan good.yaml --format pdf", "'pdf' is not one of"),
    Bad("check good.yaml --format pdf", "'pdf' is not one of"),
    Bad("validate good.yaml --paths few", "is none of all, pairwise"),
    Bad("validate good.yaml --paths 0", "is none of all, pairwise"),
    Bad("validate good.yaml --path nowhere", "nowhere"),
    Bad("validate good.yaml --wait forever", "where a duration"),
    Bad("validate good.yaml --seed -1", "is no whole number"),
    Bad("doctor good.yaml --processes 0", "is not in the range"),
    Bad("doctor --target {url}/?x=1", "neither a base URL"),
    Bad("doctor --load a", "belong to a SCENARIO"),
    # the target may not be touched
    Bad("validate production.yaml --target {url}", "--allow-production", 3),
    # run directories
    *(Bad(f"{name} nowhere", "does not exist") for name in ("report", "verify")),
    Bad("history nowhere", "no such directory"),
    *(Bad(f"{name} folder", "summary.json") for name in ("report", "verify")),
    Bad("history folder", "no finished run in it"),
    *(Bad(f"{name} good.yaml", "directory") for name in ("report", "verify", "history")),
    *(Bad(f"{name} broken", "summary.json") for name in ("report", "verify", "history")),
    Bad("compare broken broken", "summary.json"),
    Bad("compare folder", "Name two runs"),
    Bad("compare nowhere folder", "no such directory"),
    Bad("compare folder folder --tolerance x", "--tolerance"),
    Bad("compare folder folder --tolerance -5%", "--tolerance"),
    Bad("compare folder folder --confidence 200%", "where a share"),
    Bad("compare folder folder --run-noise much", "where a share"),
    Bad("compare folder folder --warm-up soon", "where a duration"),
    Bad("history folder --metric nonsense.p95.x", "--metric"),
    Bad("history folder --last 0", "is not in the range"),
    Bad("report folder --format pdf", "is no form of a report"),
    # places to write to
    Bad("schema --output /nowhere/x.json", "cannot be written"),
    Bad("schema --output folder", "is a directory"),
    Bad("init good.yaml/x", "not a directory"),
    Bad("init taken", "is there already"),
    # the sandbox
    Bad("sandbox --port 99999", "is not in the range"),
    Bad("sandbox --port http", "is not a valid integer"),
    Bad("sandbox --port {port}", "is in use"),
    Bad("sandbox --port 0 --host 256.1.1.1", "no such address"),
    Bad("sandbox --port 0 --host 192.0.2.1", "cannot listen"),
    Bad("sandbox --port 0 --data folder", "data file"),
    Bad("sandbox --port 0 --data good.yaml", "is not a sandbox's data file"),
    Bad("sandbox --port 0 --data nowhere/x.db", "data file"),
    Bad("sandbox --port 0 --fault nonsense=1", "nonsense"),
    Bad("sandbox --port 0 --fault drop=200%", "share"),
    Bad("sandbox --port 0 --fault @nowhere.json", "nowhere.json"),
    Bad("sandbox --port 0 --latency 5", "latency"),
    Bad("sandbox --port 0 --session-timeout long", "is not a duration"),
    # the environment
    Bad("check good.yaml", "is not one of", environment={"HARNESS_FORMAT": "pdf"}),
    Bad("check good.yaml", "where a base URL", environment={"HARNESS_TARGET": "nonsense"}),
    Bad("check good.yaml", "is not KEY=VALUE", environment={"HARNESS_SET": "a,b"}),
    Bad("plan good.yaml", "'many' where", environment={"HARNESS_USERS": "many"}),
    Bad("plan good.yaml", "is not a valid integer", environment={"HARNESS_GUESTS": "many"}),
    Bad("validate good.yaml", "is not a valid boolean", environment={"HARNESS_TRACE": "perhaps"}),
    Bad("sandbox", "is not a valid integer", environment={"HARNESS_PORT": "http"}),
    Bad("check variable.yaml", "CDP_CLIENT_KEY is not set"),
    Bad("compare folder folder", "--tolerance", environment={"HARNESS_TOLERANCE": "5"}),
]  # fmt: skip


class World(NamedTuple):
    """A folder with all sorts of files, and a socket that hears whoever sends."""

    folder: Path
    listening: socket.socket

    def heard(self) -> bool:
        self.listening.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.listening.accept()
            return True
        return False


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        good = SCENARIO.format(
            url=url, pos="p", think="0s", users=1, ends="duration: 1s", thresholds="  - error_rate < 1%"
        )
        (folder / "good.yaml").write_text(good)
        (folder / "production.yaml").write_text(good.replace("target:", "target:\n  environment: production"))
        (folder / "variable.yaml").write_text(good.replace("client_key: sandbox", "client_key: ${CDP_CLIENT_KEY}"))
        (folder / "binary.yaml").write_bytes(bytes(range(256)))
        (folder / "utf16.yaml").write_text(good, "utf-16")
        (folder / "empty.yaml").touch()
        (folder / "deep.yaml").write_text("[" * 10_000)
        os.mkfifo(folder / "pipe.yaml")
        (folder / "loop.yaml").symlink_to("loop.yaml")
        for name in ("folder", "broken", "taken"):
            (folder / name).mkdir()
        (folder / "broken" / "summary.json").write_text('{"format": 1}')
        (folder / "taken" / "scenario.yaml").touch()
        yield World(folder, listening)


def filled(text: str, world: World) -> str:
    port = world.listening.getsockname()[1]
    return text.replace("{url}", f"http://127.0.0.1:{port}").replace("{port}", str(port))


def assert_said(code: int, output: str, errors: str, bad: Bad) -> None:
    assert code == bad.code, output + errors
    assert bad.told in errors or bad.told in output, errors
    assert "Traceback" not in output + errors
    if bad.told != "Commands:":
        assert errors.count("rror:") == 1
        assert len(errors) < 5_000 + len(bad.arguments)
    assert "\x1b" not in output + errors


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.arguments[:60]} {' '.join(bad.environment)}".strip())
def test_bad_input(bad: Bad, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.folder)
    before = sorted(map(str, world.folder.rglob("*")))
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    environment = {name: None for name in os.environ if name.startswith(("HARNESS_", "CDP_"))}
    done = CliRunner().invoke(cli, filled(bad.arguments, world).split(), env={**environment, **bad.environment})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert_said(done.exit_code, done.stdout, done.stderr, bad)
    assert not world.heard()
    assert sorted(map(str, world.folder.rglob("*"))) == before
    assert {each: signal.getsignal(each) for each in handlers} == handlers


def test_there_are_as_many_as_promised() -> None:
    assert len(BAD) >= 60
    assert {bad.arguments.split()[0] for bad in BAD if bad.arguments} >= set(COMMANDS) - {"run"}


RUNS = [
    Bad("run good.yaml --rate 5/s --users 5", "users"),
    Bad("run good.yaml --out good.yaml/x --target sandbox", "run directory cannot be made"),
    Bad("run production.yaml", "--allow-production", 3),
    Bad("run good.yaml -- --nonsense", "--nonsense"),
]
"""More of them in test_wrong.py; each takes seconds, for it starts Locust."""


@pytest.mark.parametrize("bad", RUNS, ids=lambda bad: bad.arguments)
def test_bad_input_to_a_real_run(bad: Bad, world: World) -> None:
    done = real(filled(bad.arguments, world).split(), world, **bad.environment)
    assert_said(done.returncode, done.stdout, done.stderr, bad)
    assert not world.heard()
    assert not (world.folder / "runs").exists()


def real(
    arguments: list[str], world: World, stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=world.folder,
        env={**CLEAN_ENVIRONMENT, **environment},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


SHOWING = (
    "schema",
    "--help",
    f"plan {shlex.quote(str(ROOT / 'scenarios/mixed.yaml'))}",
    f"check {shlex.quote(str(ROOT / 'scenarios/mixed.yaml'))} --format json",
)


@pytest.mark.parametrize("command", SHOWING)
def test_a_reader_who_has_seen_enough(command: str, world: World) -> None:
    """``harness … | head -1``: the pipe closes while we write, or before."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = real(shlex.split(command), world, stdout=write)
    finally:
        os.close(write)
    assert done.stderr == ""
    assert done.returncode in (0, 1)


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "1"},
        {"COLUMNS": "0"},
        {"COLUMNS": "-5"},
        {"COLUMNS": "wide", "LINES": "high"},
        {"COLUMNS": "100000"},
        {"TERM": "nonsense", "NO_COLOR": "", "FORCE_COLOR": "perhaps"},
        {"TZ": "Nowhere/At_All", "LANG": "xx_XX.nonsense"},
        {"HOME": "/nowhere", "TMPDIR": "/nowhere"},
    ],
    ids=lambda environment: " ".join(f"{name}={value}" for name, value in environment.items()),
)
def test_odd_terminals(environment: dict[str, str], world: World) -> None:
    done = real(["plan", str(ROOT / "scenarios/mixed.yaml"), "--guests", "50"], world, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mixed" in done.stdout


def test_closed_streams(world: World) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m harness check good.yaml nowhere.yaml <&- >&- 2>&-"
    done = subprocess.run(["sh", "-c", command], cwd=world.folder, env=CLEAN_ENVIRONMENT, timeout=60, check=False)
    assert done.returncode == 2


def test_a_full_disk_behind_standard_output(world: World) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = real(["schema"], world, stdout=full.fileno())
    assert "Traceback" not in done.stderr
    assert (done.returncode, "no space left on device" in done.stderr.lower()) == (4, True), done.stderr
