"""Closed load in stages: Locust is told once a second how many users there ought to be."""

from __future__ import annotations

from typing import Any

from locust import LoadTestShape

from harness.compiler.plan import Plan
from harness.compiler.profile import Profile

FASTEST_SPAWN = 1000.0
"""Users a second, most."""


def needs_shape(plan: Plan) -> bool:
    """Whether the load is more than one number of users for one duration."""
    return len(plan.load.stages) > 1 or plan.load.stages[0].kind == "ramp"


def shape(plan: Plan) -> type[LoadTestShape]:
    """A Locust shape that follows the stages."""
    profile = Profile(plan.load.stages)

    def tick(self: Any) -> tuple[int, float] | None:
        at = self.get_run_time()
        if at >= profile.duration:
            return None
        wanted = round(profile.level(at + 0.5))
        return wanted, min(max(abs(wanted - self.get_current_user_count()), 1.0), FASTEST_SPAWN)

    return type("Stages", (LoadTestShape,), {"tick": tick, "__module__": __name__})
