"""A run in blocks of time, with a histogram a step and block: what it takes to tell two runs from noise.

A block is a second at first. When there are too many, they are taken together in pairs: a run of any length has at
most ``MOST_BLOCKS``. Histograms keep a value to 0.8 %; blocks of the same place in two runs cover the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.record.figures import Figures, StepFigures, StepKey
from harness.record.histogram import Histogram, Values

MOST_BLOCKS = 64
BITS = 7
"""A bucket is at most 1/2^7 of its value wide."""
BUCKETS = 3_328
"""More than the bucket of an hour."""

Sparse = tuple[Values, Values]
"""Buckets that hold something, in order, and how much."""


def bucket_of(values: Values) -> Values:
    """The bucket of each value (µs)."""
    shift = np.maximum(np.frexp(values)[1] - (BITS + 1), 0)
    buckets: Values = (shift << BITS) + (values >> shift)
    return buckets


def edges() -> Values:
    """Where each bucket begins (µs), and where the last one ends."""
    buckets = np.arange(BUCKETS + 1, dtype=np.int64)
    shift = np.maximum((buckets >> BITS) - 1, 0)
    begins: Values = (buckets - (shift << BITS)) << shift
    return begins


def sparse(histogram: Histogram) -> Sparse:
    """A histogram in the wider buckets of blocks."""
    values, counts = histogram.nonzero()
    return _together(bucket_of(values), counts)


def _together(buckets: Values, counts: Values) -> Sparse:
    """Counts of the same bucket added up."""
    # As doubles: whole numbers are exact in them up to 2^53.
    added = np.bincount(buckets, counts)
    (filled,) = added.nonzero()
    return filled, added[filled].astype(np.int64)


@dataclass(frozen=True, slots=True)
class StepBlocks:
    """One step: counts a block, and the latency of its replies a block."""

    sent: tuple[int, ...]
    ok: tuple[int, ...]
    failed: tuple[int, ...]
    latency: tuple[Sparse, ...]

    def pairs(self) -> StepBlocks:
        """Blocks twice as long; one left over at the end is left out."""
        return StepBlocks(
            _pairs(self.sent),
            _pairs(self.ok),
            _pairs(self.failed),
            tuple(_merged(one, two) for one, two in zip(self.latency[::2], self.latency[1::2], strict=False)),
        )


@dataclass(frozen=True, slots=True)
class JourneyBlocks:
    """The guests of one journey, a block."""

    completed: tuple[int, ...]
    failed: tuple[int, ...]

    def pairs(self) -> JourneyBlocks:
        """Blocks twice as long; one left over at the end is left out."""
        return JourneyBlocks(_pairs(self.completed), _pairs(self.failed))


@dataclass(frozen=True, slots=True)
class Blocks:
    """A run in ``count`` blocks of ``block_s`` seconds, from the start of the load. What is left over is left out."""

    block_s: int
    count: int
    steps: dict[StepKey, StepBlocks]
    journeys: dict[str, JourneyBlocks]

    def pairs(self) -> Blocks:
        """The same in blocks twice as long."""
        return Blocks(
            self.block_s * 2,
            self.count // 2,
            {key: step.pairs() for key, step in self.steps.items()},
            {name: journey.pairs() for name, journey in self.journeys.items()},
        )


def _pairs(counts: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one + two for one, two in zip(counts[::2], counts[1::2], strict=False))


def _merged(one: Sparse, two: Sparse) -> Sparse:
    return _together(np.concatenate((one[0], two[0])), np.concatenate((one[1], two[1])))


class BlockRecorder:
    """Takes a run's figures second by second. Memory: at most ``MOST_BLOCKS`` blocks, their empty buckets left out."""

    def __init__(self) -> None:
        self._block_s = 1
        self._whole: list[_Block] = []
        self._open = _Block()
        self._seconds = 0

    def second(self, figures: Figures) -> None:
        """Add the figures of the next second."""
        self._open.add(figures)
        self._seconds += 1
        if self._seconds < self._block_s:
            return
        self._whole.append(self._open)
        self._open, self._seconds = _Block(), 0
        if len(self._whole) > MOST_BLOCKS:
            # An odd one out is the beginning of the next block.
            *even, last = self._whole
            self._whole = [one.merged(two) for one, two in zip(even[::2], even[1::2], strict=True)]
            self._open, self._seconds = last, self._block_s
            self._block_s *= 2

    def blocks(self) -> Blocks:
        """What is there so far, as a value."""
        steps = dict.fromkeys(key for block in self._whole for key in block.steps)
        journeys = dict.fromkeys(name for block in self._whole for name in block.journeys)
        return Blocks(
            self._block_s,
            len(self._whole),
            {key: _of_step([block.steps.get(key, _NO_STEP) for block in self._whole]) for key in steps},
            {name: _of_journey([block.journeys.get(name, (0, 0)) for block in self._whole]) for name in journeys},
        )


_Step = tuple[int, int, int, Sparse]
_EMPTY: Sparse = (np.zeros(0, np.int64), np.zeros(0, np.int64))
_NO_STEP: _Step = (0, 0, 0, _EMPTY)


class _Block:
    """One block while it is taken."""

    __slots__ = ("journeys", "steps")

    def __init__(self) -> None:
        self.steps: dict[StepKey, _Step] = {}
        self.journeys: dict[str, tuple[int, int]] = {}

    def add(self, figures: Figures) -> None:
        for key, step in figures.steps.items():
            self._step(key, _taken(step))
        for name, journey in figures.journeys.items():
            self._journey(name, (journey.completed, journey.failed))

    def merged(self, other: _Block) -> _Block:
        for key, step in other.steps.items():
            self._step(key, step)
        for name, journey in other.journeys.items():
            self._journey(name, journey)
        return self

    def _step(self, key: StepKey, new: _Step) -> None:
        old = self.steps.get(key)
        if old is None:
            self.steps[key] = new
        elif any(new[:3]) or len(new[3][0]):
            self.steps[key] = (old[0] + new[0], old[1] + new[1], old[2] + new[2], _merged(old[3], new[3]))

    def _journey(self, name: str, new: tuple[int, int]) -> None:
        old = self.journeys.get(name, (0, 0))
        self.journeys[name] = (old[0] + new[0], old[1] + new[1])


def _taken(step: StepFigures) -> _Step:
    return step.sent, step.ok, step.failed, sparse(step.latency) if step.latency.count else _EMPTY


def _of_step(blocks: Sequence[_Step]) -> StepBlocks:
    sent, ok, failed, latency = zip(*blocks, strict=True)
    return StepBlocks(sent, ok, failed, latency)


def _of_journey(blocks: Sequence[tuple[int, int]]) -> JourneyBlocks:
    completed, failed = zip(*blocks, strict=True)
    return JourneyBlocks(completed, failed)
