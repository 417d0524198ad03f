"""How latencies are spread: the duration that so many per cent of all replies did not exceed."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.histogram import Histogram

PERCENTS = (0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 99.9999)


@dataclass(frozen=True, slots=True)
class DistributionPoint:
    """``percent`` of all replies took no longer than ``latency`` (ms) from sending, ``corrected`` from being due."""

    percent: float
    latency: float
    corrected: float


def points(latency: Histogram, corrected: Histogram) -> tuple[DistributionPoint, ...]:
    """The distribution as far as there are replies enough to tell, and the longest of all."""
    count = latency.count
    if not count:
        return ()
    known = [float(percent) for percent in PERCENTS if percent == 0 or (100 - percent) / 100 * count >= 1]
    spent, due = latency.percentiles(known), corrected.percentiles(known)
    made = [DistributionPoint(p, s / 1000, d / 1000) for p, s, d in zip(known, spent, due, strict=True)]
    return (*made, DistributionPoint(100.0, latency.max / 1000, corrected.max / 1000))
