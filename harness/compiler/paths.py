"""Paths: every way that a guest can take through a journey, or a selection in which no two decisions are left unmet.

A path says what is decided at each point it comes to. Within ``repeat`` the same is decided in every round, but
that nobody leaves before the last.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.compiler.branches import MOST_ROUNDS, Branches, Kind, Point, Value
from harness.compiler.pairwise import covering
from harness.compiler.plan import JourneyPlan, Leave, Op, Pause, Repeat, Send

MOST_OF_ALL = 200
"""Paths up to which all are taken unless the user says otherwise."""
MOST_PATHS = 10_000
"""Paths of a journey, whatever the user says."""
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided at a point: ``number`` as in ``branches.Value``."""

    place: int
    kind: Kind
    number: int
    label: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.label}"


@dataclass(frozen=True, slots=True)
class Path:
    """A way through a journey. ``leaves``: it ends where the guest leaves by design."""

    journey: str
    decisions: tuple[Decision, ...]
    leaves: bool

    @property
    def name(self) -> str:
        """Like ``purchase[repeat:5+leave:no]``: the same for the same journey, one of its own for each path."""
        if not self.decisions:
            return self.journey
        told = "+".join(map(str, self.decisions))
        if len(told) > LONGEST_NAME:
            mark = hashlib.sha256(told.encode()).hexdigest()[:8]
            told = f"{told[: LONGEST_NAME - 10].rpartition('+')[0]}+{mark}"
        return f"{self.journey}[{told}]"


@dataclass(frozen=True, slots=True)
class Selection:
    """The paths of a journey to walk, out of ``total``. ``how``: all of them, pairwise, or so many."""

    paths: tuple[Path, ...]
    total: int
    how: str


def select(journey: JourneyPlan, wanted: str | int = "auto") -> Selection:
    """Paths of a journey: ``all``, ``pairwise``, at most so many, or ``auto``: all while they are few, else pairwise."""
    branches = Branches(journey)
    total = count(branches)
    most = {"auto": MOST_OF_ALL, "all": total, "pairwise": 0}.get(str(wanted))
    if most is None:
        most = int(wanted)
    if total <= most:
        taken = tuple(itertools.islice(every(journey.name, branches), MOST_PATHS))
        return Selection(taken, total, "all" if len(taken) == total else f"the first {MOST_PATHS}")
    limit = most if isinstance(wanted, int) else MOST_PATHS
    taken = tuple(itertools.islice(pairwise(journey.name, branches), min(limit, MOST_PATHS)))
    return Selection(taken, total, f"the first {limit}" if len(taken) == limit else "pairwise")


def count(branches: Branches) -> int:
    """How many paths there are, without looking at each."""
    through, away = _count(branches, branches.ops)
    return through + away


def _count(branches: Branches, ops: Sequence[Op]) -> tuple[int, int]:
    """Paths that get through operations, and paths that leave within them."""
    through, away = 1, 0
    for op in ops:
        if isinstance(op, Send | Pause):
            continue
        on, off = _count_op(branches, op)
        through, away = through * on, away + through * off
        if not through:
            break
    return through, away


def _count_op(branches: Branches, op: Op) -> tuple[int, int]:
    point = branches.point(op)
    if point is None:
        return (0, 1) if isinstance(op, Leave) and op.share >= 1 else _count(branches, branches.certain(op))
    if point.kind == "leave":
        return 1, 1
    ways = [_count(branches, each.ops) for each in point.values]
    return sum(on for on, _ in ways), sum(off for _, off in ways)


def every(journey: str, branches: Branches) -> Iterator[Path]:
    """All paths, each once, in the order of the file; of a decision the usual value first."""
    chosen: list[int] = []  # at each decision so far, which of its values
    while True:
        widths: list[int] = []

        def pick(point: Point, chosen: list[int] = chosen, widths: list[int] = widths) -> Value:
            widths.append(len(point.values))
            if len(widths) > len(chosen):
                chosen.append(0)
            return point.values[chosen[len(widths) - 1]]

        yield trace(journey, branches, pick)
        del chosen[len(widths) :]
        while chosen and chosen[-1] + 1 == widths[len(chosen) - 1]:
            chosen.pop()
        if not chosen:
            return
        chosen[-1] += 1


def pairwise(journey: str, branches: Branches) -> Iterator[Path]:
    """Paths in which every value of every decision is met, and every two values that can meet do."""
    for pick in covering(branches):
        path = trace(journey, branches, pick.value)
        pick.took([(each.place, each.number) for each in path.decisions])
        if pick.useful:
            yield path


def trace(journey: str, branches: Branches, pick: Callable[[Point], Value]) -> Path:
    """The path on which ``pick`` decides."""
    decisions: list[Decision] = []
    leaves = _trace(branches, branches.ops, pick, decisions)
    return Path(journey, tuple(decisions), leaves)


def _trace(branches: Branches, ops: Sequence[Op], pick: Callable[[Point], Value], to: list[Decision]) -> bool:
    for op in ops:
        if isinstance(op, Send | Pause):
            continue
        point = branches.point(op)
        if point is None:
            if (isinstance(op, Leave) and op.share >= 1) or _trace(branches, branches.certain(op), pick, to):
                return True
            continue
        value = pick(point)
        to.append(Decision(point.place, point.kind, value.number, value.label))
        if (point.kind == "leave" and value.number) or _trace(branches, value.ops, pick, to):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Guide:
    """A path as the one who walks it needs it: what to do at an operation.

    ``early``: in a round of some ``repeat`` that is not the last.
    """

    branches: Branches
    numbers: Mapping[int, int]

    def value(self, op: Op, early: bool) -> Value | None:
        """What is decided at an operation; None where nothing is."""
        point = self.branches.point(op)
        if point is None:
            return None
        number = self.numbers.get(point.place)
        if number is None:  # reached in an early round alone
            number = point.values[0].number
        return point.staying(number) if early else point.value(number)

    def rounds(self, op: Repeat, early: bool) -> int:
        """How often a ``repeat`` is gone through."""
        value = self.value(op, early)
        return min(op.low, MOST_ROUNDS) if value is None else value.number


def guide(branches: Branches, path: Path) -> Guide:
    """The guide along a path of the same journey."""
    return Guide(branches, {each.place: each.number for each in path.decisions})


def every_decision(branches: Branches) -> tuple[Decision, ...]:
    """Each value of each point: what there is to reach."""
    return tuple(
        Decision(point.place, point.kind, value.number, value.label)
        for point in branches.points
        for value in point.values
    )
