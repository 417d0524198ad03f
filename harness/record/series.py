"""The per-second view of a run: one row a second and step."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.record.figures import Figures
from harness.record.histogram import Histogram


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One step in one second. ``second`` counts from the start of the load; percentiles in ms, None if no reply came.

    Replies are counted in the second in which they came, requests in the one in which they were sent. The corrected
    percentiles are measured from when requests were due; series of the first versions do not have them.
    """

    second: int
    journey: str
    step: str
    sent: int
    ok: int
    failed: int
    p50: float | None
    p95: float | None
    p99: float | None
    corrected_p50: float | None = None
    corrected_p95: float | None = None
    corrected_p99: float | None = None


def rows(second: int, figures: Figures) -> list[SeriesRow]:
    """The rows of one second; a step that did nothing has a row of noughts."""
    made = []
    for key, step in figures.steps.items():
        counts = (step.sent, step.ok, step.failed)
        made.append(SeriesRow(second, *key, *counts, *_spent(step.latency), *_spent(step.corrected)))
    return made


def _spent(histogram: Histogram) -> tuple[float | None, float | None, float | None]:
    """p50, p95 and p99 in ms."""
    if not histogram.count:
        return None, None, None
    p50, p95, p99 = histogram.percentiles((50.0, 95.0, 99.0))
    return p50 / 1000, p95 / 1000, p99 / 1000


class Series:
    """The rows of a load so far, in their order. A row takes 88 bytes, where as an object it takes five times as much."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, str], int] = {}
        self._counts = array("q")
        self._spent = array("d")

    def __iter__(self) -> Iterator[SeriesRow]:
        steps = tuple(self._steps)
        for number in range(len(self._counts) // 5):
            second, step, *counts = self._counts[5 * number : 5 * number + 5]
            spent = (None if math.isnan(ms) else ms for ms in self._spent[6 * number : 6 * number + 6])
            yield SeriesRow(second, *steps[step], *counts, *spent)

    def add(self, rows: Iterable[SeriesRow]) -> None:
        """Add rows at the end."""
        for row in rows:
            step = self._steps.setdefault((row.journey, row.step), len(self._steps))
            self._counts.extend((row.second, step, row.sent, row.ok, row.failed))
            spent = (row.p50, row.p95, row.p99, row.corrected_p50, row.corrected_p95, row.corrected_p99)
            self._spent.extend(math.nan if ms is None else ms for ms in spent)
