"""The per-second view of a run: one row a second and step."""

from __future__ import annotations

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
