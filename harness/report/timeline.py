"""The run second by second, all steps taken together, and thinned so that it can be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.record.series import SeriesRow

_PERCENTILES = ("p50", "p95", "p99", "corrected_p50", "corrected_p95", "corrected_p99")


@dataclass(frozen=True, slots=True)
class Second:
    """One second of the run. Percentiles (ms) are those of the slowest step; None if no reply came."""

    second: int
    ok: int = 0
    failed: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    corrected_p50: float | None = None
    corrected_p95: float | None = None
    corrected_p99: float | None = None

    @property
    def replies(self) -> int:
        """Requests that ended in this second."""
        return self.ok + self.failed


def seconds(rows: Iterable[SeriesRow]) -> tuple[Second, ...]:
    """Every second from the start to the last row's; one without rows is a second in which nothing happened."""
    by_second: dict[int, list[SeriesRow]] = {}
    for row in rows:
        by_second.setdefault(max(row.second, 0), []).append(row)
    if not by_second:
        return ()
    return tuple(_together(second, by_second.get(second, [])) for second in range(max(by_second) + 1))


def _together(second: int, rows: list[SeriesRow]) -> Second:
    return Second(
        second,
        sum(row.ok for row in rows),
        sum(row.failed for row in rows),
        *(_slowest(getattr(row, name) for row in rows) for name in _PERCENTILES),
    )


def _slowest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def thin(points: Sequence[Second], limit: int, *measures: Callable[[Second], float | None]) -> tuple[Second, ...]:
    """At most about ``limit`` of ``points``, with every peak and trough of each of ``measures`` kept.

    Out of each stretch of time come the seconds that are highest or lowest in one of the measures. Real seconds,
    no averages: a spike of one second in an hour is still a spike. A stretch without any measure keeps its
    first second, so that a gap stays a gap.
    """
    if len(points) <= limit:
        return tuple(points)
    stretches = max(limit // (2 * len(measures)), 1)
    kept = [points[0]]
    for index in range(stretches):
        stretch = points[index * len(points) // stretches : (index + 1) * len(points) // stretches]
        chosen = {stretch[0].second: stretch[0]} if all(m(s) is None for m in measures for s in stretch) else {}
        for measure in measures:
            known = [(value, second) for second in stretch if (value := measure(second)) is not None]
            if known:
                for extreme in (min, max):
                    found = extreme(known, key=lambda pair: pair[0])[1]
                    chosen[found.second] = found
        kept.extend(chosen[second] for second in sorted(chosen) if second != points[0].second)
    if kept[-1] is not points[-1]:
        kept.append(points[-1])
    return tuple(kept)
