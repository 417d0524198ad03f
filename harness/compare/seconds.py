"""Intervals from the seconds within runs, for few runs a side. docs/comparing.md tells the method and its sources.

Both sides are cut into the same stretches of time. What is summed over them is linear in counts, so its variance is
that of the stretches' parts; neighbouring stretches are alike, so the variance is widened by their autocorrelation,
which is estimated from all steps together. Quantiles are compared by how many requests of each stretch lie beyond a
common value: the interval holds those ratios of latencies for which that does not differ between the sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from harness.compare.student import two_sided
from harness.record.blocks import BUCKETS, Sparse, edges

Reals = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

GRID = 0.005
"""Step of the grid of latencies, as a natural logarithm: ratios are known to a fraction of 0.5 %."""
WIDEST = 600
"""Steps of the grid by which an interval ends at most: a factor of 20."""
MOST_WIDENED = 4.0
FEWEST_DF = 2.0
_EDGES = np.log(np.maximum(edges(), 1))
_CELLS = int(_EDGES[-1] / GRID) + 2
_LATENCIES = np.arange(_CELLS) * GRID


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference (natural logarithm of the ratio, or of shares) with its ends."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What the seconds say of one metric: its parts of the difference a stretch, and what makes intervals of them."""

    parts: Reals
    widened: float = 1.0
    floor: float = 0.0
    """Variance below which it cannot be: that of independent requests."""
    fewest: float = math.inf
    """For shares: how many were counted on the side with fewer. Not one failure of so many is no proof of none."""

    @property
    def df(self) -> float:
        """Degrees of freedom: as many independent stretches as they are worth, less one."""
        return max(len(self.parts) / self.widened - 1, FEWEST_DF)

    def half_width(self, share: float) -> float:
        """That of the interval which misses with the probability ``share``."""
        by_parts = two_sided(share, self.df) * math.sqrt(max(variance(self.parts) * self.widened, self.floor))
        return max(by_parts, -math.log(share) / self.fewest)


def variance(parts: Reals) -> float:
    """The variance of the sum of independent parts."""
    count = len(parts)
    return float(((parts - parts.mean()) ** 2).sum() * count / (count - 1))


def autocorrelation(parts: Reals) -> float:
    """That of neighbouring stretches, corrected for what so few of them show too little."""
    apart = parts - parts.mean()
    spread = float((apart**2).sum())
    return float((apart[1:] * apart[:-1]).sum()) / spread + 1 / len(parts) if spread > 0 else 0.0


def widening(metrics: Sequence[Reals]) -> float:
    """By how much autocorrelation widens the variance, by the metrics of one kind (an AR(1) process is supposed)."""
    found = [autocorrelation(parts) for parts in metrics]
    mean = sum(found) / len(found) if found else 0.0
    return min(max((1 + mean) / max(1 - mean, 0.1), 1.0), MOST_WIDENED)


def rate_parts(base: Reals, new: Reals) -> Reals:
    """Of the logarithm of the ratio of two counts, from the counts of each stretch."""
    parts: Reals = new / new.sum() - base / base.sum()
    return parts


def share_parts(base: tuple[Reals, Reals], new: tuple[Reals, Reals]) -> Reals:
    """Of the difference of two shares, from (how many of, how many) of each stretch."""
    return _share_parts(*new) - _share_parts(*base)


def _share_parts(some: Reals, of: Reals) -> Reals:
    parts: Reals = (some - some.sum() / of.sum() * of) / of.sum()
    return parts


def share_floor(base: tuple[Reals, Reals], new: tuple[Reals, Reals]) -> float:
    """The variance of the difference if every request had the same chance, whatever the second."""
    total0, total1 = float(base[1].sum()), float(new[1].sum())
    share = float(base[0].sum() + new[0].sum()) / (total0 + total1)
    return share * (1 - share) * (1 / total0 + 1 / total1)


def cumulated(stretches: Sequence[Sequence[Sparse]]) -> Reals:
    """How many requests of each stretch took no longer than each latency of the grid; the last column: all.

    Within a bucket they are supposed to lie evenly.
    """
    made = np.zeros((len(stretches), _CELLS))
    for row, blocks in enumerate(stretches):
        counts = np.zeros(BUCKETS + 1)
        for buckets, each in blocks:
            counts[buckets + 1] += each
        made[row] = np.interp(_LATENCIES, _EDGES, counts.cumsum())
    return made


@dataclass(frozen=True)
class Quantiles:
    """The quantile ``p`` (0..1) of both sides, from what ``cumulated`` gives for each."""

    base: Reals
    new: Reals
    p: float
    _base_share: Reals = field(init=False)
    _new_share: Reals = field(init=False)

    def __post_init__(self) -> None:
        for name, side in (("_base_share", self.base), ("_new_share", self.new)):
            total = side.sum(axis=0)
            object.__setattr__(self, name, total / total[-1])

    def middle(self) -> float:
        """The difference of the two quantiles' logarithms."""
        return self._quantile(self._new_share) - self._quantile(self._base_share)

    def _quantile(self, share: Reals) -> float:
        above = int(np.searchsorted(share, self.p))
        below = max(above - 1, 0)
        rise = share[above] - share[below]
        return GRID * (below + (float((self.p - share[below]) / rise) if rise > 0 else 0.0))

    @property
    def floor(self) -> float:
        """Variance of the difference of the shares beyond, if all requests were independent."""
        return self.p * (1 - self.p) * float(1 / self.base[:, -1].sum() + 1 / self.new[:, -1].sum())

    def parts(self, shifts: Places) -> Reals:
        """For each shift of the base's latencies (steps of the grid): how the shares beyond differ, a row a stretch."""
        above = self._first_above(shifts)
        low, high = self._pooled(above - 1, shifts), self._pooled(above, shifts)
        within = np.where(high > low, (self.p - low) / np.maximum(high - low, 1e-12), 0.0)
        return _beyond(self.new, above, within, self.p) - _beyond(self.base, above - shifts, within, self.p)

    def _pooled(self, places: Places, shifts: Places) -> Reals:
        """The share of both sides' requests up to a place of the grid, the base's latencies shifted."""
        shifted = np.clip(places - shifts, 0, len(self._base_share) - 1)
        shares: Reals = (self._base_share[shifted] + self._new_share[places]) / 2
        return shares

    def _first_above(self, shifts: Places) -> Places:
        """For each shift the first place of the grid, but for the very first, that reaches the quantile."""
        low, high = np.ones_like(shifts), np.full_like(shifts, len(self._new_share) - 1)
        while bool((low < high).any()):
            middle = (low + high) // 2
            reached = self._pooled(middle, shifts) >= self.p
            low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
        return low

    def interval(self, widened: float, share: float) -> Interval:
        """The ratios (as logarithms) that the seconds do not speak against; missed with the probability ``share``."""
        critical = two_sided(share, max(len(self.base) / widened - 1, FEWEST_DF))
        middle = self.middle()
        centre = round(middle / GRID)
        reach = 64
        while True:
            shifts = np.arange(centre - reach, centre + reach + 1)
            parts = self.parts(shifts)
            spread = ((parts - parts.mean(axis=0)) ** 2).sum(axis=0) * len(parts) / (len(parts) - 1)
            excess = np.abs(parts.sum(axis=0)) - critical * np.sqrt(np.maximum(spread * widened, self.floor))
            (kept,) = np.nonzero(excess <= 0)
            inside = len(kept) > 0 and kept[0] > 0 and kept[-1] < len(shifts) - 1
            if inside or reach >= WIDEST:
                break
            reach = min(reach * 4, WIDEST)
        if not len(kept):
            return Interval(middle, middle, middle)
        low = GRID * (shifts[kept[0]] - _part_way(excess, kept[0], -1))
        high = GRID * (shifts[kept[-1]] + _part_way(excess, kept[-1], +1))
        return Interval(middle, min(float(low), middle), max(float(high), middle))


def _part_way(excess: Reals, place: int, step: int) -> float:
    """How far beyond the last place that is kept the interval ends, as a part of the way to the next."""
    if not 0 <= place + step < len(excess):
        return 0.0
    inside, outside = -float(excess[place]), float(excess[place + step])
    return inside / (inside + outside) if inside + outside > 0 else 0.0


def _beyond(side: Reals, above: Places, within: Reals, p: float) -> Reals:
    """What each stretch adds to the side's share of requests beyond a latency between two of the grid."""
    last = side.shape[1] - 1
    below, upto = side[:, np.clip(above - 1, 0, last)], side[:, np.clip(above, 0, last)]
    all_of = side[:, -1:]
    few = all_of - (below * (1 - within) + upto * within)
    parts: Reals = (few - (1 - p) * all_of) / all_of.sum()
    return parts
