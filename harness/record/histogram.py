"""Latency histograms in the layout of HDR Histogram: integer µs, three significant digits, 1 µs to one hour.

A value is known to 0.1 % whatever its size, and memory (188 kB) does not grow with the count. Values wait in a
small array and are sorted into their buckets a few thousand at a time: one costs about 0.05 µs instead of the
1 µs that a histogram library for Python needs, on the thread that sends the load. Tests hold it against that
library (hdrhistogram), bucket by bucket.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LOWEST_US = 1
HIGHEST_US = 3_600_000_000
HALF_BITS = 10
"""A bucket holds twice 2^10 values side by side: three significant digits."""
BUCKETS = 23_552
WAITING = 4096
"""Values that wait to be sorted in, at most."""

PERCENTILES: Mapping[str, float] = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p999": 99.9}
"""Name to percentile, as thresholds and summary.json spell them."""

Values = npt.NDArray[np.int64]
Packed = tuple[int, int, int, int, bytes]


def bucket_of(values: Values) -> Values:
    """The bucket of each value (µs, in range)."""
    shift = np.maximum(np.frexp(values)[1] - (HALF_BITS + 1), 0)
    buckets: Values = (shift << HALF_BITS) + (values >> shift)
    return buckets


def highest_of(buckets: Values) -> Values:
    """The highest value (µs) of each bucket."""
    shift = np.maximum((buckets >> HALF_BITS) - 1, 0)
    highest: Values = ((buckets - (shift << HALF_BITS) + 1) << shift) - 1
    return highest


class Histogram:
    """Counts of durations in µs. Values beyond an hour count as an hour, below 1 µs as 1 µs."""

    __slots__ = ("_counts", "_max", "_min", "_sorted", "_sum", "_waiting")

    def __init__(self) -> None:
        self._counts: Values | None = None
        self._waiting = array("q")
        self._sorted = self._sum = self._max = 0
        self._min = HIGHEST_US

    def add(self, value_us: int) -> None:
        """Count one duration (µs)."""
        waiting = self._waiting
        waiting.append(value_us)
        if len(waiting) >= WAITING:
            self._sort_in()

    def _sort_in(self) -> None:
        if not self._waiting:
            return
        values = np.clip(np.frombuffer(self._waiting, np.int64), LOWEST_US, HIGHEST_US)
        self._waiting = array("q")
        if self._counts is None:
            self._counts = np.zeros(BUCKETS, np.int64)
        np.add.at(self._counts, bucket_of(values), 1)
        self._sorted += len(values)
        self._sum += int(values.sum())
        self._max = max(self._max, int(values.max()))
        self._min = min(self._min, int(values.min()))

    @property
    def count(self) -> int:
        """How many durations were counted."""
        return self._sorted + len(self._waiting)

    def percentiles(self, percents: Sequence[float]) -> list[int]:
        """For each of ``percents`` the duration (µs, to 0.1 %) that so many per cent do not exceed; 0 if empty."""
        self._sort_in()
        if self._counts is None:
            return [0] * len(percents)
        reached = self._counts.cumsum()
        wanted = [max(int(percent / 100 * self._sorted + 0.5), 1) for percent in percents]
        highest = highest_of(np.searchsorted(reached, wanted))
        return [min(max(int(value), self._min), self._max) for value in highest]

    def nonzero(self) -> tuple[Values, Values]:
        """The highest value (µs) of every bucket that holds something, and how much."""
        self._sort_in()
        if self._counts is None:
            nothing: Values = np.zeros(0, np.int64)
            return nothing, nothing
        filled = self._filled()
        return highest_of(filled), self._counts[filled]

    def _filled(self) -> Values:
        # Of truth values numpy finds the true ones six times as fast as the numbers that are not 0.
        assert self._counts is not None
        filled: Values = (self._counts != 0).nonzero()[0]
        return filled

    @property
    def min(self) -> int:
        """The shortest duration (µs); 0 if empty."""
        self._sort_in()
        return self._min if self._sorted else 0

    @property
    def max(self) -> int:
        """The longest duration (µs); 0 if empty."""
        self._sort_in()
        return self._max

    @property
    def sum(self) -> int:
        """All durations together (µs)."""
        self._sort_in()
        return self._sum

    @property
    def mean(self) -> float:
        """The exact mean (µs) of what was counted; 0 if empty."""
        return self.sum / self._sorted if self.count else 0.0

    def merge(self, other: Histogram) -> None:
        """Add all that ``other`` counted."""
        other._sort_in()
        self._sort_in()
        if other._counts is None:
            return
        self._counts = other._counts.copy() if self._counts is None else self._counts + other._counts
        self._sorted += other._sorted
        self._sum += other._sum
        self._max = max(self._max, other._max)
        self._min = min(self._min, other._min)

    def pack(self) -> Packed:
        """A compact form to send to another process: ``unpack`` takes it back."""
        self._sort_in()
        if self._counts is None:
            return 0, 0, 0, 0, b""
        filled = self._filled()
        pairs = np.stack((filled, self._counts[filled]))
        return self._sorted, self._sum, self._min, self._max, zlib.compress(pairs.astype("<i8").tobytes(), 1)

    def merge_packed(self, packed: Sequence[int | bytes]) -> None:
        """Add what another histogram packed; a sixth of what ``merge`` of it unpacked would take."""
        count, total, low, high, pairs = packed
        if not count or not isinstance(pairs, bytes):
            return
        self._sort_in()
        opened = zlib.decompressobj().decompress(pairs, 2 * 8 * BUCKETS)
        filled, counts = np.frombuffer(opened, "<i8").reshape(2, -1)
        if self._counts is None:
            self._counts = np.zeros(BUCKETS, np.int64)
        self._counts[filled] += counts
        self._sorted += int(count)
        self._sum += int(total)
        self._max = max(self._max, int(high))
        self._min = min(self._min, int(low))

    @classmethod
    def unpack(cls, packed: Sequence[int | bytes]) -> Histogram:
        """The histogram that ``pack`` made."""
        made = cls()
        made.merge_packed(packed)
        return made

    def latency(self) -> Latency | None:
        """Its figures in ms, or None when nothing was counted."""
        if not self.count:
            return None
        values = self.percentiles(tuple(PERCENTILES.values()))
        return Latency(
            min=self.min / 1000,
            mean=self.mean / 1000,
            max=self.max / 1000,
            **{name: value / 1000 for name, value in zip(PERCENTILES, values, strict=True)},
        )


@dataclass(frozen=True, slots=True)
class Latency:
    """What a histogram says, in ms."""

    min: float
    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    p999: float
    max: float
