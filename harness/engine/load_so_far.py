"""A load since its start, added up: what a progress display, and in the end the report, are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.engine.beat import Beat
from harness.engine.listener import LoadResult
from harness.engine.senders import Rest
from harness.record.histogram import Histogram
from harness.record.series import rows
from harness.record.snapshot import Snapshot, SoFar


class LoadSoFar:
    """``saturated``: the seconds in which the generator was the bottleneck, counted from the start."""

    def __init__(self) -> None:
        self.saturated: list[int] = []
        self._total = Beat()

    def add(self, beat: Beat) -> None:
        """What came in another stretch."""
        self._total.merge(replace(beat, samples=[]))

    @property
    def started(self) -> int:
        """Guests that have set out."""
        return sum(journey.started for journey in self._total.figures.journeys.values())

    @property
    def under_way(self) -> int:
        """Guests that have set out and not come to an end."""
        return sum(journey.unfinished for journey in self._total.figures.journeys.values())

    def snapshot(
        self,
        second: int,
        beat: Beat,
        *,
        elapsed_s: float,
        remaining_s: float | None,
        users: int | None,
        others: int,
        workers: int,
        workers_lost: int,
    ) -> Snapshot:
        """The load at this moment. ``beat``: the last ``second``, already added. ``users`` None: an open load has none."""
        figures, total = beat.figures, self._total
        now = figures.total()
        answered = now.ok + now.failed
        steps = total.figures.steps.values()
        return Snapshot(
            elapsed_s=elapsed_s,
            remaining_s=remaining_s,
            users=self.under_way if users is None else users,
            noun="guest" if users is None else "user",
            others=others,
            sent=sum(step.sent for step in steps),
            failed=sum(step.failed for step in steps),
            rate=float(answered),
            error_rate=now.failed / answered if answered else 0.0,
            p95=now.latency.percentiles((95.0,))[0] / 1000 if now.latency.count else None,
            rows=tuple(rows(second, figures)),
            figures=figures,
            saturated=beat.saturated,
            cpu=beat.cpu,
            guests=dict(total.guests),
            so_far=SoFar(
                figures=total.figures,
                cpu=total.cpu,
                loop_lag_p99_ms=_p99_ms(total.lag),
                lateness_p99_ms=_p99_ms(total.lateness),
                saturated_s=len(self.saturated),
                gc_longest_ms=total.gc_longest_ms,
                workers=workers,
                workers_lost=workers_lost,
            ),
        )

    def result(
        self, rest: Rest, *, started: float, lasted_s: float, users: int, interrupted: bool, troubles: Sequence[str]
    ) -> LoadResult:
        """The load that is over; ``rest.last`` has been added. ``started``: s since the epoch."""
        total = self._total
        return LoadResult(
            figures=total.figures,
            books=rest.books,
            started=started,
            duration_s=lasted_s,
            users=users,
            interrupted=interrupted,
            cpu=total.cpu if rest.cpu is None else rest.cpu,
            loop_lag_p99_ms=_p99_ms(total.lag),
            lateness_p99_ms=_p99_ms(total.lateness),
            saturated_seconds=tuple(self.saturated),
            gc_longest_ms=total.gc_longest_ms,
            internal_errors=total.internal_errors,
            last_rows=tuple(rows(int(lasted_s), rest.last.figures)),
            workers=rest.workers,
            workers_lost=rest.workers_lost,
            unknown=rest.unknown,
            clock_offset_ms=rest.clock_offset_ms,
            troubles=(*troubles, *rest.troubles, *(() if interrupted else self._never_came(rest.planned))),
        )

    def _never_came(self, planned: int | None) -> tuple[str, ...]:
        """A sentence when an open load had fewer guests than planned, because workers were silent."""
        came = sum(journey.started + journey.dropped for journey in self._total.figures.journeys.values())
        if planned is None or came >= planned:
            return ()
        return (
            f"{planned - came:,} of {planned:,} guests never came: they were due while the worker who was to let them in "
            "was not heard of, and before others took over.",
        )


def _p99_ms(spent: Histogram) -> float:
    return spent.percentiles((99.0,))[0] / 1000
