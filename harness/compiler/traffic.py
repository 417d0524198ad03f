"""The traffic of a whole load: the events of all journeys over time, and what they add up to."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.compiler import crowd
from harness.compiler.expected import Expected, Point, Totals
from harness.compiler.moments import GUESTS, ORDERS, REQUESTS, VALUE, Walk
from harness.compiler.plan import AMOUNT_SCALE, Plan
from harness.compiler.profile import Profile
from harness.compiler.simulate import Floats
from harness.compiler.sizes import typical_size
from harness.scenario.model import OPEN


class Traffic:
    """The events of all journeys over time, and what they add up to."""

    def __init__(self, plan: Plan, profile: Profile, walks: Sequence[Walk], edges: Floats, seed: int) -> None:
        self._plan, self._profile, self._walks, self._edges = plan, profile, walks, edges
        self._open = plan.load.model == OPEN
        weights = np.array([journey.weight for journey in plan.journeys])
        self._shares = weights / weights.sum()
        self._finish = False
        self.known = True
        self.users = np.zeros(len(walks))
        self.events: list[Floats] = []
        self._timed = True
        if self._open:
            for walk, share in zip(walks, self._shares, strict=True):
                # Guests under way at the end may finish: they count, in a stretch of their own behind the others.
                beyond = np.append(edges, edges[-1] + crowd.FINISH_S)
                self.events.append(crowd.open_events(walk.traces, walk.steps, float(share), profile, beyond))
            return
        there = crowd.intervals(plan, profile)
        self.users = np.sum([each.users for each in there if each.begin < edges[-1]], axis=0)
        most = plan.load.iterations
        self._timed = all(walk.mean > 0 for walk, users in zip(walks, self.users, strict=True) if users)
        self._finish = most is not None and all(most * walk.mean <= profile.duration for walk in walks)
        self.known = self._timed or most is not None
        for place, (journey, walk) in enumerate(zip(plan.journeys, walks, strict=True)):
            late = crowd.spread(journey)
            if self._timed and self.users[place]:
                users = [(each.begin, each.end, float(each.users[place])) for each in there if each.users[place]]
                self.events.append(crowd.closed_events(walk.traces, walk.steps, users, late, edges, most, seed))
            else:
                # No time to spread them over: all of them at once, or none.
                made = np.zeros((walk.steps + 2, len(edges) - 1))
                made[:, 0] = np.append(walk.moments.x[: walk.steps], (1, 1)) * self.users[place] * (most or 0)
                self.events.append(made)

    @property
    def guest_shares(self) -> Floats:
        """The share of each journey among all guests."""
        counts = np.array([events[crowd.START].sum() for events in self.events])
        return np.asarray(counts / counts.sum()) if counts.sum() else self._shares

    def step(self, place: int, row: int, fine: int) -> tuple[Expected | None, tuple[float, ...], float | None]:
        """Total, rates at the points, and peak of a step."""
        if not self.known:
            return None, (), None
        total = self._expected(float(self.events[place][row].sum()), [(place, row)])
        widths = np.diff(self._edges)
        counts = self.events[place][row][: len(widths)]
        if not self._timed:
            return total, (), None
        rates = counts.reshape(-1, fine).sum(axis=1) / widths.reshape(-1, fine).sum(axis=1)
        return total, tuple(map(float, rates)), peak(counts, widths)

    def guests(self, place: int) -> Expected | None:
        """Guests of a journey."""
        if not self.known:
            return None
        return self._expected(float(self.events[place][crowd.START].sum()), [(place, GUESTS)])

    def totals(self) -> Totals | None:
        """The whole run."""
        if not self.known:
            return None
        everywhere = range(len(self._walks))
        sums = [events.sum(axis=1) for events in self.events]
        requests = sum(float(s[:-2].sum()) for s in sums)
        orders = revenue = size = 0.0
        for place, (journey, walk) in enumerate(zip(self._plan.journeys, self._walks, strict=True)):
            for row, send in enumerate(journey.sends):
                size += sums[place][row] * typical_size(send)
                orders += sums[place][row] if send.purchase else 0.0
                revenue += sums[place][row] * walk.value[row]
        money = self._expected(revenue, [(p, VALUE) for p in everywhere])
        return Totals(
            requests=self._expected(requests, [(p, REQUESTS) for p in everywhere]),
            guests=self._expected(sum(float(s[crowd.START]) for s in sums), [(p, GUESTS) for p in everywhere]),
            orders=self._expected(orders, [(p, ORDERS) for p in everywhere]),
            revenue=Expected(*(v / AMOUNT_SCALE for v in (money.mean, money.spread, money.error))),
            size=round(size),
            peak_rate=peak(self._requests, np.diff(self._edges)) if self._timed else None,
            peak_guests=float(self._under_way.max()) if self._open else self._profile.peak,
        )

    @property
    def _requests(self) -> Floats:
        return np.asarray(np.sum([events[:-2, : len(self._edges) - 1].sum(axis=0) for events in self.events], axis=0))

    @property
    def _under_way(self) -> Floats:
        """Guests under way at each edge."""
        change = np.sum([events[crowd.START] - events[crowd.END] for events in self.events], axis=0)
        return np.append(0.0, np.cumsum(change[: len(self._edges) - 1]))

    def points(self, count: int, fine: int) -> tuple[Point, ...]:
        """The run in so many stretches."""
        if not self.known or not self._timed:
            return ()
        edges = self._edges[::fine]
        width = float(edges[1] - edges[0])
        starts = np.sum([events[crowd.START, : len(self._edges) - 1] for events in self.events], axis=0)
        starts = starts.reshape(-1, fine).sum(axis=1)
        requests = self._requests.reshape(-1, fine).sum(axis=1)
        there = self._under_way[1:].reshape(-1, fine).mean(axis=1)
        return tuple(
            Point(
                float(edges[i]),
                width,
                (self._profile.until(float(edges[i + 1])) - self._profile.until(float(edges[i]))) / width,
                float(starts[i] / width),
                float(requests[i] / width),
                float(there[i]),
            )
            for i in range(count)
        )

    def _expected(self, mean: float, parts: Sequence[tuple[int, int]]) -> Expected:
        """A total with its spread. ``parts``: journeys, and the row of moments of which the total is made in each.

        Open, guests evenly spaced: *G* guests are given, each is on a journey by chance: G (E X² − (E X)²) over all
        journeys. At random (Poisson): G E X². Closed: independent users; what their guests add beyond the mean rate
        of their time, or all of it where a user makes a fixed number of guests.
        """
        variance = error = plain = squares = 0.0
        for place, row in parts:
            walk = self._walks[place]
            guests = float(self.events[place][crowd.START].sum())
            share = float(self._shares[place])
            plain += share * float(walk.moments.x[row])
            squares += share * float(walk.moments.xx[row])
            one = walk.variances[row] if self._open or self._finish or not self._timed else walk.steady_variances[row]
            variance += guests * float(one)
            if not self._open and not self._finish and self._timed:
                # Where in its guest the end finds a user: a part of a guest, evenly spread, more or less.
                variance += float(self.users[place]) * float(walk.moments.x[row]) ** 2 / 6
            # Chains of guests are drawn once more from those that were simulated.
            error += guests**2 * float(one) * (1 if self._open else 2) / walk.traces.guests
        if self._open:
            guests = self._profile.total
            poisson = self._plan.load.arrivals == "poisson"
            variance = guests * (squares if poisson else max(squares - plain**2, 0.0))
            # The end of the run cuts guests off; the rest has the spread of its own size.
            whole = guests * plain
            seen = min(mean / whole, 1.0) if whole else 1.0
            variance, error = variance * seen, error * seen**2
        return Expected(float(mean), math.sqrt(variance), math.sqrt(error))

    @property
    def crowded(self) -> bool:
        """Whether more guests would be under way than the load lets in."""
        return self._open and float(self._under_way.max()) > self._plan.load.max_in_flight


def peak(counts: Floats, widths: Floats) -> float:
    """The highest rate (1/s); a run of less than a second counts as one."""
    return float((counts / np.maximum(widths, 1.0)).max())
