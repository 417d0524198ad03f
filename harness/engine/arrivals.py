"""Open load: guests come when they are due, whether or not the target keeps up."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import gevent
from gevent.pool import Group
from locust.exception import StopTest, StopUser

from harness.compiler.plan import JourneyPlan, Plan
from harness.compiler.profile import Profile
from harness.engine.closed import HarnessUser
from harness.engine.walk import Walker
from harness.engine.worker import RanOutError

FINISH_S = 30.0
"""How long guests under way may go on when no more come. Those of a closed load end with it; these came to stay."""
STOP_S = 10.0
"""How long requests under way may take when the load is stopped."""
MOST_AT_ONCE = 64
"""So many overdue guests are let in before those who are there get their turn."""


def due_times(plan: Plan, seed: int, index: int = 0, stride: int = 1) -> Iterator[float]:
    """When the guests of one process are due (s since the start): guest *i* of all belongs to *i* ≡ index (mod stride).

    Evenly spaced, guest *i* comes when the integral of the rate reaches *i* + ½. At random (Poisson), at the sum of
    *i* exponential steps of that integral; every process draws the same sums and takes its own.
    """
    profile = Profile(plan.load.stages)
    rng = random.Random(seed)
    count, reached = 0, 0.0
    while True:
        reached = count + 0.5 if plan.load.arrivals == "constant" else reached + rng.expovariate(1.0)
        due = profile.due(reached)
        if due is None:
            return
        if count % stride == index:
            yield due
        count += 1


class _Visitor:
    """The host of one guest's walk."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    def pause(self, seconds: float) -> None:
        """Think."""
        gevent.sleep(seconds)
        self.check_stop()

    def check_stop(self) -> None:
        """Raise if the load is over."""
        if HarnessUser.closing or self._arrivals.over:
            raise StopUser()


class Arrivals(HarnessUser):
    """The one Locust user of an open load: it lets guests in, each a greenlet of its own on a connection of its own.

    A greenlet whose guest is done waits, with its connection, for the next on the same journey: to make one costs as
    much as a request. Where cookies are kept, each guest has a connection of its own. More than ``max_in_flight``
    guests at once are not let in; those count as dropped.
    """

    abstract = True
    plan: ClassVar[Plan]
    dropped: ClassVar[Callable[[JourneyPlan], None]]
    done: ClassVar[Callable[[], None]]
    stripe: ClassVar[tuple[int, int] | None] = (0, 1)
    """Of every so many guests this process lets in the one of that number; None: it came too late to have a share."""

    def on_start(self) -> None:
        """Nobody is there yet."""
        self.over = False
        self._leaders = Group()
        self._idle: dict[int, list[Any]] = {journey.index: [] for journey in type(self).plan.journeys}
        self._waiting = 0
        self._last = False

    def on_stop(self) -> None:
        """Guests under way may end their requests."""
        self.over = True
        self._join(STOP_S)
        self._leaders.kill()

    def arrive(self) -> None:
        """Let guests in when they are due, until the load is over."""
        kind = type(self)
        weights = [*itertools.accumulate(journey.weight for journey in kind.plan.journeys)]
        at_once = 0
        share = kind.stripe
        rng = random.Random((kind.worker.seed ^ 0x5EED) + (share[0] << 40 if share else 0))
        began = time.perf_counter()
        for due in due_times(kind.plan, kind.worker.seed, *share) if share else ():
            wait = began + due - time.perf_counter()
            at_once += 1
            if wait > 0 or at_once >= MOST_AT_ONCE:
                self.pause(max(wait, 0))
                at_once = 0
            else:
                self.check_stop()
            journey = rng.choices(kind.plan.journeys, cum_weights=weights)[0]
            if len(self._leaders) - self._waiting >= kind.plan.load.max_in_flight:
                kind.dropped(journey)
                continue
            due_ns = int((began + due) * 1e9)
            idle = self._idle[journey.index]
            if idle:
                self._waiting -= 1
                gevent.get_hub().loop.run_callback(idle.pop().switch, (journey, due_ns))
            else:
                self._leaders.spawn(self._lead, journey, due_ns)
        self.pause(max(began + kind.plan.load.duration - time.perf_counter(), 0))
        self._join(FINISH_S)
        kind.done()
        self.pause(FINISH_S)

    def _lead(self, journey: JourneyPlan, due_ns: int) -> None:
        """Lead one guest, and the next whenever it is called again."""
        kind = type(self)
        transport = kind.connect(journey)
        walker = Walker(kind.worker, transport, kind.reporter, _Visitor(self))
        hub, me = gevent.get_hub(), gevent.getcurrent()
        try:
            while True:
                walker.walk(journey, due_ns)
                if self._last or journey.cookies:
                    return
                self._idle[journey.index].append(me)
                self._waiting += 1
                called = hub.switch()
                if called is None:
                    return
                journey, due_ns = called
        except StopUser:
            pass
        except RanOutError as error:
            kind.ran_out(str(error))
            self.over = True
            raise StopTest(str(error)) from None
        finally:
            transport.close()

    def _join(self, seconds: float) -> None:
        """Nobody comes any more: wait so long for the guests who are there."""
        self._last = True
        for idle in self._idle.values():
            while idle:
                self._waiting -= 1
                gevent.get_hub().loop.run_callback(idle.pop().switch, None)
        self._leaders.join(timeout=seconds)


def arrivals(plan: Plan) -> type[Arrivals]:
    """The Locust user class of an open load."""
    members = {"plan": plan, "tasks": [Arrivals.arrive], "fixed_count": 1, "__module__": __name__}
    return type("Arrivals", (Arrivals,), members)
