"""How many users Locust makes: at first, and in a closed load of several stages once a second."""

from __future__ import annotations

from typing import Any

from locust import LoadTestShape

from harness.compiler.plan import Plan
from harness.compiler.profile import Profile
from harness.scenario.model import OPEN

FASTEST_SPAWN = 1000.0
"""Users a second, most."""


def users_at_first(plan: Plan) -> int:
    """How many users Locust is to make, unless it is told otherwise."""
    return 1 if plan.load.model == OPEN else max(round(Profile(plan.load.stages).peak), 1)


def shape(plan: Plan) -> type[LoadTestShape] | None:
    """A Locust shape that follows the stages; None where there is no more than one number of users for one duration."""
    stages = plan.load.stages
    if plan.load.model == OPEN or (len(stages) == 1 and stages[0].kind != "ramp"):
        return None
    profile = Profile(stages)

    def tick(self: Any) -> tuple[int, float] | None:
        at = self.get_run_time()
        if at >= profile.duration:
            return None
        wanted = round(profile.level(at + 0.5))
        return wanted, min(max(abs(wanted - self.get_current_user_count()), 1.0), FASTEST_SPAWN)

    return type("Stages", (LoadTestShape,), {"tick": tick, "__module__": __name__})
