"""Progress on a terminal, in a pipe, unwanted, and unread."""

from __future__ import annotations

import io
import os
import sys
import threading

import pytest
from rich.console import Console

from harness.record.snapshot import Snapshot
from harness.report.progress import Progress, clock


def at(second: float, left: float | None = 10.0, failed: int = 0) -> Snapshot:
    return Snapshot(second, left, 50, int(second * 160), failed, 160.4, failed / 160, 12.34)


def _run(progress: Progress, seconds: int, title: str = "purchase [bold]") -> None:
    progress.start(title)
    for second in range(1, seconds + 1):
        progress.update(at(float(second), float(seconds - second)))
    progress.stop()
    progress.stop()


def test_a_pipe_gets_a_line_every_five_seconds() -> None:
    out = io.StringIO()
    _run(Progress(Console(file=out), quiet=False), 12)
    lines = out.getvalue().splitlines()
    assert lines[0] == "purchase [bold]"
    assert lines[1:] == [
        "   0:05  0:07 left  50 users  800 requests  160/s  0 errors  p95 12.3 ms",
        "   0:10  0:02 left  50 users  1,600 requests  160/s  0 errors  p95 12.3 ms",
    ]


def test_lines_keep_to_the_clock_when_snapshots_come_late() -> None:
    out = io.StringIO()
    progress = Progress(Console(file=out), quiet=False)
    progress.start("late")
    for second in (4.9, 7.2, 9.9, 23.0, 24.0):
        progress.update(at(second, None, failed=3))
    assert [line.split()[0] for line in out.getvalue().splitlines()[1:]] == ["0:07", "0:23"]
    assert "left" not in out.getvalue()
    assert "3 errors (now 1.88%)" in out.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_says_nothing(terminal: bool) -> None:
    out = io.StringIO()
    _run(Progress(Console(file=out, force_terminal=terminal), quiet=True), 12)
    assert out.getvalue() == ""


def test_a_terminal_gets_one_block_and_its_cursor_back() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    before = threading.active_count()
    progress = Progress(console, quiet=False)
    progress.start("purchase [bold]")
    for second in range(1, 70):
        progress.update(at(float(second), 70.0 - second, failed=7))
        assert threading.active_count() == before
    progress.stop()
    text = out.getvalue()
    assert "purchase [bold]" in text
    assert "1:09 of 1:10, 0:01 left" in text
    assert "last 60 s" in text
    assert "7 errors" in text
    assert text.index("\x1b[?25l") < text.index("\x1b[?25h")
    assert sys.stdout is not console.file


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_block_fits_any_width_and_any_moment(width: int) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=width, _environ={"TERM": "xterm"})
    progress = Progress(console, quiet=False)
    progress.start("x" * 300)
    for snapshot in (Snapshot(0.0, 0.0, 0, 0, 0, 0.0, 0.0, None), at(90.0, None), at(100.0, -3.0), at(1e6)):
        progress.update(snapshot)
    progress.stop()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_reader_that_goes_away_ends_the_display_not_the_run(terminal: bool) -> None:
    reading, writing = os.pipe()
    stdout_before = os.fstat(sys.__stdout__.fileno()) if sys.__stdout__ else None
    # Unbuffered, so that nothing is left to be flushed to nobody when the file is closed.
    file = io.TextIOWrapper(io.FileIO(writing, "w"), encoding="utf-8", write_through=True)
    console = Console(file=file, force_terminal=terminal, _environ={"TERM": "xterm"})
    progress = Progress(console, quiet=False)
    progress.start("purchase")
    progress.update(at(5.0))
    os.close(reading)
    for second in range(10, 40, 5):
        progress.update(at(float(second)))
    progress.stop()
    file.close()
    if stdout_before and sys.__stdout__:
        assert os.fstat(sys.__stdout__.fileno()).st_ino == stdout_before.st_ino


@pytest.mark.parametrize("terminal", [True, False])
def test_a_closed_file_is_silence(terminal: bool) -> None:
    file = io.StringIO()
    progress = Progress(Console(file=file, force_terminal=terminal, _environ={"TERM": "xterm"}), quiet=False)
    progress.start("purchase")
    file.close()
    progress.update(at(5.0))
    progress.update(at(10.0))
    progress.stop()


def test_somebody_elses_exit_goes_its_way() -> None:
    class Leaving(io.StringIO):
        def write(self, text: str) -> int:
            raise SystemExit(3)

    progress = Progress(Console(file=Leaving()), quiet=False)
    with pytest.raises(SystemExit):
        progress.start("purchase")


def test_an_ascii_terminal_gets_ascii() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    progress = Progress(Console(file=file, force_terminal=True, width=80, _environ={"TERM": "xterm"}), quiet=False)
    _run(progress, 3)
    assert b"####" in raw.getvalue()


def test_clock() -> None:
    assert [clock(s) for s in (-1, 0, 7.4, 750, 3723)] == ["0:00", "0:00", "0:07", "12:30", "1:02:03"]
