"""The circuit breaker: looks at each second of a load, and says when it has to end early."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.record.figures import Figures
from harness.report.summary import StoppedSummary
from harness.report.thresholds import holds, measure, measure_second
from harness.scenario.model import StopRule, Threshold

STEADY_S = 10
"""A threshold of a share or a latency, which may recover, has not held for so many seconds before ``--stop-on-fail``
ends the load."""
_GROWING = ("completed", "failed", "generator.saturated")
"""Metrics that, as counts, only ever grow."""


@dataclass(slots=True)
class _Watch:
    """``true``: what ends the load, in each of so many ``seconds``; ``streak``: in how many it was so far."""

    threshold: Threshold
    seconds: int
    value: Callable[[], float | None]
    true: Callable[[float], bool]
    by: str
    streak: int = 0
    last: float | None = None

    def second(self) -> bool:
        """Look at another second; whether that is enough. A second in which nothing was measured goes on as the last."""
        value = self.value()
        if value is not None:
            self.last = value
            self.streak = self.streak + 1 if self.true(value) else 0
        elif self.streak:
            self.streak += 1
        return self.streak >= self.seconds


class Breaker:
    """One load's. ``fail``: thresholds that end the load when they do not hold."""

    def __init__(self, rules: Sequence[StopRule], fail: Sequence[Threshold] = ()) -> None:
        self._now = Figures()
        self._saturated = False
        self._total = Figures()
        self._saturated_s = 0
        self._seconds = 0
        self._watches = [self._rule(rule) for rule in rules]
        self._adds_up = bool(fail)
        self._watches += [self._failing(each) for each in fail if _may_fail_early(each)]

    def second(self, figures: Figures, saturated: bool) -> StoppedSummary | None:
        """Another second of the load is over; why that has to end, if it has."""
        self._seconds += 1
        self._now, self._saturated = figures, saturated
        self._saturated_s += saturated
        if self._adds_up:
            self._total.merge(figures)
        # Each looks at each second, so no list that stops at the first.
        enough = [watch for watch in self._watches if watch.second()]
        if not enough:
            return None
        watch = enough[0]
        return StoppedSummary(
            condition=watch.threshold.text,
            by=watch.by,
            seconds=watch.seconds,
            after_s=float(self._seconds),
            value=watch.last,
        )

    def _rule(self, rule: StopRule) -> _Watch:
        condition = rule.condition
        return _Watch(
            condition,
            rule.seconds,
            lambda: measure_second(condition, self._now, self._saturated),
            lambda value: holds(condition, value),
            "stop_when",
        )

    def _failing(self, threshold: Threshold) -> _Watch:
        final = threshold.unit == "count" or (threshold.op == "==" and threshold.value == 0)
        return _Watch(
            threshold,
            1 if final else STEADY_S,
            lambda: measure(threshold, self._total, float(self._seconds), None, self._saturated_s),
            lambda value: value > threshold.value if threshold.op == "==" else not holds(threshold, value),
            "stop_on_fail",
        )


def _may_fail_early(threshold: Threshold) -> bool:
    """Whether it says anything before the end: not what begins at nothing and has to grow."""
    if threshold.metric in ("orders.missing", "throughput"):
        return False
    grows = threshold.unit == "count" and threshold.metric in _GROWING
    return not (grows and threshold.op in (">", ">="))
