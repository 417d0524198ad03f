"""Whether a load as it is planned stays below what its target may be sent.

An open load brings guests at its own rate: more than ``max_rate`` of requests would only queue up here, so it is refused
before anything is sent. A closed load sends no faster than replies come, and what is still too fast waits at the gate
(``engine.gate``), which holds for both.
"""

from __future__ import annotations

from harness.compiler.estimate import estimate
from harness.compiler.plan import Plan
from harness.compiler.profile import Profile
from harness.engine.leave import NotAllowedError
from harness.scenario.model import OPEN

SIMULATED = 1000
"""Guests of each journey, to see how many requests one makes."""
SLACK = 1.05
"""A plan that is simulated is not exact."""


def check_rate(plan: Plan) -> None:
    """Raises NotAllowedError for an open load that would send more than the target may be sent."""
    if plan.max_rate is None or plan.load.model != OPEN:
        return
    guests = Profile(plan.load.stages).peak
    each = estimate(plan, guests=SIMULATED).requests_per_guest
    if guests * each <= plan.max_rate * SLACK:
        return
    where = "production" if plan.production else "the target"
    raise NotAllowedError(
        f"the load would send up to {guests * each:,.0f} requests/s ({guests:g} guests/s, {each:.3g} requests each), and "
        f"{where} is sent {plan.max_rate:g}/s at most. State what it bears (target.max_rate: {guests * each:.0f}/s), or let "
        f"fewer guests come"
    )
