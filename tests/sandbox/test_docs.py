"""What docs/sandbox.md shows works: its commands run, its faults are faults, its tables are complete."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.sandbox import command
from harness.sandbox.config import Limits
from harness.sandbox.faults import FaultError
from harness.sandbox.faults_read import _READ, read_faults
from tests.conftest import ROOT

from .client import PURCHASE, Client

PAGE = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


SERVERS = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("harness sandbox")]
SCRIPTS = [block for block in blocks("sh") if not block.startswith("harness sandbox")]


@pytest.mark.parametrize("line", SERVERS)
def test_it_starts_as_shown(line: str, tmp_path: Path) -> None:
    (experiences,) = blocks("yaml")
    (tmp_path / "experiences.yaml").write_text(experiences, "utf-8")
    # The port of the reader's machine may be taken on this one.
    child = subprocess.Popen(
        ["sh", "-c", "exec " + line.replace("--port 8080", "--port 0")],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout
    url = child.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    client = Client(url)
    assert ("fault" in line or "latency" in line) == bool(client.get("/_sandbox/faults")["faults"])
    if "experiences" in line:
        call = {"clientKey": "sandbox", "channel": "WEB", "browserId": client.browser(), "friendlyId": "home_offer"}
        assert client.post("/v2/callFlows", call) == (
            200,
            {"offer": {"id": "OFFER_10", "discount": 10}, "known": False},
        )
    client.close()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=10)
    assert (child.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("script", SCRIPTS)
def test_commands_run(script: str, client: Client) -> None:
    client.send(client.browser(), *PURCHASE)
    done = subprocess.run(
        ["sh", "-e", "-c", script.replace("http://127.0.0.1:8080", client.url)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if "email=ada" in script:
        assert '"firstName":"Ada"' in done.stdout
    if "referenceId" in script:
        assert '"itemId":"EXACT_90"' in done.stdout
    if "$GUEST" in script:
        assert '"city":"Dublin"' in done.stdout
        assert '"vipMember":true' in done.stdout
        assert client.read("/v2/guests?email=jane@example.org")["items"] == []


def test_every_fault_is_shown_with_an_example() -> None:
    examples = dict(re.findall(r"^\| `(\w+)` \| `(\{.*?\})` \|", PAGE, re.M))
    assert set(examples) == set(_READ)
    for name, example in examples.items():
        document = json.loads(example)
        assert list(document) == [name]
        read_faults(document, 0)
    for block in blocks("json"):
        read_faults(json.loads(block), 0)


def test_where_only_works() -> None:
    (sentence,) = re.findall(r"^`only` works in (.*?)\.$", PAGE, re.M)
    named = set(re.findall(r"`(\w+)`", sentence))
    for name, example in re.findall(r"^\| `(\w+)` \| `(\{.*?\})` \|", PAGE, re.M):
        rule = json.loads(example)[name]
        short = {"latency": "fixed", "visible_after": "delay", "ignore_currency": "currency"}.get(name, "rate")
        whole = rule if isinstance(rule, dict) else {short: rule}
        try:
            read_faults({name: {**whole, "only": ["ADD"]}}, 0)
        except FaultError:
            assert name not in named
        else:
            assert name in named


def test_the_mistake_reads_as_shown() -> None:
    (shown,) = blocks("text")
    with pytest.raises(FaultError) as wrong:
        read_faults({"errors": {"rate": 2}}, 0)
    assert str(wrong.value) == shown.strip()


def test_every_option_is_shown() -> None:
    options = {name for option in command.params for name in option.opts}
    table = PAGE[PAGE.index("## Options") : PAGE.index("## What it serves")]
    assert options == set(re.findall(r"`(--[a-z-]+)", table)) - {"--help"}


def test_bounds_are_those_of_the_code() -> None:
    limits = Limits()
    for number in (limits.browsers, limits.guests, limits.orders, limits.waiting_events):
        assert f"{number:,}" in PAGE
    assert f"{limits.data_bytes >> 30} GiB" in PAGE
    assert f"{limits.slow_client_s} s" in PAGE
    assert (limits.sessions_per_guest, limits.timeline_per_session) == (50, 200)
    assert "50 sessions of 200 events" in PAGE
