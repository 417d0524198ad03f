"""``compare``: two sides of runs to a comparison, by the method that their number allows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.compare import by_seconds, permuted
from harness.compare.by_seconds import Side
from harness.compare.comparable import Obstacle, obstacles, remarks
from harness.compare.metrics import JUDGED_PERCENTILES, Metric
from harness.compare.outcome import (
    Comparison,
    Difference,
    Distribution,
    FunnelRow,
    Method,
    NotComparableError,
    Settings,
    verdict,
)
from harness.compare.runs import FunnelFacts, Run
from harness.compare.seconds import Interval
from harness.compare.sides import Measured, latencies, mean, pooled
from harness.compare.stretches import FEWEST_STRETCHES, Kept, kept
from harness.record.figures import StepKey

RESOLUTION = 0.001
"""The figures of whole runs are known no better than to this ratio."""
_LONGER = "Runs of 30 s or more are compared better, and four runs a side need no blocks at all"


def compare(base: Sequence[Run], new: Sequence[Run], settings: Settings) -> Comparison:
    """Judge the new runs by the base ones. Raises NotComparableError."""
    found = obstacles(base, new)
    if found and not settings.force:
        raise NotComparableError(found, forcible=True)
    method: Method = "runs" if permuted.enough(len(base), len(new), settings.confidence) else "seconds"
    parts = _parts([*base, *new], settings, method)
    measured = [
        Measured(run, None if part is None or part.whole else part)
        for run, part in zip((*base, *new), parts, strict=True)
    ]
    metrics = _metrics(base, new)
    known = [part for part in parts if part is not None]
    ways = 0
    if method == "runs":
        sides = measured[: len(base)], measured[len(base) :]
        intervals, ways = _by_runs(*sides, metrics, settings.confidence)
        values = {metric: (_mean(metric, sides[0]), _mean(metric, sides[1])) for metric in metrics}
    else:
        one = Side(measured[: len(base)], known[: len(base)])
        two = Side(measured[len(base) :], known[len(base) :])
        intervals = by_seconds.judge(one, two, metrics, settings)
        values = {metric: (one.value(metric), two.value(metric)) for metric in metrics}
    return Comparison(
        scenario=new[0].scenario,
        base=tuple(base),
        new=tuple(new),
        method=method,
        settings=settings,
        differences=tuple(_difference(metric, *values[metric], intervals[metric], settings) for metric in metrics),
        distributions=_distributions(base, parts[: len(base)], parts[len(base) :]),
        funnel=_funnel(base, new),
        warnings=(*(f"{each.reason}." for each in found), *remarks(base, new)),
        compared_s=known[0].seconds if known else 0,
        warm_up_s=known[0].warm_up_s if known else 0,
        saturated_s=max((part.saturated_s for part in known), default=0),
        stretches=len(known[0].stretches()) if method == "seconds" else 0,
        ways=ways,
    )


def _parts(runs: Sequence[Run], settings: Settings, method: Method) -> list[Kept | None]:
    """The part of each run that counts; None where whole runs are compared and some have no blocks to choose from."""
    missing = [run.no_blocks for run in runs if run.blocks is None]
    if missing and method == "runs" and settings.warm_up_s is None:
        return [None] * len(runs)
    if missing:
        raise NotComparableError([Obstacle("", missing[0], "Run it again, or take four runs a side")], forcible=False)
    parts = kept(runs, settings.warm_up_s, together=method == "seconds")
    if method == "seconds" and (blocks := len(parts[0].places)) < FEWEST_STRETCHES:
        short = f"Only {blocks * parts[0].blocks.block_s} s of the runs can be compared, which is too short"
        raise NotComparableError([Obstacle("", short, _LONGER)], forcible=False)
    return list(parts)


def _metrics(base: Sequence[Run], new: Sequence[Run]) -> list[Metric]:
    """All that both sides have: of the run, of its steps, of its journeys."""
    made = [Metric("throughput"), Metric("error_rate")]
    runs = (*base, *new)
    for key in base[0].steps:
        if all(key in run.steps for run in runs):
            made += [Metric(kind, *key) for kind in ("throughput", "error_rate", *JUDGED_PERCENTILES)]
    made += [Metric("completed", name) for name in base[0].journeys if all(name in run.journeys for run in runs)]
    return made


def _by_runs(
    base: Sequence[Measured], new: Sequence[Measured], metrics: Sequence[Metric], confidence: float
) -> tuple[dict[Metric, Interval | str], int]:
    """Intervals from whole runs, around the middle 0, and in how many ways the runs can be dealt."""
    found: dict[Metric, Interval | str] = {}
    columns: dict[Metric, list[float]] = {}
    for metric in metrics:
        values = [run.value(metric) for run in (*base, *new)]
        known = [value for value in values if value is not None and (metric.is_share or value > 0)]
        if len(known) < len(values):
            found[metric] = "not measured in every run"
        else:
            columns[metric] = known if metric.is_share else [math.log(value) for value in known]
    if not columns:
        return found, 0
    table = np.array(list(columns.values()), np.float64).T
    floors = [_floor(metric, [*base, *new]) for metric in columns]
    judged = permuted.judge(table[: len(base)], table[len(base) :], [m.kind for m in columns], floors, confidence)
    for metric, half in zip(columns, judged.half_width, strict=True):
        found[metric] = Interval(0.0, -float(half), float(half))
    return found, judged.ways


def _floor(metric: Metric, runs: Sequence[Measured]) -> float:
    """Standard error below which a metric is not known: a ratio, or one request or guest of a run."""
    if not metric.is_share:
        return RESOLUTION
    if metric.kind == "completed":
        ended = [run.run.journeys[metric.journey] for run in runs]
        return 1 / max(min(each.completed + each.failed for each in ended), 1)
    key = StepKey(metric.journey, metric.step)
    return 1 / max(min(run.run.steps[key].sent if metric.step else run.run.sent for run in runs), 1)


def _difference(
    metric: Metric, base: float | None, new: float | None, interval: Interval | str, settings: Settings
) -> Difference:
    tolerance = settings.tolerances.of_metric(metric)
    if base is None or new is None:
        return Difference(metric, base, new, None, None, None, tolerance, "unjudged", "not measured on both sides")
    if metric.kind == "throughput" and base > 0 and new == 0:
        # No interval is needed to see that nobody comes here any more.
        return Difference(metric, base, new, -1.0, -1.0, -1.0, tolerance, "worse")
    if isinstance(interval, str) or (not metric.is_share and min(base, new) <= 0):
        note = interval if isinstance(interval, str) else "nothing was measured"
        return Difference(metric, base, new, None, None, None, tolerance, "unjudged", note)
    down, up = interval.low - interval.middle, interval.high - interval.middle
    if metric.is_share:
        change, low, high = new - base, new - base + down, new - base + up
    else:
        middle = math.log(new / base)
        change, low, high = (math.expm1(each) for each in (middle, middle + down, middle + up))
    return Difference(metric, base, new, change, low, high, tolerance, verdict(metric, low, high, tolerance))


def _mean(metric: Metric, side: Sequence[Measured]) -> float | None:
    """The mean of the runs of a side, if all have it."""
    known = [value for run in side if (value := run.value(metric)) is not None]
    return mean(known, metric) if len(known) == len(side) else None


def _distributions(
    base: Sequence[Run], of_base: Sequence[Kept | None], of_new: Sequence[Kept | None]
) -> tuple[Distribution, ...]:
    """The latencies of every step that both sides have, if all runs have blocks."""
    made = []
    parts = [part for part in (*of_base, *of_new) if part is not None]
    if len(parts) < len(of_base) + len(of_new):
        return ()
    for key in base[0].steps:
        sides = [
            pooled([histogram for part in side for stretch in latencies(part, key) for histogram in stretch])
            for side in (parts[: len(of_base)], parts[len(of_base) :])
        ]
        if all(len(buckets) for buckets, _ in sides):
            made.append(Distribution(key, *sides))
    return tuple(made)


def _funnel(base: Sequence[Run], new: Sequence[Run]) -> tuple[FunnelRow, ...]:
    """The steps that the funnels of all runs have, in the order of the first."""
    sides = [[{(row.journey, row.step): row for row in run.funnel} for run in runs] for runs in (base, new)]
    made = []
    for row in base[0].funnel:
        key = (row.journey, row.step)
        if all(key in funnel for side in sides for funnel in side):
            made.append(FunnelRow(*(_added([funnel[key] for funnel in side]) for side in sides)))
    return tuple(made)


def _added(rows: Sequence[FunnelFacts]) -> FunnelFacts:
    names = ("entered", "went_on", "left_by_design", "lost_to_errors")
    return FunnelFacts(rows[0].journey, rows[0].step, **{n: sum(getattr(row, n) for row in rows) for n in names})
