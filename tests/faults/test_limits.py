"""What this machine runs out of: told as its own, never as the target's, and in one sentence."""

from __future__ import annotations

import csv
import resource
from pathlib import Path

from harness.engine import own_faults
from harness.engine.descriptors import OTHERS
from harness.sandbox.process import SandboxProcess
from tests.faults.confined import few_ports
from tests.faults.running import Ended, Running, arrived


def files(soft: int, hard: int) -> object:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def all_of_one_kind(ended: Ended, detail: str) -> None:
    """It is the generator's, marked in every second that had it."""
    assert {(error["kind"], error["detail"]) for error in ended.summary["errors"]} == {("generator", detail)}
    failed = ended.summary["requests"]["failed"]
    assert failed > 0
    assert f"{failed:,} of {ended.summary['requests']['sent']:,} requests could not be sent: {detail}" in ended.out
    assert ended.summary["generator"]["saturated"]


def test_more_users_than_files_are_refused(sandbox: SandboxProcess, tmp_path: Path) -> None:
    before = arrived(sandbox.url)
    ended = Running(tmp_path, sandbox.url, "{users: 200, duration: 1s}", preexec_fn=files(100, 250)).end()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: 200 users need {200 + OTHERS} open files, and a process may have 250 here: raise the limit (ulimit -n), "
        "or use fewer users or more processes\nNo load was sent.\n"
    )
    assert arrived(sandbox.url) == before


def test_a_limit_that_may_be_raised_is_raised(sandbox: SandboxProcess, tmp_path: Path) -> None:
    run = Running(
        tmp_path, sandbox.url, "{users: 200, iterations: 1}", "--quiet", think="0ms", preexec_fn=files(100, 400)
    )
    ended = run.end().check(0, "pass")
    assert ended.summary["journeys"][0]["completed"] == 200


def test_no_files_left_in_mid_run(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Each guest has a connection, and nobody knows beforehand how many there will be."""
    before = arrived(sandbox.url)
    run = Running(
        tmp_path, sandbox.url, "{rate: 100/s, duration: 2s}", "--quiet", think="300ms", preexec_fn=files(70, 70)
    )
    ended = run.end().check(4, "incomplete")
    all_of_one_kind(ended, own_faults.DESCRIPTORS)
    ended.count(arrived(sandbox.url) - before - 1)
    with (run.out / "load.csv").open() as file:
        marked = [int(row["second"]) for row in csv.DictReader(file) if row["saturated"] == "1"]
    assert marked
    assert set(marked) <= set(ended.summary["generator"]["saturated_seconds"])


def test_no_ports_left(tmp_path: Path) -> None:
    """Fifteen for thirty users, the sandbox that comes with the run beside them."""
    run = Running(tmp_path, "sandbox", "{users: 30, duration: 2s}", "--quiet", before=few_ports(30000, 30014))
    ended = run.end().check(4, "incomplete")
    all_of_one_kind(ended, own_faults.PORTS)
    assert ended.summary["requests"]["ok"] > 0


def test_no_memory_left(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Guests come and none goes; then no more memory is given."""
    before = arrived(sandbox.url)
    run = Running(tmp_path, sandbox.url, "{rate: 300/s, duration: 60s}", "--quiet", think="60s")
    run.seconds(1)
    pages = int(Path(f"/proc/{run.process.pid}/statm").read_text().split()[0])
    resource.prlimit(run.process.pid, resource.RLIMIT_AS, (pages * resource.getpagesize(),) * 2)
    ended = run.end().check(4, "incomplete")
    assert "Incomplete: this process ran out of memory" in ended.out
    assert ended.summary["duration_s"] < 60
    ended.count(arrived(sandbox.url) - before - 1)
