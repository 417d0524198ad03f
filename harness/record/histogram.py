"""Latency histograms: HDR, integer microseconds, three significant digits, 1 µs to one hour.

A value is known to 0.1 % whatever its size, and memory (about 190 kB) does not grow with the count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hdrh.histogram import HdrHistogram

LOWEST_US = 1
HIGHEST_US = 3_600_000_000
DIGITS = 3

PERCENTILES: Mapping[str, float] = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p999": 99.9}
"""Name to percentile, as thresholds and summary.json spell them."""


class Histogram:
    """Counts of durations in µs. Values beyond an hour count as an hour, below 1 µs as 1 µs."""

    __slots__ = ("_hdr", "_max", "_min", "_sum")

    def __init__(self) -> None:
        self._hdr: Any = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
        # Kept beside: the library knows the extremes of merged histograms only to 0.1 %, and no sum.
        self._sum = self._max = 0
        self._min = HIGHEST_US

    def add(self, value_us: int) -> None:
        """Count one duration (µs)."""
        value_us = min(max(value_us, LOWEST_US), HIGHEST_US)
        self._sum += value_us
        if value_us > self._max:
            self._max = value_us
        if value_us < self._min:
            self._min = value_us
        self._hdr.record_value(value_us)

    @property
    def count(self) -> int:
        """How many durations were counted."""
        return int(self._hdr.total_count)

    def percentiles(self, percents: Sequence[float]) -> list[int]:
        """For each of ``percents`` the duration (µs, to 0.1 %) that so many per cent do not exceed; 0 if empty.

        The library walks its 23,552 buckets in Python, over 1 ms a percentile, on the thread that sends
        the load; the same walk over its counts in numpy takes a tenth of that.
        """
        count = self.count
        if not count:
            return [0] * len(percents)
        reached = np.ctypeslib.as_array(self._hdr.counts).cumsum()
        wanted = [max(int(percent / 100 * count + 0.5), 1) for percent in percents]
        hdr = self._hdr
        return [
            min(int(hdr.get_highest_equivalent_value(hdr.get_value_from_index(int(index)))), self.max)
            for index in np.searchsorted(reached, wanted)
        ]

    @property
    def min(self) -> int:
        """The shortest duration (µs); 0 if empty."""
        return self._min if self.count else 0

    @property
    def max(self) -> int:
        """The longest duration (µs); 0 if empty."""
        return self._max

    @property
    def mean(self) -> float:
        """The exact mean (µs) of what was counted; 0 if empty."""
        return self._sum / self.count if self.count else 0.0

    def merge(self, other: Histogram) -> None:
        """Add all that ``other`` counted."""
        if other.count:
            self._hdr.add(other._hdr)
            self._sum += other._sum
            self._max = max(self._max, other._max)
            self._min = min(self._min, other._min)

    def pack(self) -> tuple[bytes, int, int, int]:
        """A compact form to send to another process: ``unpack`` takes it back."""
        return self._hdr.encode(), self._sum, self._min, self._max

    @classmethod
    def unpack(cls, packed: Iterable[Any]) -> Histogram:
        """The histogram that ``pack`` made."""
        encoded, *exact = packed
        made = cls()
        made._hdr.decode_and_add(encoded)
        made._sum, made._min, made._max = map(int, exact)
        return made

    def latency(self) -> Latency | None:
        """Its figures in ms, or None when nothing was counted."""
        if not self.count:
            return None
        return Latency(
            min=self.min / 1000,
            mean=self.mean / 1000,
            max=self.max / 1000,
            **{
                name: value / 1000
                for name, value in zip(PERCENTILES, self.percentiles(tuple(PERCENTILES.values())), strict=True)
            },
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
