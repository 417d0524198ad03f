"""Few paths that meet everything: first every value of every decision, then every two values that can meet.

Greedy: a path is made for what is not met yet, and wherever it is free it takes what is new. Points lie within values
of other points, and nobody decides anything after having left: so two values may never meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from harness.compiler.branches import Branches, Point, Value

MOST_PAIRS = 50_000
"""Pairs of values that are looked at; beyond, each value is met, and pairs as they come."""

At = tuple[int, int]
"""A point's place, and the number of one of its values."""


class Pick:
    """Decides along one path, so that it meets ``wanted`` if any path does."""

    def __init__(self, wanted: tuple[At, ...], met: Covered) -> None:
        self._wanted = dict(wanted)
        self._unmet = set(self._wanted)
        self._so_far: list[At] = []
        self._met = met
        self.useful = False
        """Whether the path met what it was made for."""

    def value(self, point: Point) -> Value:
        """The value to take at a point."""
        place = point.place
        ahead = {each for each in self._unmet if each > place}
        if place in self._wanted:
            self._unmet.discard(place)
            chosen = point.value(self._wanted[place])
        elif within := next((v for v in point.values if any(v.inside[0] <= a < v.inside[1] for a in ahead)), None):
            chosen = within
        else:
            open_values = [v for v in point.values if v.goes_on] if ahead else []
            chosen = max(open_values or point.values, key=lambda v: self._met.new(self._so_far, (place, v.number)))
        self._so_far.append((place, chosen.number))
        return chosen

    def took(self, path: list[At]) -> None:
        """The path is made."""
        self.useful = set(self._wanted.items()) <= set(path)
        if self.useful:
            self._met.add(path)


class Covered:
    """The values and pairs that were met so far."""

    def __init__(self) -> None:
        self.values: Counter[At] = Counter()
        self.pairs: set[tuple[At, At]] = set()

    def add(self, path: list[At]) -> None:
        """A path met these, in this order."""
        self.values.update(path)
        self.pairs.update(combinations(path, 2))

    def new(self, so_far: list[At], value: At) -> tuple[int, int]:
        """How much is new about a value after what a path met so far; of those alike the rarer is more."""
        fresh = sum((each, value) not in self.pairs for each in so_far) + (value not in self.values)
        return fresh, -self.values[value]


def covering(branches: Branches) -> Iterator[Pick]:
    """Picks, each for one more path; the path has to be told to the pick before the next is asked for."""
    met = Covered()
    values = [(point.place, value.number) for point in branches.points for value in point.values]
    for each in values:
        if each not in met.values:
            yield Pick((each,), met)
    if not values:
        yield Pick((), met)
    looked_at = 0
    for one, other in combinations(values, 2):
        if one[0] == other[0] or (one, other) in met.pairs:
            continue
        looked_at += 1
        if looked_at > MOST_PAIRS:
            return
        yield Pick((one, other), met)
