"""The roll of an open load: its guests in the order in which they are due, and which of them are this process's."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from harness.compiler.plan import Plan
from harness.compiler.profile import Profile


@dataclass(frozen=True, slots=True)
class Share:
    """Which guests one process lets in, from the moment on at which ``since`` guests were due.

    Of every ``stripes`` guests that of number ``stripe``; None: nobody.
    """

    since: float
    stripe: int | None
    stripes: int


EVERYBODY = (Share(0.0, 0, 1),)


class Roll:
    """The guests' times, one after the other.

    Evenly spaced, guest *i* comes when the integral of the rate reaches *i* + ½. At random (Poisson), at the sum of
    *i* exponential steps of that integral: every process draws the same sums and takes its own. ``shares`` may be
    replaced while guests come, as long as they differ only for those who are due later than the last look ahead.
    """

    def __init__(self, plan: Plan, seed: int, shares: Sequence[Share] = EVERYBODY) -> None:
        self._profile = Profile(plan.load.stages)
        self._random = plan.load.arrivals != "constant"
        self._rng = random.Random(seed)
        self.shares = tuple(shares)
        self._count = -1
        self._reached = 0.0
        self._advance()

    @property
    def over(self) -> bool:
        """Whether nobody comes any more."""
        return self._profile.due(self._reached) is None

    @property
    def count(self) -> int:
        """How many guests, of all processes, were looked at: all of the load's when it is over."""
        return self._count

    def due(self, until_s: float) -> float | None:
        """When our next guest is due (s since the start), if until then; looks no further ahead than that."""
        limit = self._profile.until(until_s)
        while self._reached <= limit:
            count, reached = self._count, self._reached
            if (due := self._profile.due(reached)) is None:
                return None
            self._advance()
            share = self._share(reached)
            if share is not None and share.stripe is not None and count % share.stripes == share.stripe:
                return due
        return None

    def _share(self, reached: float) -> Share | None:
        return next((share for share in reversed(self.shares) if share.since <= reached), None)

    def _advance(self) -> None:
        self._count += 1
        self._reached = self._reached + self._rng.expovariate(1.0) if self._random else self._count + 0.5


@dataclass(slots=True)
class Lease:
    """Until when (s since the start) this process may let guests in without another word of its master."""

    until_s: float = float("inf")
