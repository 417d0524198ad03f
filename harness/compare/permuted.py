"""Intervals from whole runs, for several runs a side: a permutation test of all metrics together.

If both sides are the same system, which runs were called base and which new is chance. So the largest difference
over all metrics is held against the largest that each other way of dealing the runs to the sides would have given
(Westfall and Young, "Resampling-Based Multiple Testing"). Differences are measured in standard errors, to which a
part of the usual one is added, so that a metric does not stand out for having varied little by chance (Tusher,
Tibshirani and Chu, "Significance analysis of microarrays").
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]

FEWEST_A_SIDE = 3
SPENT = 0.6
"""Of the chance to err that the confidence leaves; the rest is for runs that are not quite alike by chance alone."""
MOST_WAYS = 10_000
"""Where there are more, so many of them are drawn."""
_SEED = 20_041


@dataclass(frozen=True, slots=True)
class Verdicts:
    """For each metric the difference and half the width of its interval; all intervals hold together."""

    difference: Reals
    half_width: Reals
    ways: int


def enough(base: int, new: int, confidence: float) -> bool:
    """Whether so many runs a side can be told from chance at all: four and four can, with 95 %."""
    ways = math.comb(base + new, new)
    # A way and its mirror image are as extreme as one another where both sides are equally many.
    extreme = 2 if base == new else 1
    return min(base, new) >= FEWEST_A_SIDE and extreme / ways <= SPENT * (1 - confidence)


def judge(base: Reals, new: Reals, kinds: Sequence[str], floors: Sequence[float], confidence: float) -> Verdicts:
    """Compare runs (rows) by metrics (columns), which are logarithms or shares.

    ``kinds``: metrics of one kind have a usual standard error in common. ``floors``: a metric is not known better.
    """
    runs = np.concatenate((base, new))
    runs = runs - runs.mean(axis=0)
    ways = _ways(len(base), len(new))
    groups = [np.flatnonzero(np.array(kinds) == kind) for kind in dict.fromkeys(kinds)]
    difference, error = _measured(runs, ways, groups, np.array(floors, np.float64))
    largest = np.sort(np.abs(difference / error).max(axis=1))[::-1]
    # The first way is the one that was. It stands out if no more than so many of all ways are as extreme.
    critical = float(largest[min(int(SPENT * (1 - confidence) * len(ways) + 1e-9), len(ways) - 1)])
    return Verdicts(difference[0], critical * error[0], len(ways))


def _ways(base: int, new: int) -> npt.NDArray[np.bool_]:
    """A row a way, a column a run, true where the run is dealt to the new side; first the way that was."""
    count = base + new
    if math.comb(count, new) <= MOST_WAYS:
        chosen = list(itertools.combinations(range(count), new))
        ways = np.zeros((len(chosen), count), np.bool_)
        ways[np.arange(len(chosen))[:, None], np.array(chosen)] = True
        return ways[::-1]  # the last combination is the last runs
    order = np.random.default_rng(_SEED).random((MOST_WAYS, count)).argsort(axis=1)
    ways = order < new
    ways[0] = np.arange(count) >= base
    return ways


def _measured(
    runs: Reals, ways: npt.NDArray[np.bool_], groups: Sequence[npt.NDArray[np.intp]], floors: Reals
) -> tuple[Reals, Reals]:
    """For each way the differences of the sides' means and their standard errors, the usual part included."""
    dealt = ways.astype(np.float64)
    means, variances = [], []
    for side in (1 - dealt, dealt):
        count = side.sum(axis=1, keepdims=True)
        mean = side @ runs / count
        variances.append(np.maximum(side @ runs**2 / count - mean**2, 0) / (count - 1))
        means.append(mean)
    error = np.sqrt(variances[0] + variances[1])
    whole = np.empty_like(error)
    for group in groups:
        whole[:, group] = error[:, group] + np.median(error[:, group], axis=1, keepdims=True)
    return means[1] - means[0], whole + floors
