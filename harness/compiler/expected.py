"""What is expected of a run, as frozen values."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected number. ``spread``: standard deviation from run to run; ``error``: of the simulation itself."""

    mean: float
    spread: float = 0.0
    error: float = 0.0

    @property
    def margin(self) -> float:
        """Nineteen of twenty runs come so close: two standard deviations of run and simulation together."""
        return 2 * math.hypot(self.spread, self.error)


@dataclass(frozen=True, slots=True)
class StepEstimate:
    """A step. ``per_guest`` and ``reach`` (share) count guests of its journey; ``rates`` (1/s) belong to the points.

    None, here as elsewhere: it depends on the target alone.
    """

    journey: str
    step: str
    type: str
    per_guest: Expected
    reach: float
    total: Expected | None
    peak: float | None
    rates: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class JourneyEstimate:
    """A journey. ``completed`` and ``left`` are shares of its guests; durations (s) are of completed ones."""

    name: str
    guests: Expected | None
    completed: float
    left: float
    mean_s: float | None
    p95_s: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of the run from ``at``, ``width`` long (s). ``level``: of the load; ``under_way``: guests at once."""

    at: float
    width: float
    level: float
    guests: float
    requests: float
    under_way: float


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole run. ``revenue`` in the currency's unit; ``peak_rate`` in 1/s; ``size`` in bytes sent."""

    requests: Expected
    guests: Expected
    orders: Expected
    revenue: Expected
    size: int
    peak_rate: float | None
    peak_guests: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would do. ``simulated``: guests a journey; the figures of one guest are in ``per_guest``."""

    latency_s: float
    simulated: int
    duration_s: float
    steps: tuple[StepEstimate, ...]
    journeys: tuple[JourneyEstimate, ...]
    totals: Totals | None
    points: tuple[Point, ...]
    requests_per_guest: float
    orders_per_guest: float
    revenue_per_guest: float
    assumptions: tuple[str, ...]

    def workers(self, per_worker: float) -> int | None:
        """Worker processes for the peak, each good for so many requests per second."""
        peak = self.totals.peak_rate if self.totals else None
        return None if peak is None else max(1, math.ceil(round(peak / per_worker, 6)))
