"""Thresholds judged: what was measured, and whether it held."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

from harness.record.figures import Figures, StepFigures
from harness.record.histogram import PERCENTILES
from harness.report.outcome_summary import OrdersVerified, VerificationSummary
from harness.report.summary import ThresholdResult
from harness.scenario.model import Threshold

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


def judge(
    thresholds: Sequence[Threshold],
    figures: Figures,
    duration_s: float,
    outcome: OrdersVerified | None,
    saturated_s: int,
) -> tuple[ThresholdResult, ...]:
    """Each threshold with its value (ms, share, 1/s or count). What could not be measured did not hold.

    ``saturated_s``: seconds in which the generator was.
    """
    results = []
    for threshold in thresholds:
        value = measure(threshold, figures, duration_s, outcome, saturated_s)
        held = value is not None and holds(threshold, value)
        results.append(ThresholdResult(threshold.text, value, held))
    return tuple(results)


def holds(threshold: Threshold, value: float) -> bool:
    """Whether a value is on the right side of a threshold."""
    return _OPERATORS[threshold.op](value, threshold.value)


def measure_second(threshold: Threshold, figures: Figures, saturated: bool) -> float | None:
    """What a threshold's metric was in one second; None when there was nothing to measure.

    Replies belong to requests of earlier seconds, so errors are a share of the replies.
    """
    if threshold.metric != "error_rate":
        return measure(threshold, figures, 1.0, None, int(saturated))
    step = _steps(threshold, figures)
    answered = step.ok + step.failed
    return step.failed / answered if answered else None


def measure(
    threshold: Threshold, figures: Figures, duration_s: float, outcome: OrdersVerified | None, saturated_s: int
) -> float | None:
    """What a threshold's metric is (ms, share, 1/s or count); None when there was nothing to measure."""
    if threshold.metric == "generator.saturated":
        return float(saturated_s)
    if threshold.metric == "orders.missing":
        return None if outcome is None else float(outcome.missing_count)
    if threshold.metric in ("completed", "failed"):
        return _of_journey(threshold, figures)
    step = _steps(threshold, figures)
    if threshold.metric == "error_rate":
        return step.failed / step.sent if step.sent else None
    if threshold.metric == "throughput":
        return step.ok / duration_s if duration_s > 0 else None
    if not step.latency.count:
        return None
    return step.latency.percentiles((PERCENTILES[threshold.metric],))[0] / 1000


def _of_journey(threshold: Threshold, figures: Figures) -> float | None:
    """How many guests completed the journey or were lost: of those who got so far in either way."""
    journey = figures.journeys.get(threshold.journey or "")
    if journey is None:
        return None
    count = journey.completed if threshold.metric == "completed" else journey.failed
    if threshold.unit == "count":
        return float(count)
    ended = journey.completed + journey.failed
    return count / ended if ended else None


def _steps(threshold: Threshold, figures: Figures) -> StepFigures:
    """The figures of the steps that a threshold speaks of."""
    whole = StepFigures()
    for key, step in figures.steps.items():
        if threshold.journey in (None, key.journey) and threshold.step in (None, key.step):
            whole.merge(step)
    return whole


def judge_orders(
    results: Sequence[ThresholdResult], thresholds: Sequence[Threshold], verification: VerificationSummary | None
) -> tuple[ThresholdResult, ...]:
    """Earlier results, with those of orders judged anew."""
    known = {threshold.text: threshold for threshold in thresholds if threshold.metric == "orders.missing"}
    orders = None if verification is None else verification.orders
    judged = []
    for result in results:
        threshold = known.get(result.text)
        if threshold is None:
            judged.append(result)
            continue
        value = None if orders is None else float(orders.missing_count)
        held = value is not None and holds(threshold, value)
        judged.append(ThresholdResult(result.text, value, held))
    return tuple(judged)
