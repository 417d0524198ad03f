"""``harness sandbox``: what it hands to the server, and how it says what is wrong."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.cli.sandbox import command
from harness.sandbox import server
from harness.sandbox.config import SandboxConfig

from .client import VIEW, Client


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []
    monkeypatch.setattr(server, "serve", lambda *args: calls.append(args))
    return calls


def test_options_reach_the_server(served: list[Any]) -> None:
    options = "--port 0 --session-timeout 90 --visible-after 500ms --latency 5ms --fault drop=1%@ADD --data x.db"
    assert CliRunner().invoke(command, options.split()).exit_code == 0
    config: SandboxConfig = served[0][0]
    assert (config.session_timeout_s, config.visible_after_s, str(config.data)) == (90.0, 0.5, "x.db")
    assert config.faults == {"drop": {"rate": "1%", "only": ["ADD"]}, "latency": "5ms"}
    assert SandboxConfig().with_settings(config.settings()).faults == config.faults


def test_the_environment_reaches_the_server(served: list[Any]) -> None:
    environment = {
        "HARNESS_SANDBOX_CLIENT_KEY": "key",
        "HARNESS_SANDBOX_SESSION_TIMEOUT": "5m",
        "HARNESS_SANDBOX_VISIBLE_AFTER": "2s",
        "HARNESS_SANDBOX_LATENCY": "1ms..2ms",
        "HARNESS_SANDBOX_DATA": "y.db",
    }
    assert CliRunner().invoke(command, [], env=environment).exit_code == 0
    config: SandboxConfig = served[0][0]
    assert (config.client_key, config.session_timeout_s, config.visible_after_s) == ("key", 300.0, 2.0)
    assert (str(config.data), config.faults) == ("y.db", {"latency": {"uniform": ["1ms", "2ms"]}})


def test_experiences_come_from_a_file(served: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "experiences.yaml"
    path.write_text("a: {b: [1, 2.5, true, null, 'no', text], known: '${guest.known}', raw: '$${x}'}\n", "utf-8")
    assert CliRunner().invoke(command, ["--experiences", str(path)]).exit_code == 0
    wanted = {"a": {"b": [1, 2.5, True, None, "no", "text"], "known": "${guest.known}", "raw": "$${x}"}}
    assert served[0][0].experiences == wanted
    for text, told in (
        ("- a\n", "experiences.yaml:1:1: error: no mapping where replies by the friendly ids of experiences belong"),
        ("a: {country: NO}\n", "YAML reads NO as true or false"),
        ("a: {b: 1\n", "experiences.yaml:"),
        ("a: 1\na: 2\n", "experiences.yaml:2:1"),
    ):
        path.write_text(text, "utf-8")
        done = CliRunner().invoke(command, ["--experiences", str(path)])
        assert (done.exit_code, told in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr
    done = CliRunner().invoke(command, ["--experiences", str(tmp_path / "none.yaml")])
    assert (done.exit_code, "none.yaml" in done.stderr) == (2, True)
    assert len(served) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--fault", "drp=1"], "error: The faults cannot be used: drp is no fault; did you mean drop?\n"),
        (["--fault", "drop=2"], "error: The faults cannot be used: drop.rate: must be a share"),
        (["--fault", "drop={"], "error: --fault drop is not JSON"),
        (["--latency", "soon"], "error: The faults cannot be used: latency.fixed: must be a duration"),
        (["--session-timeout", "soon"], "'soon' is not a duration: write 200ms, 5s or 20m."),
        (["--data", "/"], "error: The data file / cannot be opened: Is a directory.\n"),
    ],
)
def test_mistakes_are_sentences(options: list[str], told: str) -> None:
    before = signal.getsignal(signal.SIGTERM)
    done = CliRunner().invoke(command, ["--port", "0", *options])
    assert (done.exit_code, told in done.stderr, done.stdout) == (2, True, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_terminal_says_once_which_point_of_sale_is_not_known() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "harness", "sandbox", "--port", "0", "--point-of-sale", "a", "--point-of-sale", "b"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            client = Client(process.stdout.readline().split()[-1])
            browser = client.browser()
            for name in ("shop", "shop", "\x1b[2Jx", "a"):
                client.send(browser, {**VIEW, "pos": name})
            assert client.stats()["rejectedPointsOfSale"] == {"shop": 2, "\x1b[2Jx": 1}
        finally:
            process.terminate()
        _, said = process.communicate(timeout=20)
    assert said.splitlines() == [
        "events of point of sale 'shop' are answered with 201 and dropped: known is 'a', 'b'",
        "events of point of sale '\\x1b[2Jx' are answered with 201 and dropped: known is 'a', 'b'",
    ]
