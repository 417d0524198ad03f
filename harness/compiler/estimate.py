"""What a run would do: figures per step, over time and in all, from simulated guests and the load profile."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.compiler import crowd
from harness.compiler.expected import Estimate, Expected, JourneyEstimate, StepEstimate
from harness.compiler.moments import ORDERS, REQUESTS, VALUE, Walk
from harness.compiler.plan import AMOUNT_SCALE, Plan
from harness.compiler.profile import Profile
from harness.compiler.simulate import Simulation, unknown_conditions
from harness.compiler.traffic import Traffic
from harness.scenario.model import OPEN

POINTS = 20
FINEST = 12
"""Stretches of a point in which a peak is looked for."""


def estimate(plan: Plan, latency_s: float = 0.05, guests: int = 10_000, seed: int = 1) -> Estimate:
    """Send ``guests`` simulated guests down every journey, and add them up to the traffic of the load.

    Every request takes ``latency_s``, and succeeds. Pure: the same for the same arguments.
    """
    profile = Profile(plan.load.stages)
    walks = []
    for journey in plan.journeys:
        sends = journey.sends
        bought = [place for place, send in enumerate(sends) if send.purchase]
        walks.append(Walk(Simulation(plan, journey, latency_s, seed).run(guests), len(sends), bought))
    duration = _duration(plan, profile, walks)
    # Stretches of a second at least, so that a peak is a rate and not a burst.
    count = min(POINTS, max(1, int(duration)))
    fine = min(FINEST, max(1, int(duration / count)))
    edges = np.linspace(0.0, duration, count * fine + 1)
    traffic = Traffic(plan, profile, walks, edges, seed)
    steps: list[StepEstimate] = []
    for place, (journey, walk) in enumerate(zip(plan.journeys, walks, strict=True)):
        n = walk.traces.guests
        for row, send in enumerate(journey.sends):
            per_guest = Expected(
                float(walk.moments.x[row]), float(walk.variances[row] ** 0.5), float((walk.variances[row] / n) ** 0.5)
            )
            total, rates, peak = traffic.step(place, row, fine)
            steps.append(
                StepEstimate(
                    journey.name, send.name, send.request.type, per_guest, float(walk.reach[row]), total, peak, rates
                )
            )
    shares = traffic.guest_shares

    def mixed(row: int) -> float:
        return float(sum(s * w.moments.x[row] for s, w in zip(shares, walks, strict=True)))

    return Estimate(
        latency_s=latency_s,
        simulated=min(walk.traces.guests for walk in walks),
        duration_s=duration,
        steps=tuple(steps),
        journeys=tuple(
            _journey(j.name, w, traffic.guests(i)) for i, (j, w) in enumerate(zip(plan.journeys, walks, strict=True))
        ),
        totals=traffic.totals(),
        points=traffic.points(count, fine),
        requests_per_guest=mixed(REQUESTS),
        orders_per_guest=mixed(ORDERS),
        revenue_per_guest=mixed(VALUE) / AMOUNT_SCALE,
        assumptions=tuple(_assumptions(plan, latency_s, walks, traffic)),
    )


def _duration(plan: Plan, profile: Profile, walks: Sequence[Walk]) -> float:
    """How long the run takes (s): the profile's time, or until every user has made its journeys."""
    most = plan.load.iterations
    if most is None:
        return profile.duration
    times = (
        crowd.spread(journey) + most * walk.mean + 3 * math.sqrt(most * walk.variance)
        for journey, walk in zip(plan.journeys, walks, strict=True)
    )
    return min(profile.duration, max(times))


def _journey(name: str, walk: Walk, guests: Expected | None) -> JourneyEstimate:
    traces = walk.traces
    whole = traces.duration[~traces.left]
    left = float(traces.left.mean())
    mean, p95 = (float(whole.mean()), float(np.percentile(whole, 95))) if len(whole) else (None, None)
    return JourneyEstimate(name, guests, 1 - left, left, mean, p95)


def _assumptions(plan: Plan, latency_s: float, walks: Sequence[Walk], traffic: Traffic) -> list[str]:
    feed = plan.guests.feed
    made = [f"every request succeeds and takes {latency_s * 1000:g} ms (--latency)"]
    for journey, walk in zip(plan.journeys, walks, strict=True):
        made += [f"'when {text}' hangs on a reply: true for half of the guests" for text in unknown_conditions(journey)]
        if walk.traces.cut:
            made.append(f"a guest of {journey.name} does so much that only its beginning is counted")
        if walk.traces.unpriced:
            made.append(
                f"{journey.name} does not confirm all of every cart: what such an order comes to is not documented, "
                "so it counts with no revenue"
            )
    if not traffic.known:
        made.append("nothing takes time: how often users send depends on the target alone (give --latency)")
    pairs = zip(plan.journeys, traffic.users, strict=True)
    idle = [journey.name for journey, users in pairs if journey.weight and not users]
    if idle and plan.load.model != OPEN:
        made.append(f"too few users for every journey: nobody takes {', '.join(idle)}")
    if traffic.crowded:
        made.append(f"more guests at once than max_in_flight: {plan.load.max_in_flight:,}: some are not let in")
    if feed is not None and not feed.wrap and feed.order != "random":
        made.append(f"{feed.source} has {len(feed.rows):,} guests: when they run out the run ends")
    return made
