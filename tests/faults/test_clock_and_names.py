"""The clock is set, names do not resolve any more: a load that runs takes no notice.

Both are done where Python meets the system, by a ``sitecustomize`` of the test's own.
"""

from __future__ import annotations

import csv
import os
import time
from datetime import datetime
from pathlib import Path

import pytest

from harness.engine.http_reply import Reply
from harness.record.figures import StepKey
from harness.record.recorder import Failure, Recorder
from harness.sandbox.process import SandboxProcess
from tests.conftest import ROOT
from tests.faults.running import Running, arrived

CLOCK = """\
import os, time
really, jump = time.time, float(os.environ["JUMP_S"])
def now():
    return really() + (jump if os.path.exists(os.environ["JUMPED"]) else 0)
time.time = now
time.time_ns = lambda: int(now() * 1e9)
"""
NAMES = """\
import os, _socket
really = _socket.getaddrinfo
def look_up(host, *rest, **named):
    if host not in ("shop.example", b"shop.example"):
        return really(host, *rest, **named)
    if os.path.exists(os.environ["GONE"]):
        with open(os.environ["GONE"], "a") as asked:
            asked.write("asked\\n")
        raise _socket.gaierror(-3, "Temporary failure in name resolution")
    return really("127.0.0.1", *rest, **named)
_socket.getaddrinfo = look_up
"""


def patched(folder: Path, code: str, **environment: str) -> dict[str, str]:
    (folder / "site").mkdir()
    (folder / "site/sitecustomize.py").write_text(code, "utf-8")
    return {**environment, "PYTHONPATH": f"{folder / 'site'}{os.pathsep}{ROOT}"}


@pytest.mark.parametrize("jump_s", [-3600, 86400])
def test_the_clock_is_set(jump_s: int, sandbox: SandboxProcess, tmp_path: Path) -> None:
    before, began = arrived(sandbox.url), time.time()
    run = Running(
        tmp_path, sandbox.url, "{users: 2, duration: 2s}", "--quiet",
        environment=patched(tmp_path, CLOCK, JUMP_S=str(jump_s), JUMPED=str(tmp_path / "jumped")),
    )  # fmt: skip
    run.seconds(1)
    (tmp_path / "jumped").touch()
    ended = run.end().check(0, "pass")
    ended.count(arrived(sandbox.url) - before - 1)
    summary = ended.summary
    assert 2 <= summary["duration_s"] <= time.time() - began
    # The start is told to the millisecond.
    assert began - 0.001 <= datetime.fromisoformat(summary["started"]).timestamp() <= time.time()
    assert summary["requests"]["rate"] == pytest.approx(summary["requests"]["ok"] / summary["duration_s"], rel=0.01)
    assert 0 <= summary["verification"]["took_s"] < 600
    assert 0 < summary["steps"][0]["latency"]["max"] < 60_000
    with (run.out / "load.csv").open() as file:
        seconds = [int(row["second"]) for row in csv.DictReader(file)]
    assert seconds == [*range(len(seconds))]
    assert 1 <= len(seconds) <= summary["duration_s"]


def test_errors_come_after_the_start_though_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.time()
    recorder = Recorder([StepKey("buy", "add")], ["buy"])
    monkeypatch.setattr(time, "time", lambda: began - 3600)
    recorder.sent(0)
    recorder.failed(0, Failure("http_status", "503"), Reply(503, b"", 1000, 10, 10), 0)
    (error,) = recorder.take().errors.values()
    assert began <= error.first + 1e-3
    assert error.first < began + 60


def test_the_targets_name_is_gone_in_mid_run(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Nobody asks for it again: neither the load, nor the reading back."""
    before, gone = arrived(sandbox.url), tmp_path / "gone"
    run = Running(
        tmp_path, sandbox.url.replace("127.0.0.1", "shop.example"), "{rate: 20/s, duration: 2s}", "--quiet",
        "--allow-host", "shop.example", "--allow-host", "127.0.0.1", think="50ms",
        environment=patched(tmp_path, NAMES, GONE=str(gone)),
    )  # fmt: skip
    run.seconds(1)
    gone.touch()
    ended = run.end()
    assert ended.summary["requests"]["sent"] == ended.summary["requests"]["ok"] > 0
    ended.count(arrived(sandbox.url) - before - 1)
    verified = ended.summary["verification"]
    assert verified["orders"]["expected"] == verified["orders"]["found"] > 0
