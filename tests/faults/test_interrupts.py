"""Ctrl-C, SIGTERM and a closed terminal, at every time of a run."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM

import pytest

from harness.run.before_load import TOLD
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.faults.running import Running, arrived, no_partial_files
from tests.watching import stats, wait_for


def minds(pid: int, wanted: signal.Signals) -> bool:
    """Whether a process has a handler of its own for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (wanted - 1) & 1)


@pytest.mark.parametrize("name", [SIGINT, SIGTERM, SIGHUP])
def test_before_the_load(name: signal.Signals, sandbox: SandboxProcess, tmp_path: Path) -> None:
    run = Running(tmp_path, sandbox.url)
    wait_for(lambda: minds(run.process.pid, SIGTERM))
    run.tell(name)
    ended = run.end()
    assert (ended.code, ended.out, ended.err) == (130, "", TOLD + "\n")
    assert not run.out.exists()


@pytest.mark.parametrize("signals", [(SIGINT,), (SIGTERM, SIGTERM)])
def test_while_users_are_made(signals: tuple[signal.Signals, ...], sandbox: SandboxProcess, tmp_path: Path) -> None:
    before = arrived(sandbox.url)
    run = Running(tmp_path, sandbox.url, "{users: 500, duration: 10m}", think="2s")
    run.is_there("scenario.yaml")
    run.tell(*signals)
    ended = run.end().check(130, "interrupted")
    assert ended.out.count("Interrupted after") == 1
    ended.count(arrived(sandbox.url) - before - 1)
    assert ended.summary["duration_s"] < 100
    assert no_partial_files(run.out)


def test_in_the_load_nothing_is_lost(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """With a closed terminal; Ctrl-C and SIGTERM are among the tests of whole runs."""
    before, orders = arrived(sandbox.url), stats(sandbox.url)["orders"]
    run = Running(tmp_path, sandbox.url, "{users: 20, duration: 10m}", "--quiet", think="0ms")
    wait_for(lambda: stats(sandbox.url)["orders"] > orders)
    run.tell(SIGHUP)
    ended = run.end().check(130, "interrupted")
    ended.count(arrived(sandbox.url) - before - 1)
    verified = ended.summary["verification"]["orders"]
    assert verified["expected"] == verified["found"] > 0


def test_told_to_ignore_a_closed_terminal_it_goes_on(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """As with nohup."""
    run = Running(
        tmp_path, sandbox.url, "{users: 2, duration: 2s}", preexec_fn=lambda: signal.signal(SIGHUP, signal.SIG_IGN)
    )
    run.seconds(1)
    run.tell(SIGHUP)
    run.end().check(0, "pass")


def test_twice_it_ends_at_once_with_what_is_there(tmp_path: Path) -> None:
    """The target holds its replies back, and the first Ctrl-C waits for them."""
    with SandboxProcess(SandboxConfig()) as target:
        run = Running(tmp_path, target.url, "{users: 5, duration: 10m}", "--quiet")
        run.seconds(1)
        os.kill(target.pid, signal.SIGSTOP)
        try:
            run.seconds(2)  # by now every user waits for a reply
            run.tell(SIGINT, SIGINT)
            ended = run.end().check(130, "interrupted")
        finally:
            os.kill(target.pid, signal.SIGCONT)
        assert ended.summary["requests"]["unfinished"] == 5
        assert "reading it back was interrupted" in ended.summary["verification"]["trouble"]
        assert (run.out / "report.html").exists()
        wait_for(lambda: arrived(target.url) - 1 == ended.summary["requests"]["sent"])


def test_while_orders_are_read_back(sandbox: SandboxProcess, tmp_path: Path, harness) -> None:
    """They never come, and are waited for; the load was whole, so verifying again gives the run a verdict of its own."""
    run = Running(
        tmp_path, sandbox.url, "{users: 2, iterations: 2}", "--quiet", think="0ms", pos="no-such-grill", wait="10m"
    )
    run.is_there("stories.jsonl")
    run.tell(SIGTERM)
    ended = run.end().check(130, "interrupted")
    assert ended.summary["requests"]["ok"] == 24
    told = f"reading it back was interrupted; harness verify {run.out.name} goes on with it"
    assert ended.summary["verification"]["trouble"] == told
    again = harness("verify", run.out, "--set", "verify.wait=0s")
    assert again.returncode == 1, again.stdout + again.stderr
    assert "None of the 4 orders exists" in again.stdout
