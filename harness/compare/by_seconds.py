"""Metrics judged by the seconds within runs (``seconds``), and by what runs are known or seen to differ beside."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.compare import seconds
from harness.compare.metrics import JUDGED_PERCENTILES, Metric
from harness.compare.outcome import Settings
from harness.compare.seconds import Interval, Judged, Quantiles, Reals
from harness.compare.sides import Measured, counts, latencies, pooled, quantile
from harness.compare.stretches import Kept
from harness.compare.student import two_sided
from harness.record.blocks import Sparse
from harness.record.figures import StepKey

FEWEST_BEYOND = 20
"""Requests a side that must lie on either side of a percentile for it to be judged."""
PRIOR_RUNS = 30
"""Degrees of freedom that the assumed difference between runs is worth."""
RESOLUTION = 0.002
"""No ratio is known better: buckets are 0.8 % wide."""


@dataclass(frozen=True, slots=True)
class Side:
    """The runs of a side and, in the same order, the parts that count."""

    runs: Sequence[Measured]
    parts: Sequence[Kept]

    def counts(self, metric: Metric) -> tuple[Reals, Reals]:
        """Those of all runs together, a stretch each."""
        each = [counts(part, metric) for part in self.parts]
        some: Reals = np.sum([one for one, _ in each], axis=0)
        of: Reals = np.sum([all_of for _, all_of in each], axis=0)
        return some, of

    def latencies(self, key: StepKey) -> list[list[Sparse]]:
        """The histograms of all runs together, a stretch each."""
        each = [latencies(part, key) for part in self.parts]
        return [[histogram for run in stretch for histogram in run] for stretch in zip(*each, strict=True)]

    def value(self, metric: Metric) -> float | None:
        """A metric of all runs taken together, as the intervals are about it."""
        if len(self.runs) == 1:
            return self.runs[0].value(metric)
        p = JUDGED_PERCENTILES.get(metric.kind)
        if p is not None:
            stretches = self.latencies(StepKey(metric.journey, metric.step))
            return quantile(pooled([histogram for stretch in stretches for histogram in stretch]), p)
        some, of = (float(each.sum()) for each in self.counts(metric))
        if metric.kind == "throughput":
            return of / sum(part.seconds for part in self.parts)
        return some / of if of else None


def judge(base: Side, new: Side, metrics: Sequence[Metric], settings: Settings) -> dict[Metric, Interval | str]:
    """For each metric its interval, as natural logarithms or shares, or why there is none."""
    found: dict[Metric, Interval | str] = {}
    counted: dict[Metric, Judged] = {}
    quantiles: dict[Metric, Quantiles] = {}
    for key in dict.fromkeys((m.journey, m.step) for m in metrics):
        _collect(key, base, new, [m for m in metrics if (m.journey, m.step) == key], counted, quantiles, found)
    judged = [*counted, *quantiles]
    if not judged:
        return found
    share = (1 - settings.confidence) / len(judged)
    parts = {metric: each.parts for metric, each in counted.items()}
    parts |= {metric: _unshifted(each) for metric, each in quantiles.items()}
    widened = _by_kind(parts)
    apart = _between_runs(base, new, judged, settings, share)
    for metric, of_counts in counted.items():
        half = replace(of_counts, widened=widened[metric.kind]).half_width(share)
        found[metric] = _wider(Interval(0.0, -half, half), apart[metric.kind], metric)
    for metric, of_quantile in quantiles.items():
        interval = of_quantile.interval(widened[metric.kind], share)
        found[metric] = _wider(interval, apart[metric.kind], metric)
    return found


def _collect(
    key: tuple[str, str],
    base: Side,
    new: Side,
    metrics: Sequence[Metric],
    counted: dict[Metric, Judged],
    quantiles: dict[Metric, Quantiles],
    found: dict[Metric, Interval | str],
) -> None:
    """Sort the metrics of one step (or journey, or the run) into those that can be judged, and why not."""
    cumulated: tuple[Reals, Reals] | None = None
    for metric in metrics:
        p = JUDGED_PERCENTILES.get(metric.kind)
        if p is None:
            sides = base.counts(metric), new.counts(metric)
            if not all(of.sum() for _, of in sides):
                found[metric] = "nothing was counted"
            elif metric.is_share:
                fewest = float(min(of.sum() for _, of in sides))
                floor = seconds.share_floor(*sides)
                counted[metric] = Judged(seconds.share_parts(*sides), floor=floor, fewest=fewest)
            else:
                counted[metric] = Judged(seconds.rate_parts(sides[0][1], sides[1][1]))
            continue
        if cumulated is None:
            name = StepKey(*key)
            cumulated = (seconds.cumulated(base.latencies(name)), seconds.cumulated(new.latencies(name)))
        fewest = int(min(side[:, -1].sum() for side in cumulated))
        needed = math.ceil(FEWEST_BEYOND / min(p, 1 - p) - 1e-9)
        if fewest < needed:
            found[metric] = f"{fewest:,} of {needed:,} replies"
        else:
            quantiles[metric] = Quantiles(*cumulated, p)


def _unshifted(quantiles: Quantiles) -> Reals:
    """The parts at the shift at which the sides agree best."""
    shift = np.array([round(quantiles.middle() / seconds.GRID)], np.int64)
    column: Reals = quantiles.parts(shift)[:, 0]
    return column


def _by_kind(parts: Mapping[Metric, Reals]) -> dict[str, float]:
    """The widening of each kind of metric."""
    kinds: dict[str, list[Reals]] = defaultdict(list)
    for metric, each in parts.items():
        kinds[metric.kind].append(each)
    return {kind: seconds.widening(each) for kind, each in kinds.items()}


def _between_runs(
    base: Side, new: Side, metrics: Sequence[Metric], settings: Settings, share: float
) -> dict[str, float]:
    """For each kind of metric half the width of what two sides differ by because they are different runs.

    The assumed variance counts as if ``PRIOR_RUNS`` runs more than one had shown it; what the runs of a side show is
    weighed in, the mean over all metrics of a kind.
    """
    shown = len(base.runs) + len(new.runs) - 2
    df = PRIOR_RUNS + shown
    critical = two_sided(share, df)
    made = {}
    for kind in dict.fromkeys(metric.kind for metric in metrics):
        of_kind = [metric for metric in metrics if metric.kind == kind]
        assumed = 0.0 if of_kind[0].is_share else settings.run_noise**2
        seen = [v for metric in of_kind if (v := _variance(base, new, metric)) is not None] if shown else []
        variance = (PRIOR_RUNS * assumed + shown * (sum(seen) / len(seen) if seen else assumed)) / df
        made[kind] = critical * math.sqrt(variance * (1 / len(base.runs) + 1 / len(new.runs)))
    return made


def _variance(base: Side, new: Side, metric: Metric) -> float | None:
    """That of the runs of a side, both sides together; None where a run has no value."""
    apart = 0.0
    for side in (base, new):
        values = [run.value(metric) for run in side.runs]
        known = [v if metric.is_share else math.log(v) for v in values if v is not None and (v > 0 or metric.is_share)]
        if len(known) < len(values):
            return None
        apart += sum((value - sum(known) / len(known)) ** 2 for value in known)
    return apart / (len(base.runs) + len(new.runs) - 2)


def _wider(interval: Interval, apart: float, metric: Metric) -> Interval:
    """The interval, widened by something independent of it."""
    more = apart if metric.is_share else max(apart, RESOLUTION)
    return Interval(
        interval.middle,
        interval.middle - math.hypot(interval.middle - interval.low, more),
        interval.middle + math.hypot(interval.high - interval.middle, more),
    )
