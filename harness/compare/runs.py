"""A finished run, as far as it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from harness.record.blocks import Blocks
from harness.record.figures import StepKey


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One step over the whole run. ``rate``: answered requests per second; ``latency``: name (p95) to ms."""

    type: str
    sent: int
    failed: int
    rate: float
    error_rate: float
    latency: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class JourneyFacts:
    """The guests of one journey over the whole run."""

    completed: int
    failed: int

    @property
    def share(self) -> float | None:
        """Of those that completed it or were lost: how many completed it."""
        ended = self.completed + self.failed
        return self.completed / ended if ended else None


@dataclass(frozen=True, slots=True)
class FunnelFacts:
    """What became of the guests that entered a step."""

    journey: str
    step: str
    entered: int
    went_on: int
    left_by_design: int
    lost_to_errors: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its directory tells of it. Times in ms, rates per second, shares between 0 and 1.

    ``level``: most users, or guests per second (``model``: closed or open). ``sections``: the parts of the scenario
    that decide what is sent, as text; empty where the file is not there. ``loop_lag_p99`` is the generator's.
    ``planned_s``: how long the load was to last, None where it was to last as long as it takes; guests of an open load
    who are under way at its end make ``duration_s`` longer. ``blocks``: None where the directory has none, and
    ``no_blocks`` says why. ``orders_missing``: None where nobody looked.
    """

    name: str
    scenario: str
    target: str
    verdict: str
    started: datetime
    duration_s: float
    planned_s: float | None
    seed: int
    run_id: str
    model: str
    level: float
    version: str
    sent: int
    rate: float
    error_rate: float
    latency: Mapping[str, float]
    steps: Mapping[StepKey, StepFacts]
    journeys: Mapping[str, JourneyFacts]
    funnel: tuple[FunnelFacts, ...]
    orders_missing: int | None
    saturated_seconds: tuple[int, ...]
    saturated_s: int
    loop_lag_p99: float
    sections: Mapping[str, str]
    blocks: Blocks | None
    no_blocks: str = ""
