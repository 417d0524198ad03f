"""A guided walk: one guest down one path. The same walker as in a load, but decisions are given, and nobody thinks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.compiler.paths import Guide
from harness.compiler.plan import Choose, JourneyPlan, Leave, Op, Pause, Repeat, Send, When
from harness.engine.transport import Transport
from harness.engine.visit import Visit
from harness.engine.walk import GOES_ON, LEFT, Host, Reporter, Walker
from harness.engine.worker import Worker
from harness.scenario.expressions import Expression, evaluate, names, show
from harness.scenario.values import Range

MOST_GUESTS = 40
"""Guests that are looked at for one to whom a path's conditions apply."""
MOST_REQUESTS = 2_000
"""Of one path: rounds within rounds can be many."""
NO_PAUSE = Range(0, 0)


class TooLongError(Exception):
    """A path has come to MOST_REQUESTS."""


@dataclass(frozen=True, slots=True)
class Walked:
    """How a guided walk went. ``end``: GOES_ON, LEFT or LOST; ``decided``: places and numbers that were reached.

    ``against``: conditions, as text, that said otherwise than the path, which went on all the same. ``cut``: it
    came to MOST_REQUESTS.
    """

    end: int
    decided: frozenset[tuple[int, int]]
    against: tuple[str, ...]
    cut: bool


class _Restless:
    """A host that never pauses and never stops, but counts."""

    def __init__(self) -> None:
        self._left = MOST_REQUESTS

    def pause(self, seconds: float) -> None:
        """No time passes."""

    def check_stop(self) -> None:
        """Raises TooLongError."""
        self._left -= 1
        if self._left < 0:
            raise TooLongError


class GuidedWalker(Walker):
    """Walks one path."""

    __slots__ = ("_against", "_decided", "_early", "_guide")

    def __init__(self, worker: Worker, transport: Transport, reporter: Reporter, host: Host, guide: Guide) -> None:
        super().__init__(worker, transport, reporter, host)
        self._guide = guide
        self._early = 0
        self._decided: set[tuple[int, int]] = set()
        self._against: dict[str, None] = {}

    def follow(self, journey: JourneyPlan, visit: Visit) -> Walked:
        """From the first step to the last, to where the path leaves, or to the first request that fails."""
        cut = False
        try:
            end = self._run(journey.ops, journey, visit)
        except TooLongError:
            end, cut = GOES_ON, True
        return Walked(end, frozenset(self._decided), tuple(self._against), cut)

    def _flow(self, op: Op, journey: JourneyPlan, visit: Visit) -> int:
        value = self._guide.value(op, self._early > 0)
        point = self._guide.branches.point(op)
        if value is not None and point is not None:
            self._decided.add((point.place, value.number))
        match op:
            case Leave(share):
                return LEFT if (share >= 1 if value is None else value.number) else GOES_ON
            case Repeat():
                return self._rounds(op, journey, visit)
            case When(condition):
                if value is not None and bool(value.number) != bool(evaluate(condition, visit.lookup)):
                    self._against[f"{show(condition)} is {'false' if value.number else 'true'}"] = None
        if isinstance(op, Pause):
            visit.thinks = False
            return GOES_ON
        return self._run(self._guide.branches.certain(op) if value is None else value.ops, journey, visit)

    def _rounds(self, op: Repeat, journey: JourneyPlan, visit: Visit) -> int:
        rounds = self._guide.rounds(op, self._early > 0)
        for number in range(rounds):
            early = number < rounds - 1
            self._early += early
            end = self._run(op.ops, journey, visit)
            self._early -= early
            if end:
                return end
        return GOES_ON


def hasty(journey: JourneyPlan) -> JourneyPlan:
    """The journey without think time between its steps; its operations are the same objects."""
    return replace(journey, think=NO_PAUSE)


def walk_path(
    worker: Worker, transport: Transport, reporter: Reporter, journey: JourneyPlan, guide: Guide
) -> tuple[Visit, Walked]:
    """Send a guest of its own down a path; raises RanOutError when there are no more guests."""
    visit = fitting_guest(worker, journey, guide)
    walker = GuidedWalker(worker, transport, reporter, _Restless(), guide)
    return visit, walker.follow(hasty(journey), visit)


def fitting_guest(worker: Worker, journey: JourneyPlan, guide: Guide) -> Visit:
    """A guest to whom the conditions on a path apply, as far as a few can be looked at and no reply decides.

    Raises RanOutError when there are no more guests.
    """
    best = worker.visit()
    conditional = any(point.kind == "when" for point in guide.branches.points)
    least = _Rehearsal(guide, journey).misses(best.twin()) if conditional else 0
    for _ in range(MOST_GUESTS if least and worker.plan.guests.feed is None else 0):
        other = worker.visit()
        misses = _Rehearsal(guide, journey).misses(other.twin())
        if misses < least:
            best, least = other, misses
        if not least:
            break
    return best


class _Rehearsal:
    """A path walked on paper: the guest fills its cart and sends nothing. Counts conditions that say otherwise."""

    def __init__(self, guide: Guide, journey: JourneyPlan) -> None:
        self._guide = guide
        self._journey = journey
        self._captured = {capture.name for send in journey.sends for capture in send.captures}
        self._misses = 0
        self._left = MOST_REQUESTS

    def misses(self, visit: Visit) -> int:
        """How many do."""
        self._run(self._journey.ops, visit, False)
        return self._misses

    def _run(self, ops: Sequence[Op], visit: Visit, early: bool) -> bool:
        """Whether the guest has left."""
        for op in ops:
            match op:
                case Send():
                    if self._left == 0:
                        return True
                    self._left -= 1
                    if op.pick is not None:
                        visit.pick(op.pick)
                    if op.empties:
                        visit.empty_cart()
                case Repeat(ops=inner):
                    rounds = self._guide.rounds(op, early)
                    if any(self._run(inner, visit, early or number < rounds - 1) for number in range(rounds)):
                        return True
                case Leave() | Choose() | When():
                    if self._decide(op, visit, early):
                        return True
        return False

    def _decide(self, op: Leave | Choose | When, visit: Visit, early: bool) -> bool:
        value = self._guide.value(op, early)
        if isinstance(op, Leave):
            return op.share >= 1 if value is None else bool(value.number)
        if isinstance(op, When) and value is not None and not self._hangs_on_a_reply(op.condition):
            self._misses += bool(value.number) != bool(evaluate(op.condition, visit.lookup))
        return self._run(self._guide.branches.certain(op) if value is None else value.ops, visit, early)

    def _hangs_on_a_reply(self, condition: Expression) -> bool:
        known = ("cart", "guest")
        return any(name.parts[0] not in known or name.parts[0] in self._captured for name in names(condition))
