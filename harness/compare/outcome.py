"""What a comparison comes to: settings in, differences out, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from harness.compare.comparable import Obstacle
from harness.compare.metrics import MORE_IS_BETTER, Metric, Tolerances
from harness.compare.runs import FunnelFacts, Run
from harness.record.blocks import Sparse
from harness.record.figures import StepKey

Verdict = Literal["worse", "better", "same", "unsure", "unjudged"]
Method = Literal["seconds", "runs"]


class NotComparableError(Exception):
    """The runs are not to be compared. ``forcible``: whether the user may have it all the same."""

    def __init__(self, obstacles: list[Obstacle], *, forcible: bool) -> None:
        super().__init__("\n".join(map(str, obstacles)))
        self.obstacles = tuple(obstacles)
        self.forcible = forcible


@dataclass(frozen=True, slots=True)
class Settings:
    """How to judge. ``confidence`` is that of all intervals together.

    ``warm_up_s``: seconds left out at the start; None: those in which the ramps differ. ``run_noise``: standard
    deviation by which figures of two runs of the same system differ beyond what their seconds show, as a ratio;
    where a side has several runs, what they show is weighed against it.
    """

    confidence: float = 0.95
    tolerances: Tolerances = field(default_factory=Tolerances)
    warm_up_s: float | None = None
    run_noise: float = 0.01
    force: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of both sides. Values in ms, per second or shares; with several runs their mean (of ratios: geometric).

    ``change``, ``low`` and ``high``: the difference and its interval, as a ratio less 1 (0.12: 12 % more), for shares
    as a difference. ``verdict``: worse or better where the interval leaves 0 out; same where it lies within the
    tolerance; else unsure. Unjudged: there is no interval, and ``note`` says why.
    """

    metric: Metric
    base: float | None
    new: float | None
    change: float | None
    low: float | None
    high: float | None
    tolerance: float
    verdict: Verdict
    note: str = ""

    @property
    def regression(self) -> bool:
        """Worse beyond noise and by more than the tolerance."""
        return self.verdict == "worse" and self.change is not None and abs(self.change) > self.tolerance


def verdict(metric: Metric, low: float, high: float, tolerance: float) -> Verdict:
    """What an interval says of a metric."""
    if low <= 0 <= high:
        return "same" if max(-low, high) <= tolerance else "unsure"
    return "better" if (low > 0) == (metric.kind in MORE_IS_BETTER) else "worse"


@dataclass(frozen=True, slots=True)
class Distribution:
    """The latencies of one step in all runs of each side: buckets of ``harness.record.blocks`` and how much they hold."""

    key: StepKey
    base: Sparse
    new: Sparse


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """A step's guests, all runs of a side taken together."""

    base: FunnelFacts
    new: FunnelFacts


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, compared. ``warnings``: obstacles that the user went past, and what else to know.

    ``compared_s``: seconds of each run that count (0: whole runs). ``stretches``: into how many they were cut;
    ``ways``: in how many ways the runs can be dealt to the sides. Of the two, that of the method is not 0.
    """

    scenario: str
    base: tuple[Run, ...]
    new: tuple[Run, ...]
    method: Method
    settings: Settings
    differences: tuple[Difference, ...]
    distributions: tuple[Distribution, ...]
    funnel: tuple[FunnelRow, ...]
    warnings: tuple[str, ...] = ()
    compared_s: int = 0
    warm_up_s: int = 0
    saturated_s: int = 0
    stretches: int = 0
    ways: int = 0

    @property
    def regressions(self) -> tuple[Difference, ...]:
        """Those beyond noise and tolerance."""
        return tuple(each for each in self.differences if each.regression)

    def of(self, verdict: Verdict) -> tuple[Difference, ...]:
        """The differences with a verdict."""
        return tuple(each for each in self.differences if each.verdict == verdict)
