"""From one guest's way to the traffic of a whole load: expected events over time, per journey.

Events are the rows of a matrix: the journey's steps in their order, then START and END of guests. Columns are
stretches of time. Open: guests set out as the profile has it, and each event follows its guest by the time that
the simulation found. Closed: a user sends one guest after the other, so its events are those of a renewal
process; its beginning, which matters in a short run, is simulated, its rest is even.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

import numpy as np

from harness.compiler.plan import JourneyPlan, Plan
from harness.compiler.profile import Profile
from harness.compiler.simulate import Floats, Ints, Traces

START, END = -2, -1
"""Rows of guests that set out and of guests that are done, behind the steps."""
CHAINS = 400
"""Users whose first guests are simulated one after the other."""
SETTLED = 30
"""Guests after which a user's events come evenly."""
MOST_CELLS = 2_000_000
FINISH_S = 30.0
"""So long the engine lets guests of an open load finish when no more come."""
LEAST_SPREAD_S = 0.1
MOST_SLICES = 400


@dataclass(frozen=True, slots=True)
class Interval:
    """So many users of each journey are there from ``begin`` to ``end`` (s)."""

    begin: float
    end: float
    users: Floats


def spread(journey: JourneyPlan) -> float:
    """Over so long (s) the engine spreads the beginnings of users that come at once: a pause between steps."""
    return (journey.think.low + journey.think.high) / 2 or LEAST_SPREAD_S


def open_events(traces: Traces, steps: int, share: float, profile: Profile, edges: Floats) -> Floats:
    """Expected events of a journey that this share of the guests takes, in each stretch between ``edges``."""
    step, at = _with_ends(traces, steps)
    longest = float(at.max()) + 1e-9
    bins = _bins(steps)
    place = np.minimum((at / longest * bins).astype(np.int64), bins - 1)
    per_guest = _histogram(step, place, steps + 2, bins) / traces.guests
    centres = (np.arange(bins) + 0.5) * longest / bins
    came = _until(profile, edges[None, :] - centres[:, None])
    return share * (per_guest @ np.diff(came, axis=1))


def closed_events(
    traces: Traces,
    steps: int,
    users: Sequence[tuple[float, float, float]],
    late: float,
    edges: Floats,
    most: int | None,
    seed: int,
) -> Floats:
    """The same for users, each of whom makes one guest after the other, ``most`` at the most.

    ``users``: begin, end, and how many of them take this journey; each begins by chance up to ``late`` (s) later.
    """
    span = float(edges[-1])
    mean = float(traces.duration.mean())
    until = min(span, late + SETTLED * mean)
    if most is not None:
        until = min(until, late + (most + 1) * float(traces.duration.max()))
    begun = _first_guests(traces, steps, until, late, most, seed)
    bins = begun.shape[1] - 1
    rates = np.append(np.bincount(traces.step, minlength=steps) / traces.guests, (1.0, 1.0)) / mean
    longest_tail = math.inf if most is None else max(late / 2 + most * mean - until, 0.0)
    reads = np.zeros((bins + 1, len(edges)))
    tails = np.zeros(len(edges))
    columns = np.arange(len(edges))
    for begin, end, count in users:
        there = np.clip(edges, begin, end) - begin
        tails += count * np.clip(there - until, 0.0, longest_tail)
        exact = np.minimum(there / until, 1.0) * bins
        low = np.minimum(exact.astype(np.int64), bins - 1)
        reads[low, columns] += count * (1 - (exact - low))
        reads[low + 1, columns] += count * (exact - low)
    return np.diff(begun @ reads + rates[:, None] * tails[None, :], axis=1)


def _first_guests(traces: Traces, steps: int, until: float, late: float, most: int | None, seed: int) -> Floats:
    """Events of one user up to each of evenly spaced moments from 0 to ``until``, guests drawn from the simulated."""
    rng = np.random.default_rng(seed)
    mean = float(traces.duration.mean())
    length = int(until / mean * 1.3) + 8
    per_guest = len(traces.step) / traces.guests + 2
    events = min(until / mean + 1, length) * per_guest
    chains = int(np.clip(min(5 * MOST_CELLS / events, MOST_CELLS / length), 8, CHAINS))
    began = rng.uniform(0, late, (chains, 1))
    while True:
        drawn = rng.integers(0, traces.guests, (chains, length))
        ends = began + np.cumsum(traces.duration[drawn], axis=1)
        if float(ends[:, -1].min()) >= until or drawn.size > MOST_CELLS:
            break
        length *= 2
    starts = ends - traces.duration[drawn]
    kept = starts < until
    if most is not None:
        kept &= np.arange(length)[None, :] < most
    guest, start = drawn[kept], starts[kept]
    step, at = _events_of(traces, steps, guest, start)
    inside = at < until
    bins = _bins(steps)
    place = np.minimum((at[inside] / until * bins).astype(np.int64), bins - 1)
    counted = _histogram(step[inside], place, steps + 2, bins) / chains
    return np.concatenate([np.zeros((steps + 2, 1)), np.cumsum(counted, axis=1)], axis=1)


def _events_of(traces: Traces, steps: int, guest: Ints, start: Floats) -> tuple[Ints, Floats]:
    """Steps and moments of guests who set out at ``start``."""
    sends = np.bincount(traces.guest, minlength=traces.guests)
    first = np.concatenate([[0], np.cumsum(sends)[:-1]])
    many = sends[guest]
    # Places of all sends of all guests: each guest's own range, one behind the other.
    place = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first[guest], many)
    step = np.concatenate([traces.step[place], np.full(len(guest), steps), np.full(len(guest), steps + 1)])
    at = np.concatenate([traces.at[place] + np.repeat(start, many), start, start + traces.duration[guest]])
    return step, at


def _with_ends(traces: Traces, steps: int) -> tuple[Ints, Floats]:
    everyone = np.arange(traces.guests)
    return _events_of(traces, steps, everyone, np.zeros(traces.guests))


def _bins(steps: int) -> int:
    return int(np.clip(MOST_CELLS // (steps + 2), 50, 1000))


def _histogram(row: Ints, column: Ints, rows: int, columns: int) -> Floats:
    counted = np.bincount(row * columns + column, minlength=rows * columns)
    return counted.reshape(rows, columns).astype(np.float64)


def _until(profile: Profile, at: Floats) -> Floats:
    """``Profile.until`` for many moments at once."""
    ends = np.array([segment.end for segment in profile.segments])
    index = np.minimum(np.searchsorted(ends, at, side="right"), len(ends) - 1)
    facts = np.array([(s.begin, s.low, s.slope, s.before) for s in profile.segments])
    begin, low, slope, before = (facts[:, place][index] for place in range(4))
    passed = np.clip(at, 0.0, profile.duration) - begin
    return np.asarray(before + low * passed + slope * passed * passed / 2)


def intervals(plan: Plan, profile: Profile) -> list[Interval]:
    """When how many users of each journey are there. The last to come are the first to go, as Locust has it."""
    most = max(round(profile.peak), 1)
    size = max(1, -(-most // MOST_SLICES))
    order = _journey_order(plan, min(most, 20_000))
    weights = np.array([journey.weight for journey in plan.journeys])
    found: dict[tuple[float, float], Floats] = {}
    for first in range(0, most, size):
        last = min(first + size, most)
        users = np.bincount(order[first:last], minlength=len(weights)).astype(np.float64)
        users += weights / weights.sum() * (last - first - users.sum())
        for begin, end in _above(profile, (first + last) / 2):
            found[begin, end] = found.get((begin, end), 0.0) + users
    return [Interval(begin, end, users) for (begin, end), users in found.items()]


def _above(profile: Profile, level: float) -> list[tuple[float, float]]:
    """The stretches in which so many users are there, rounded as the engine rounds."""
    made: list[tuple[float, float]] = []
    for segment in profile.segments:
        low, high, begin, end = segment.low, segment.high, segment.begin, segment.end
        if max(low, high) < level:
            continue
        if low < level:
            begin += (level - low) / segment.slope
        elif high < level:
            end = begin + (level - low) / segment.slope
        if made and begin - made[-1][1] < 1e-9:
            made[-1] = (made[-1][0], end)
        elif begin < end:
            made.append((begin, end))
    return made


def _journey_order(plan: Plan, users: int) -> Ints:
    """Which journey each user takes, in the order in which they come: Locust's own way to keep to the weights.

    It always takes the class that brings shares closest to the weights (Kullback-Leibler divergence), of two alike
    the one whose name comes first.
    """
    names = [re.sub(r"\W", "_", journey.name) for journey in plan.journeys]
    heap = [
        (w * math.log2(w / (w + 1)), w + 1, w, names[place], place)
        for place, w in enumerate(journey.weight for journey in plan.journeys)
        if w > 0
    ]
    heapify(heap)
    taken = []
    for _ in range(users):
        _, so_far, weight, name, place = heap[0]
        taken.append(place)
        heapreplace(heap, (weight * math.log2(so_far / (so_far + 1)), so_far + 1, weight, name, place))
    return np.array(taken, np.int64)
