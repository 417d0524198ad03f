"""The per-second view of a run: one row a second and step."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.figures import Figures


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One step in one second. ``second`` counts from the start of the load; percentiles in ms, None if no reply came.

    Replies are counted in the second in which they came, requests in the one in which they were sent.
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


def rows(second: int, figures: Figures) -> list[SeriesRow]:
    """The rows of one second; a step that did nothing has a row of noughts."""
    made = []
    for key, step in figures.steps.items():
        p50, p95, p99 = (v / 1000 for v in step.latency.percentiles((50.0, 95.0, 99.0)))
        timed = step.latency.count > 0
        made.append(
            SeriesRow(
                second,
                key.journey,
                key.step,
                step.sent,
                step.ok,
                step.failed,
                p50 if timed else None,
                p95 if timed else None,
                p99 if timed else None,
            )
        )
    return made
