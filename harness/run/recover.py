"""The summary of a run that never came to its end (killed, machine lost), from what it had written until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.record import moments
from harness.record.series import SeriesRow
from harness.report import series_csv
from harness.report.load_over_time import achieved
from harness.report.read_summary import SummaryError, from_json
from harness.report.summary import RequestTotals, StepSummary, Summary
from harness.report.words import counted
from harness.run.run_files import BEGUN, RunDirError, read_summary, read_text, with_files

_MISSING = (
    "Not known: latencies over the whole run (those of each second are), the funnel, how many errors of each kind "
    "there were (the first of each are shown), thresholds, and what became of the orders."
)
_NOT_READ_BACK = "The run did not come to its end: the load was over, but what became of the orders was not read back."


def unfinished(path: Path) -> bool:
    """Whether a run began there and has not come to its end, or not yet. A report of such a run changes nothing of that."""
    if not (path / BEGUN).is_file():
        return False
    try:
        # It may have been killed between its summary and its very end.
        return not read_summary(path).generator.measured
    except RunDirError:
        return True


def recover(path: Path) -> Summary:
    """What can be said of such a run; its verdict is incomplete. Raises RunDirError."""
    begun = begun_of(path)
    if begun.requests.sent:
        return _loaded(path, begun)
    series, load = path / "series.csv", path / "load.csv"
    rows = series_csv.read(read_text(series)) if series.is_file() else ()
    seconds = moments.read(read_text(load)) if load.is_file() else ()
    duration = float(max(len(seconds), max((row.second for row in rows), default=-1) + 1))
    steps = tuple(_step(step, rows, duration) for step in begun.steps)
    busy = tuple(each.second for each in seconds if each.saturated)
    made = replace(
        begun,
        verdict="incomplete",
        troubles=(
            f"The run did not come to its end: this is what its files tell of the first {counted(int(duration), 'second')}.",
            _MISSING,
        ),
        duration_s=duration,
        requests=_totals(steps, duration),
        steps=steps,
        journeys=(),
        funnel=(),
        thresholds=(),
        generator=replace(
            begun.generator, saturated=bool(busy), saturated_s=len(busy), saturated_seconds=busy, measured=False
        ),
        load=begun.load and replace(begun.load, achieved=achieved(begun.model, seconds)),
        series=rows,
    )
    return with_files(path, replace(made, reasons=made.troubles))


def load_of(path: Path) -> Summary:
    """The summary of a load that was over when its run ended: all but what was to be read back. Raises RunDirError."""
    begun = begun_of(path)
    if not begun.requests.sent:
        raise RunDirError(
            f"{path} is of a run that was ended before its load was over: what it sent is not known in full"
        )
    series = path / "series.csv"
    rows = series_csv.read(read_text(series)) if series.is_file() else ()
    return with_files(path, replace(begun, series=rows))


def begun_of(path: Path) -> Summary:
    """What was known when a run began. Raises RunDirError."""
    try:
        return from_json(read_text(path / BEGUN))
    except SummaryError as error:
        raise RunDirError(f"{path / BEGUN} cannot be read: {error}") from None


def _loaded(path: Path, begun: Summary) -> Summary:
    """The load was over, and its outcome about to be read back."""
    return replace(
        load_of(path),
        verdict="incomplete",
        troubles=(*begun.troubles, _NOT_READ_BACK),
        reasons=(_NOT_READ_BACK, *begun.reasons),
        generator=replace(begun.generator, measured=False),
    )


def _step(step: StepSummary, rows: Sequence[SeriesRow], duration: float) -> StepSummary:
    mine = [row for row in rows if (row.journey, row.step) == (step.journey, step.step)]
    sent, ok, failed = (sum(getattr(row, name) for row in mine) for name in ("sent", "ok", "failed"))
    return replace(
        step,
        sent=sent,
        ok=ok,
        failed=failed,
        unfinished=sent - ok - failed,
        error_rate=failed / sent if sent else 0.0,
        rate=(ok + failed) / duration if duration else 0.0,
    )


def _totals(steps: Sequence[StepSummary], duration: float) -> RequestTotals:
    sent, ok, failed = (sum(getattr(step, name) for step in steps) for name in ("sent", "ok", "failed"))
    rate = (ok + failed) / duration if duration else 0.0
    return RequestTotals(sent, ok, failed, sent - ok - failed, rate, failed / sent if sent else 0.0, 0, 0)
