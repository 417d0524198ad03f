"""Run directories: private, and harmless to whoever reads one that somebody else made."""

from __future__ import annotations

import base64
import copy
import json
import os
import resource
import shutil
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from harness.cli.main import cli
from harness.engine.connect import take_interrupts_quietly
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT, SCENARIO

MOST_MEMORY = 6 << 30
EVIL = "\x1b]0;owned\x07\x1b[2J\u202e<script>alert(1)</script>]]>\r\n\x00'\"${CDP_API_TOKEN}"


def made(folder: Path, url: str, *arguments: str, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
    text = SCENARIO.format(
        url=url, pos="pastoral-witty-grill", think="0s", users=2, ends="iterations: 2", thresholds="  - error_rate < 1%"
    )
    (folder / "scenario.yaml").write_text(text, "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "harness", "run", "scenario.yaml", "--quiet", *arguments],
        cwd=folder,
        env=CLEAN_ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        umask=umask,
    )


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess) -> Path:
    """A run directory as a run makes it."""
    folder = tmp_path_factory.mktemp("real")
    done = made(folder, sandbox.url, "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "run"


@pytest.fixture
def run_dir(real: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(real, tmp_path / "run"))


def modes(folder: Path) -> set[tuple[bool, int]]:
    return {(each.is_dir(), stat.S_IMODE(each.stat().st_mode)) for each in (folder, *folder.iterdir())}


def test_nobody_else_can_read_it_whatever_the_umask(tmp_path: Path, sandbox: SandboxProcess) -> None:
    done = made(tmp_path, sandbox.url, "--out", "run", umask=0)
    assert done.returncode == 0, done.stdout + done.stderr
    assert modes(tmp_path / "run") == {(True, 0o700), (False, 0o600)}
    before = os.umask(0)
    try:
        assert call("report", tmp_path / "run", "--out", tmp_path / "other").exit_code == 0
        assert call("verify", tmp_path / "run", "--quiet").exit_code == 0
    finally:
        os.umask(before)
    assert modes(tmp_path / "run") == modes(tmp_path / "other") == {(True, 0o700), (False, 0o600)}


@pytest.mark.parametrize("name", ["../escape", "/tmp/escape", "a/b", "..", "nul\\0byte", "line\\nbreak"])
def test_a_name_is_no_way_out(tmp_path: Path, name: str) -> None:
    text = SCENARIO.format(
        url="sandbox", pos="p", think="0s", users=1, ends="iterations: 1", thresholds="  - error_rate < 1%"
    )
    path = tmp_path / "scenario.yaml"
    path.write_text(text.replace("scenario: small", f'scenario: "{name}"'))
    done = call("check", path)
    assert done.exit_code == 2, done.output
    journeys = text.replace("  purchase:\n    think", f'  "{name}":\n    think')
    assert journeys != text
    path.write_text(journeys)
    assert call("check", path).exit_code == 2


def call(*arguments: object) -> Result:
    done = CliRunner().invoke(cli, [*map(str, arguments)], env={"CDP_API_TOKEN": "tok/secret"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert "Traceback" not in done.output
    assert "\x1b" not in done.output.replace("\x1b[?25h", "")
    assert "tok/secret" not in done.output
    return done


READERS: dict[str, Callable[[Path, Path], list[object]]] = {
    "report": lambda spoilt, _: ["report", spoilt, "--format", "text,html,md,junit,json,openmetrics"],
    "verify": lambda spoilt, _: ["verify", spoilt, "--quiet", "--set", "verify.wait=0.1s"],
    "compare": lambda spoilt, good: ["compare", good, spoilt, "--force"],
    "history": lambda spoilt, _: ["history", spoilt],
}


def secret_of(folder: Path) -> Path:
    secret = folder / "secret.txt"
    secret.write_text("SECRET-OF-ANOTHER-FILE")
    return secret


NAMES = (
    "summary.json", "series.csv", "failures.jsonl", "scenario.yaml", "histograms.json", "ledger.bin", "stories.jsonl",
    "guests.jsonl", "cleanup.jsonl",
)  # fmt: skip


@pytest.mark.parametrize("name", [*NAMES, "run.json", "load.csv", ".summary.json.partial", "report.html"])
@pytest.mark.parametrize("reader", READERS)
def test_links_lead_nowhere(run_dir: Path, real: Path, tmp_path: Path, name: str, reader: str) -> None:
    secret = secret_of(tmp_path)
    (run_dir / name).unlink(missing_ok=True)
    (run_dir / name).symlink_to(secret)
    done = call(*READERS[reader](run_dir, real))
    assert done.exit_code in (0, 1, 2, 3, 4)
    assert secret.read_text() == "SECRET-OF-ANOTHER-FILE"
    shown = [path.read_bytes() for path in run_dir.iterdir() if path.is_file() and not path.is_symlink()]
    assert not any(b"SECRET-OF-ANOTHER-FILE" in each for each in (*shown, done.output.encode()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reader", READERS)
def test_pipes_and_directories_stop_nobody(run_dir: Path, real: Path, name: str, reader: str) -> None:
    (run_dir / name).unlink(missing_ok=True)
    os.mkfifo(run_dir / name)
    assert call(*READERS[reader](run_dir, real)).exit_code in (0, 1, 2, 3, 4)
    (run_dir / name).unlink()
    (run_dir / name).mkdir()
    assert call(*READERS[reader](run_dir, real)).exit_code in (0, 1, 2, 3, 4)


def bomb() -> bytes:
    """A ledger whose one page unpacks to 200 MB, and that says it has a million million guests."""
    page = zlib.compress(bytes(200_000_000), 9)
    heads = {"index": 0, "stride": 1, "orders": 1024, "parts": [256, len(page), 0], "guests": 10**12, "given": {}}
    return json.dumps({"format": 1, "books": [heads]}).encode() + b"\n" + bytes(256) + page


DEEP = "[" * 200_000
HISTOGRAM = base64.b64encode(zlib.compress(bytes(200_000_000), 9)).decode()
SPOILT: dict[str, tuple[str, bytes]] = {
    "deep summary": ("summary.json", DEEP.encode()),
    "deep object": ("summary.json", b'{"format":' * 100_000),
    "summary is a list": ("summary.json", b"[]"),
    "summary is bytes": ("summary.json", bytes(range(256))),
    "summary is empty": ("summary.json", b""),
    "number without end": ("summary.json", b'{"format": ' + b"9" * 1_000_000 + b"}"),
    "deep stories": ("stories.jsonl", DEEP.encode()),
    "stories of another shape": ("stories.jsonl", b'{"guest": {}, "journey": [], "events": {}, "clear": 1}\n'),
    "deep guests": ("guests.jsonl", DEEP.encode()),
    "guests of another shape": ("guests.jsonl", b'{"guest": 1e99, "state": []}\n'),
    "deep failures": ("failures.jsonl", DEEP.encode()),
    "deep scenario": ("scenario.yaml", DEEP.encode()),
    "scenario that includes": ("scenario.yaml", b"include: /etc/passwd\n"),
    "deep histograms": ("histograms.json", DEEP.encode()),
    "bomb of a histogram": (
        "histograms.json",
        json.dumps({"format": 1, "bits": 7, "blocks": 1, "block_s": 1, "journeys": [], "steps": [
            {"journey": "j", "step": "s", "sent": [1], "ok": [1], "failed": [0], "latency": HISTOGRAM}]}).encode(),
    ),
    "bomb of a ledger": ("ledger.bin", bomb()),
    "ledger without end": ("ledger.bin", b'{"format": 1, "books": [' + b"[" * 200_000),
    "ledger of texts": (
        "ledger.bin",
        b'{"format": 1, "books": [{"index": "x", "stride": {}, "orders": 0, "parts": [], "guests": 0, "given": []}]}\n',
    ),
    "state of another": ("verification.partial.json", DEEP.encode()),
    "state of another shape": ("verification.partial.json", b'{"format": 1, "count": 2, "done": -5, "tally": [], "pending": {}}'),
    "a line without end": ("series.csv", b"second,journey\n" + b'"' + b"x" * 20_000_000),
    "seconds without end": (
        "series.csv",
        b"second,journey,step,sent,ok,failed,p50,p95,p99\n999999999999999,purchase,browse,1,1,0,1,1,1\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.parametrize("reader", READERS)
def test_what_no_run_writes(run_dir: Path, real: Path, what: str, reader: str) -> None:
    name, content = SPOILT[what]
    (run_dir / name).write_bytes(content)
    done = call(*READERS[reader](run_dir, real))
    assert done.exit_code in (0, 1, 2, 3, 4)
    if done.exit_code == 2:
        assert "error" in done.stderr.lower() or done.stderr.count(": error:")


def test_it_takes_no_more_memory_than_it_may(run_dir: Path) -> None:
    """A file with a hole: 3 GB that take no room on the disk."""
    for name in ("summary.json", "ledger.bin", "histograms.json"):
        with (run_dir / name).open("r+b") as file:
            file.truncate(3 << 30)
    for command in (["report", run_dir], ["verify", run_dir], ["compare", run_dir, run_dir]):
        done = subprocess.run(
            [sys.executable, "-m", "harness", *map(str, command)],
            env=CLEAN_ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY)),
        )
        assert done.returncode == 2, done.stdout + done.stderr
        assert "is larger than" in done.stderr
        assert "Traceback" not in done.stderr


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, inner in below for each in leaves(inner, (*path, key)))]


WILD = st.one_of(
    st.sampled_from([None, True, "", [], {}, -1, 0, 1, 10**30, -1.5, 1e308, float("inf"), float("nan"), EVIL, "1e999999999"]),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
)  # fmt: skip


def test_any_value_anywhere_in_a_summary(real: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    take_interrupts_quietly()
    document = json.loads((real / "summary.json").read_text())
    places = leaves(document)
    folder = tmp_path_factory.mktemp("wild")
    run_dir = Path(shutil.copytree(real, folder / "run"))

    @hypothesis_settings(max_examples=40)
    @given(st.lists(st.tuples(st.sampled_from(places), WILD), min_size=1, max_size=3))
    def every(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
        spoilt = copy.deepcopy(document)
        for path, value in changes:
            inner = spoilt
            try:
                for key in path[:-1]:
                    inner = inner[key]
                inner[path[-1]] = value
            except (KeyError, TypeError, IndexError):
                continue
        (run_dir / "summary.json").write_text(json.dumps(spoilt))
        done = call("report", run_dir, "--format", "text,html,md,junit,json,openmetrics", "--out", folder / "out")
        assert done.exit_code in (0, 2, 4)
        page = folder / "out" / "report.html"
        assert not page.exists() or b"<script>alert" not in page.read_bytes()

    every()


@pytest.mark.parametrize("name", ["scenario.yaml", "guests.jsonl", "cleanup.jsonl"])
def test_cleanup_follows_no_links(run_dir: Path, tmp_path: Path, name: str) -> None:
    secret = secret_of(tmp_path)
    (run_dir / name).unlink(missing_ok=True)
    (run_dir / name).symlink_to(secret)
    done = call("cleanup", run_dir, "--quiet")
    assert done.exit_code in (0, 2, 4)
    assert "SECRET-OF-ANOTHER-FILE" not in done.output
    assert secret.read_text() == "SECRET-OF-ANOTHER-FILE"
