"""The figures of the runs of a side, whole or of the seconds that count."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.compare.metrics import JUDGED_PERCENTILES, Metric
from harness.compare.runs import Run
from harness.compare.stretches import Kept
from harness.record.blocks import BUCKETS, Blocks, Sparse, StepBlocks, edges
from harness.record.figures import StepKey

Reals = npt.NDArray[np.float64]
_EDGES = edges().astype(np.float64)


@dataclass(frozen=True, slots=True)
class Measured:
    """A run and, where not all of it counts, the part that does."""

    run: Run
    part: Kept | None = None

    def value(self, metric: Metric) -> float | None:
        """A metric in ms, per second or as a share; None where there was nothing to measure."""
        return _of_summary(self.run, metric) if self.part is None else _of_part(self.part, metric)


def steps_of(blocks: Blocks, metric: Metric) -> Iterator[StepBlocks]:
    """The steps that a metric is about: one, or all."""
    for key, step in blocks.steps.items():
        if not metric.step or key == (metric.journey, metric.step):
            yield step


def counts(kept: Kept, metric: Metric) -> tuple[Reals, Reals]:
    """For each stretch the requests or guests that count against or for a metric, and all of them.

    Throughput: replies (twice). Error rate: failed requests of all that ended. Completed: guests of all that ended.
    """
    some, of = np.zeros(kept.blocks.count), np.zeros(kept.blocks.count)
    if metric.kind == "completed":
        journey = kept.blocks.journeys.get(metric.journey)
        if journey is not None:
            some += journey.completed
            of += np.add(journey.completed, journey.failed)
    else:
        for step in steps_of(kept.blocks, metric):
            ended = np.add(step.ok, step.failed)
            some += step.failed if metric.kind == "error_rate" else ended
            of += ended
    cut = kept.stretches()
    return (
        np.array([some[list(places)].sum() for places in cut]),
        np.array([of[list(places)].sum() for places in cut]),
    )


def latencies(kept: Kept, key: StepKey) -> list[list[Sparse]]:
    """The histograms of a step, by stretches and blocks."""
    step = kept.blocks.steps.get(key)
    return [[step.latency[place] for place in places] if step else [] for places in kept.stretches()]


def pooled(histograms: Sequence[Sparse]) -> Sparse:
    """All of them as one."""
    whole = np.zeros(BUCKETS, np.int64)
    for buckets, each in histograms:
        whole[buckets] += each
    (filled,) = whole.nonzero()
    return filled, whole[filled]


def quantile(histogram: Sparse, p: float) -> float | None:
    """The latency (ms) that the share ``p`` does not exceed, to a fraction of a bucket; None of an empty one."""
    buckets, held = histogram
    if not len(buckets):
        return None
    reached = held.cumsum()
    place = int(np.searchsorted(reached, p * reached[-1]))
    before = float(reached[place] - held[place])
    part = (p * float(reached[-1]) - before) / float(held[place])
    low, high = _EDGES[buckets[place]], _EDGES[buckets[place] + 1]
    return float(low + (high - low) * part) / 1000


def _of_summary(run: Run, metric: Metric) -> float | None:
    if metric.kind == "completed":
        journey = run.journeys.get(metric.journey)
        return None if journey is None else journey.share
    if not metric.step:
        whole = {"throughput": run.rate, "error_rate": run.error_rate}
        return whole[metric.kind] if metric.kind in whole else run.latency.get(metric.kind)
    step = run.steps.get(StepKey(metric.journey, metric.step))
    if step is None or not step.sent:
        return None
    of_step = {"throughput": step.rate, "error_rate": step.error_rate}
    return of_step[metric.kind] if metric.kind in of_step else step.latency.get(metric.kind)


def _of_part(part: Kept, metric: Metric) -> float | None:
    if metric.kind in JUDGED_PERCENTILES:
        key = StepKey(metric.journey, metric.step)
        blocks = [histogram for stretch in latencies(part, key) for histogram in stretch]
        return quantile(pooled(blocks), JUDGED_PERCENTILES[metric.kind])
    some, of = (float(each.sum()) for each in counts(part, metric))
    if metric.kind == "throughput":
        return some / part.seconds if part.seconds else None
    return some / of if of else None


def mean(values: Sequence[float], metric: Metric) -> float:
    """The mean of runs: of shares the arithmetic, of all else the geometric one."""
    if metric.is_share or min(values) <= 0:
        return sum(values) / len(values)
    return math.exp(sum(map(math.log, values)) / len(values))
