"""What a progress display says of stages and steps."""

from __future__ import annotations

from collections.abc import Iterable

from harness.record.series import SeriesRow
from harness.report import words
from harness.report.tables import Column, Row, Table, named
from harness.scenario.model import OPEN, Load

_COLUMNS = (
    named("journey", "journey"),
    named("step", "step"),
    Column("sent", "sent"),
    Column("failed", "failed"),
    Column("rate", "now", "1/s"),
    Column("p95", "p95 now", "ms"),
)


class StepsSoFar:
    """Adds up rows of the series: requests since the start, rate and p95 of the last second."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], tuple[int, int, SeriesRow]] = {}

    def add(self, rows: Iterable[SeriesRow]) -> None:
        """A second more."""
        for row in rows:
            sent, failed, _ = self._sums.get((row.journey, row.step), (0, 0, row))
            self._sums[row.journey, row.step] = (sent + row.sent, failed + row.failed, row)

    def table(self, most: int) -> tuple[Table, int]:
        """The first ``most`` steps, and how many more there are."""
        made = [
            Row(
                (
                    words.clean(journey),
                    words.clean(step),
                    words.count(sent),
                    words.count(failed),
                    words.count(last.ok + last.failed),
                    words.figure(last.p95),
                ),
                frozenset({"failed"}) if failed else frozenset(),
            )
            for (journey, step), (sent, failed, last) in self._sums.items()
        ]
        return Table(_COLUMNS, tuple(made[:most])), max(len(made) - most, 0)


def stage(load: Load, elapsed_s: float) -> str:
    """The stage of a load in words: ``stage 2 of 3, hold 20/s``; empty where there are no stages to tell apart."""
    if len(load.stages) < 2:
        return ""
    begin, level = 0.0, 0.0
    for number, each in enumerate(load.stages, 1):
        wanted = level if each.level is None else each.level
        if elapsed_s < begin + each.over or number == len(load.stages):
            what = f"{wanted:g}/s" if load.model == OPEN else words.counted(round(wanted), "user")
            to = " to" if each.kind == "ramp" else ""
            return f"stage {number} of {len(load.stages)}, {each.kind}{to} {what}"
        begin += each.over
        level = level if each.kind == "spike" else wanted
    return ""
