"""Which seconds of runs are compared, and the stretches they are cut into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.compare.comparable import DURATION_MAY_DIFFER
from harness.compare.runs import Run
from harness.record.blocks import Blocks

STRETCHES = 15
"""So many stretches, if there are as many blocks: long enough to forget one another, enough to see them vary."""
FEWEST_STRETCHES = 8
RAMPED = 0.5
"""Share of its settled throughput from which on a run counts as ramped up: too much for noise to make a difference."""
LONGEST_WARM_UP = 0.25
"""Of a run, where it is left out unasked."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The blocks of a run that count: their places, and how many seconds were left out for which reason."""

    blocks: Blocks
    places: tuple[int, ...]
    warm_up_s: int
    saturated_s: int

    @property
    def seconds(self) -> int:
        """How long they are together."""
        return len(self.places) * self.blocks.block_s

    @property
    def whole(self) -> bool:
        """Whether nothing was left out, but for an end by which the runs differ without being different."""
        return len(self.places) >= (1 - DURATION_MAY_DIFFER) * self.blocks.count and not (
            self.warm_up_s or self.saturated_s
        )

    def stretches(self) -> list[tuple[int, ...]]:
        """The places, in at most ``STRETCHES`` stretches of the same length, give or take a block."""
        cut = np.array_split(np.array(self.places, np.int64), min(STRETCHES, max(len(self.places), 1)))
        return [tuple(int(place) for place in each) for each in cut]


def aligned(runs: Sequence[Run]) -> list[Blocks]:
    """The blocks of all runs, equally long. All runs must have them."""
    taken = [run.blocks for run in runs if run.blocks is not None]
    longest = max(blocks.block_s for blocks in taken)
    made = []
    for each in taken:
        blocks = each
        while blocks.block_s < longest:
            blocks = blocks.pairs()
        made.append(blocks)
    return made


def kept(runs: Sequence[Run], warm_up_s: float | None, *, together: bool) -> list[Kept]:
    """For each run the places that count: those all runs have, without warm-up and without saturated seconds.

    ``together``: the same places for all, so that a second that is bad in one run is left out of all. ``warm_up_s``:
    None leaves out what differs between the ramps.
    """
    blocks = aligned(runs)
    block_s = blocks[0].block_s
    count = min(each.count for each in blocks)
    first = _first_place(blocks, count, warm_up_s)
    saturated = [{second // block_s for second in run.saturated_seconds} for run in runs]
    if together:
        saturated = [set().union(*saturated)] * len(runs)
    made = []
    for each, bad in zip(blocks, saturated, strict=True):
        places = tuple(place for place in range(first, count) if place not in bad)
        made.append(Kept(each, places, first * block_s, (count - first - len(places)) * block_s))
    return made


def _place(seconds: float, block_s: int) -> int:
    return -int(-seconds // block_s)


def _first_place(blocks: Sequence[Blocks], count: int, warm_up_s: float | None) -> int:
    if warm_up_s is not None:
        return min(_place(warm_up_s, blocks[0].block_s), count)
    ramps = [_ramped_up(each, count) for each in blocks]
    return min(max(ramps), int(count * LONGEST_WARM_UP)) if max(ramps) > min(ramps) else 0


def _ramped_up(blocks: Blocks, count: int) -> int:
    """The first place at which a run answers about as much as later on."""
    if not (blocks.steps and count):
        return 0
    replies = np.sum([np.add(step.ok, step.failed)[:count] for step in blocks.steps.values()], axis=0)
    settled = float(np.median(replies[count // 4 :]))
    reached = np.flatnonzero(replies >= RAMPED * settled)
    return int(reached[0]) if len(reached) else 0
