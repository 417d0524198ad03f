"""Nobody reads what a run prints: it goes on, its files are whole, and its exit code is that of its verdict."""

from __future__ import annotations

import fcntl
import os
import pty
import subprocess
import termios
from pathlib import Path

from harness.sandbox.process import SandboxProcess
from tests.faults.running import Running
from tests.watching import wait_for

SHORT = "{users: 2, iterations: 3}"


def test_a_reader_that_goes_away(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """``harness run … | head -1``"""
    run = Running(tmp_path, sandbox.url, SHORT)
    assert run.process.stdout is not None
    assert run.process.stdout.readline().startswith("faults → ")
    run.process.stdout.close()
    run.process.stdout = None
    run.end().check(0, "pass")
    assert (run.out / "report.html").exists()


def test_nowhere_to_print(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """A full disk behind standard output, and none at all."""
    runs = []
    for name, popen in (("full", {}), ("closed", {"preexec_fn": lambda: os.close(1)})):
        (tmp_path / name).mkdir()
        with Path("/dev/full").open("w") as full:
            runs.append(Running(tmp_path / name, sandbox.url, SHORT, stdout=full, **popen))
    for run in runs:
        run.end().check(0, "pass")


def test_a_terminal_that_is_closed(sandbox: SandboxProcess, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()

    def make_it_the_terminal() -> None:
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    run = Running(
        tmp_path, sandbox.url, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=make_it_the_terminal, environment={"TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    wait_for(lambda: b"elapsed" in os.read(ours, 65536) or b" left" in os.read(ours, 65536))
    os.close(ours)
    ended = run.end().check(130, "interrupted")
    assert ended.summary["requests"]["sent"] > 0
    assert (run.out / "report.html").exists()
