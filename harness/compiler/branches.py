"""Where guests of a journey part: every decision that dice or data make, and what each can come to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.compiler.plan import Choose, JourneyPlan, Leave, Op, Repeat, When, sends_of
from harness.scenario.expressions import evaluate, is_constant

MOST_ROUNDS = 100
"""Rounds of one ``repeat`` that a path makes: beyond that another round shows nothing new."""
LONGEST_LABEL = 30
LEAST_SHARE = 1e-12
"""Less is what sums of shares lose in rounding: a way that nobody takes."""

Kind = Literal["repeat", "choose", "when", "leave"]
NONE_OF_THEM = -1
"""The value of a ``choose`` that goes on without any of its ways."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a decision can come to. ``number``: rounds; which way; 1 or 0 for yes or no.

    ``ops`` come next. ``inside`` are the places of the points among them: from the first up to, not with, the second.
    """

    number: int
    label: str
    ops: tuple[Op, ...]
    inside: tuple[int, int]
    goes_on: bool
    """Whether a guest that takes it can get to what follows."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place where guests part. ``place`` counts a journey's points in the order of the file."""

    place: int
    kind: Kind
    values: tuple[Value, ...]

    def value(self, number: int) -> Value:
        """The value of that number."""
        return next(each for each in self.values if each.number == number)

    def staying(self, number: int) -> Value:
        """The value, or where everybody leaves who takes it, the first with which one can stay."""
        wanted = self.value(number)
        return wanted if wanted.goes_on else next((each for each in self.values if each.goes_on), wanted)


class Branches:
    """The points of one journey. Operations are told apart by identity: two alike are two places."""

    def __init__(self, journey: JourneyPlan) -> None:
        self._count = 0
        self._by_op: dict[int, Point] = {}
        self._journey = journey
        self._visit(journey.ops)
        self.points: tuple[Point, ...] = tuple(sorted(self._by_op.values(), key=lambda each: each.place))

    @property
    def ops(self) -> tuple[Op, ...]:
        """The journey's operations."""
        return self._journey.ops

    def point(self, op: Op) -> Point | None:
        """The point at an operation; None where there is nothing to decide."""
        return self._by_op.get(id(op))

    def certain(self, op: Op) -> tuple[Op, ...]:
        """What comes within an operation at which nothing is decided."""
        match op:
            case Repeat(high=high, ops=inner):
                return inner if high else ()
            case Choose(ways=ways):
                return next(
                    (inner for number, inner in enumerate(_inner(ways)) if _share(ways, number) > LEAST_SHARE), ()
                )
            case When(condition, inner, otherwise):
                return inner if evaluate(condition, lambda _: None) else otherwise
        return ()

    def _visit(self, ops: Sequence[Op]) -> bool:
        """Number the points of operations; whether a guest can get through them."""
        goes_on = True
        for op in ops:
            match op:
                case Leave(share):
                    goes_on = self._leave(op, share) and goes_on
                case Repeat() | Choose() | When():
                    goes_on = self._parting(op) and goes_on
        return goes_on

    def _leave(self, op: Op, share: float) -> bool:
        if 0 < share < 1:
            place = self._next()
            inside = (place + 1, place + 1)
            values = (Value(0, "no", (), inside, True), Value(1, "yes", (), inside, False))
            self._by_op[id(op)] = Point(place, "leave", values)
        return share < 1

    def _parting(self, op: Op) -> bool:
        kind, found = _alternatives(op)
        if len(found) < 2:
            return self._visit(self.certain(op))
        place = self._next()
        values: list[Value] = []
        for number, label, ops in found:
            if kind == "repeat" and values and values[-1].ops:  # more rounds of the same
                inside, goes_on = values[-1].inside, values[-1].goes_on
            else:
                first = self._count
                goes_on = self._visit(ops)
                inside = (first, self._count)
            values.append(Value(number, label, ops, inside, goes_on))
        self._by_op[id(op)] = Point(place, kind, tuple(values))
        return any(each.goes_on for each in values)

    def _next(self) -> int:
        self._count += 1
        return self._count - 1


def _alternatives(op: Op) -> tuple[Kind, list[tuple[int, str, tuple[Op, ...]]]]:
    """What an operation can come to: number, label, what comes next."""
    match op:
        case Repeat(low, high, ops):
            bounds = sorted({min(low, MOST_ROUNDS), min(high, MOST_ROUNDS)})
            return "repeat", [(times, str(times), ops if times else ()) for times in bounds]
        case Choose(ways):
            inner = _inner(ways)
            found = [
                (n, _label(inner[n], _share(ways, n)), inner[n])
                for n in range(len(ways))
                if _share(ways, n) > LEAST_SHARE
            ]
            if ways and ways[-1][0] < 1:
                found.append((NONE_OF_THEM, "none", ()))
            return "choose", _told_apart(found)
        case When(condition, ops, otherwise):
            if is_constant(condition):
                return "when", []
            return "when", [(1, "yes", ops), (0, "no", otherwise)]
    return "leave", []


def _inner(ways: Sequence[tuple[float, tuple[Op, ...]]]) -> list[tuple[Op, ...]]:
    return [ops for _, ops in ways]


def _share(ways: Sequence[tuple[float, tuple[Op, ...]]], number: int) -> float:
    return ways[number][0] - (ways[number - 1][0] if number else 0.0)


def _label(ops: Sequence[Op], share: float) -> str:
    """A way by the first step on it, or by its share where it sends nothing."""
    first = next(sends_of(ops), None)
    return word(first.name) if first else f"{share * 100:.0f}pct"


def _told_apart(found: list[tuple[int, str, tuple[Op, ...]]]) -> list[tuple[int, str, tuple[Op, ...]]]:
    used: set[str] = set()
    made = []
    for number, label, ops in found:
        own, more = label, 2
        while own in used:
            own, more = f"{label}.{more}", more + 1
        used.add(own)
        made.append((number, own, ops))
    return made


def word(text: str) -> str:
    """A name in characters that command lines and ``pytest -k`` take as they are."""
    return re.sub(r"[^\w.]+", "_", text).strip("_")[:LONGEST_LABEL] or "_"
