"""Progress on a terminal, in a pipe, unwanted, and unread."""

from __future__ import annotations

import io
import os
import re
import sys
import threading
from dataclasses import replace

import pytest
from rich.console import Console

from harness.record.figures import Figures, JourneyFigures
from harness.record.series import SeriesRow
from harness.record.snapshot import Snapshot
from harness.report.progress import Progress, clock
from harness.report.progress_steps import stage
from harness.scenario.loader import loads


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


STAGES = """\
scenario: stages
target: {system: http, url: "http://127.0.0.1:8080"}
journeys: {visit: {steps: [{request: /}]}}
load:
  model: open
  stages: [{ramp: 20/s, over: 10s}, {hold: 30s}, {spike: 90/s, over: 5s}, {hold: 5s}]
"""


def test_stages_are_told_apart() -> None:
    load = loads(STAGES).load
    assert [stage(load, at) for at in (0, 9.9, 10, 42, 47, 99)] == [
        "stage 1 of 4, ramp to 20/s",
        "stage 1 of 4, ramp to 20/s",
        "stage 2 of 4, hold 20/s",
        "stage 3 of 4, spike 90/s",
        "stage 4 of 4, hold 20/s",
        "stage 4 of 4, hold 20/s",
    ]
    assert stage(replace(load, stages=load.stages[:1]), 3) == ""


def _busy(second: int, steps: int) -> Snapshot:
    rows = tuple(SeriesRow(second, "visit", f"step {n}", 4, 3, 1, 1.0, 12.34, 20.0) for n in range(steps))
    figures = Figures(journeys={"visit": JourneyFigures(started=17)})
    return replace(at(float(second), failed=second), rows=rows, figures=figures, noun="guest", saturated=True, cpu=0.97)


def _last_block(width: int, height: int, steps: int) -> list[str]:
    """The last block on a terminal of that size, as lines."""
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, no_color=True, width=width, height=height, _environ={"TERM": "xterm"}
    )
    progress = Progress(console, quiet=False)
    progress.start("visit of all", loads(STAGES).load)
    for second in range(1, 13):
        progress.update(_busy(second, steps))
    text = out.getvalue()
    progress.stop()
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", text[text.rindex("visit of all") :]).splitlines()


def test_a_terminal_shows_stage_arrivals_steps_and_health() -> None:
    lines = _last_block(100, 30, 3)
    assert lines[1] == "stage 2 of 4, hold 20/s"
    assert "17 arrived/s, 50 guests under way" in lines[3]
    assert "12 errors" in lines[3]
    (step,) = (line for line in lines if "step 1" in line)
    assert step.split() == ["visit", "step", "1", "48", "12", "4", "12.3"]
    assert lines[-1] == "generator 97.0% of a core, SATURATED: figures may be its own"


@pytest.mark.parametrize(("width", "height"), [(40, 12), (60, 14), (80, 24), (200, 60)])
def test_the_block_never_outgrows_the_terminal_nor_cuts_a_figure(width: int, height: int) -> None:
    lines = _last_block(width, height, 100)
    assert len(lines) < height
    assert max(map(len, lines)) <= width
    assert lines[-1].startswith("generator 97.0%")
    if width >= 60:
        assert any(line.strip().startswith("and ") and line.endswith(" more") for line in lines)
        assert any(line.endswith("p95 12.3 ms") for line in lines)


def test_a_log_tells_stage_and_saturation() -> None:
    out = io.StringIO()
    progress = Progress(Console(file=out), quiet=False)
    progress.start("visit", loads(STAGES).load)
    progress.update(_busy(6, 2))
    assert "stage 1 of 4, ramp to 20/s" in out.getvalue()
    assert out.getvalue().rstrip().endswith("generator saturated")


def test_an_ascii_terminal_gets_ascii() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    progress = Progress(Console(file=file, force_terminal=True, width=80, _environ={"TERM": "xterm"}), quiet=False)
    _run(progress, 3)
    assert b"####" in raw.getvalue()


def test_clock() -> None:
    assert [clock(s) for s in (-1, 0, 7.4, 750, 3723)] == ["0:00", "0:00", "0:07", "12:30", "1:02:03"]
