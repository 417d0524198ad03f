"""What is compared: metrics, their names as thresholds spell them, and tolerances for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.record.histogram import PERCENTILES

JUDGED_PERCENTILES: Mapping[str, float] = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
SHARES = frozenset({"error_rate", "completed"})
"""Metrics that are shares: their difference is told in percentage points, that of all others as a ratio."""
MORE_IS_BETTER = frozenset({"throughput", "completed"})
KINDS = ("throughput", "error_rate", *JUDGED_PERCENTILES, "completed")
SHOWN_KINDS = ("throughput", "error_rate", *PERCENTILES, "min", "mean", "max", "completed", "orders.missing")
"""Those that a history can show."""


class Metric(NamedTuple):
    """One figure: ``kind`` of a step of a journey, of a journey, or of the whole run (both names empty)."""

    kind: str
    journey: str = ""
    step: str = ""

    @property
    def is_share(self) -> bool:
        """Whether it lies between 0 and 1."""
        return self.kind in SHARES

    @property
    def text(self) -> str:
        """As thresholds spell it: ``purchase/checkout.p95``, ``purchase.completed``, ``throughput``."""
        subject = f"{self.journey}/{self.step}" if self.step and self.journey else self.step or self.journey
        return f"{subject}.{self.kind}" if subject else self.kind


class MetricError(ValueError):
    """The text names no metric; it says why."""


def parse(text: str, kinds: Sequence[str] = SHOWN_KINDS) -> Metric:
    """``p95``, ``checkout.p95``, ``purchase/checkout.p95`` or ``purchase.completed``. Raises MetricError."""
    text = text.strip()
    if text == "orders.missing" and text in kinds:
        return Metric(text)
    subject, _, kind = text.rpartition(".")
    if kind not in kinds:
        raise MetricError(f"'{text[:60]}' names no metric: it ends in one of {', '.join(kinds)}")
    journey, slash, step = subject.partition("/")
    if kind == "completed":
        if not subject or slash:
            raise MetricError(f"'{text[:60]}': completed is of a journey, for example purchase.completed")
        return Metric(kind, subject)
    return Metric(kind, journey, step) if slash else Metric(kind, "", subject)


_TOLERANCE = re.compile(r"(?:(?P<metric>.+)=)?\s*(?P<number>\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True)
class Tolerances:
    """How much worse a figure may get: a ratio (0.05), or percentage points for shares (0.005).

    ``of``: for metrics that have one of their own, by kind, by step or by journey and step.
    """

    ratio: float = 0.05
    points: float = 0.005
    of: Mapping[Metric, float] = field(default_factory=dict)

    def of_metric(self, metric: Metric) -> float:
        """That of a metric: the most specific there is."""
        for known in (metric, Metric(metric.kind, "", metric.step), Metric(metric.kind)):
            if known in self.of:
                return self.of[known]
        return self.points if metric.is_share else self.ratio


def tolerances(texts: Sequence[str]) -> Tolerances:
    """Those of the command line: ``5%`` for all ratios, ``checkout.p95=10%``, ``error_rate=0.1%`` (points).

    Raises MetricError.
    """
    ratio, points, of = Tolerances.ratio, Tolerances.points, {}
    for text in texts:
        match = _TOLERANCE.fullmatch(text.strip())
        if match is None:
            raise MetricError(f"'{text[:60]}' is no tolerance: write 5%, p95=10%, checkout.p95=10% or error_rate=0.1%")
        value = float(match["number"]) / 100
        if match["metric"] is None:
            ratio = value
        else:
            of[parse(match["metric"], KINDS)] = value
    return Tolerances(ratio, points, of)
