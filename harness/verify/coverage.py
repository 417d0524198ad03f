"""How much of journeys the walked paths reached: branches and steps."""

from __future__ import annotations

from collections.abc import Iterable

from harness.compiler.branches import Branches
from harness.compiler.paths import every_decision
from harness.compiler.plan import JourneyPlan
from harness.verify.validated import Coverage, PathResult

MOST_NAMED = 100


def coverage(journeys: Iterable[tuple[JourneyPlan, Branches, Iterable[PathResult]]]) -> Coverage:
    """Of journeys, each with the results of its paths."""
    branches = reached_branches = steps = reached_steps = 0
    missed: list[str] = []
    for journey, points, results in journeys:
        decided: set[tuple[int, int]] = set()
        names: set[str] = set()
        for result in results:
            decided |= result.decided
            names |= result.reached
        decisions = every_decision(points)
        sends = [send.name for send in journey.sends]
        open_decisions = [each for each in decisions if (each.place, each.number) not in decided]
        open_steps = [name for name in sends if name not in names]
        branches += len(decisions)
        reached_branches += len(decisions) - len(open_decisions)
        steps += len(sends)
        reached_steps += len(sends) - len(open_steps)
        missed += [f"{journey.name}: {each}" for each in (*open_decisions, *open_steps)]
    return Coverage(branches, reached_branches, steps, reached_steps, tuple(missed[:MOST_NAMED]))
