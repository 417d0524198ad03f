"""Open load: guests come when they are due, whether or not the target keeps up."""

from __future__ import annotations

import itertools
import logging
import random
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.pool import Group
from locust.exception import StopUser

from harness.compiler.plan import JourneyPlan, Plan
from harness.engine.closed import HarnessUser
from harness.engine.roll import Lease, Roll
from harness.engine.transport import Transport
from harness.engine.walk import Reporter, Walker
from harness.engine.worker import Worker
from harness.guests.identity import RanOutError

FINISH_S = 30.0
"""How long guests under way may go on when no more come. Those of a closed load end with it; these came to stay."""
STOP_S = 10.0
"""How long requests under way may take when the load is stopped."""
_log = logging.getLogger("harness")
MOST_AT_ONCE = 64
"""So many overdue guests are let in before those who are there get their turn."""
AHEAD_S = 0.25
"""So far ahead an entrance looks for its next guest; shares must not change any sooner."""
HELD_LOOK_S = 0.02
"""How often an entrance without leave looks whether it has some."""


class _Visitor:
    """The host of one guest's walk."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def pause(self, seconds: float) -> None:
        """Think."""
        gevent.sleep(seconds)
        self.check_stop()

    def check_stop(self) -> None:
        """Raise if the load is over."""
        if HarnessUser.closing or self._entrance.over:
            raise StopUser()


class Entrance:
    """Lets the guests of an open load in, each a greenlet of its own on a connection of its own. One a process.

    A greenlet whose guest is done waits, with its connection, for the next on the same journey: to make one costs as
    much as a request. Where cookies are kept, each guest has a connection of its own. More than ``max_in_flight``
    guests at once are not let in; those count as dropped. ``done`` is called when all have come and gone.
    """

    def __init__(
        self,
        plan: Plan,
        worker: Worker,
        connect: Callable[[JourneyPlan], Transport],
        reporter: Reporter,
        ran_out: Callable[[str], None],
        done: Callable[[], None],
    ) -> None:
        self.roll = Roll(plan, worker.seed)
        self.lease = Lease()
        self.over = False
        self.began = 0.0
        """When the load began (perf_counter)."""
        self._plan, self._worker = plan, worker
        self._connect, self._reporter = connect, reporter
        self._ran_out, self._done = ran_out, done
        self._leaders = Group()
        self._idle: dict[int, list[Any]] = {journey.index: [] for journey in plan.journeys}
        self._waiting = 0
        self._last = False
        self._letting_in: gevent.Greenlet[..., None] | None = None
        self.broken: Callable[[Exception], object] = lambda _: None
        """Told of errors of ours, each of which loses a guest."""

    def open(self, began: float) -> None:
        """Let guests in from now on; the load began at ``began`` (perf_counter)."""
        self.began = began
        self._letting_in = gevent.spawn(self._let_in)

    def close(self, patience_s: float = STOP_S) -> None:
        """The load is over: guests under way may end their requests, for so long."""
        self.over = True
        if self._letting_in is not None and self._letting_in is not gevent.getcurrent():
            self._letting_in.kill()
        self._join(patience_s)
        self._leaders.kill()

    def _let_in(self) -> None:
        weights = [*itertools.accumulate(journey.weight for journey in self._plan.journeys)]
        rng = random.Random((self._worker.seed ^ 0x5EED) + (self._worker.index << 40))
        at_once = 0
        while not self._closed():
            now = time.perf_counter() - self.began
            ahead = now + AHEAD_S
            due = self.roll.due(min(ahead, self.lease.until_s))
            if due is None:
                if self.roll.over:
                    break
                gevent.sleep(HELD_LOOK_S if self.lease.until_s < ahead else AHEAD_S / 2)
                continue
            wait = self.began + due - time.perf_counter()
            at_once += 1
            if wait > 0 or at_once >= MOST_AT_ONCE:
                gevent.sleep(max(wait, 0))
                at_once = 0
                if self._closed():
                    return
            self._admit(rng.choices(self._plan.journeys, cum_weights=weights)[0], int((self.began + due) * 1e9))
        gevent.sleep(max(self.began + self._plan.load.duration - time.perf_counter(), 0))
        self._join(FINISH_S)
        self._done()

    def _closed(self) -> bool:
        return self.over or HarnessUser.closing

    def _admit(self, journey: JourneyPlan, due_ns: int) -> None:
        if len(self._leaders) - self._waiting >= self._plan.load.max_in_flight:
            self._worker.recorder.dropped(journey.index)
            return
        idle = self._idle[journey.index]
        if idle:
            self._waiting -= 1
            gevent.get_hub().loop.run_callback(idle.pop().switch, (journey, due_ns))
        else:
            self._leaders.spawn(self._lead, journey, due_ns)

    def _lead(self, journey: JourneyPlan, due_ns: int) -> None:
        """Lead one guest, and the next whenever it is called again."""
        transport = self._connect(journey)
        walker = Walker(self._worker, transport, self._reporter, _Visitor(self))
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
            if not self.over:
                self.over = True
                self._ran_out(str(error))
                gevent.spawn(self._done)
        except Exception as error:
            _log.exception("a guest was lost to an error inside the harness")
            self.broken(error)
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


class Arrivals(HarnessUser):
    """The one Locust user of an open load. It sends nothing: it stands for the load in Locust's books.

    Guests come whether or not Locust gives this process a user, and whichever process it takes one from.
    """

    abstract = True

    def stand(self) -> None:
        """Be there until the load is over."""
        while True:
            self.pause(FINISH_S)


def arrivals() -> type[Arrivals]:
    """The Locust user class of an open load."""
    members = {"tasks": [Arrivals.stand], "fixed_count": 1, "__module__": __name__}
    return type("Arrivals", (Arrivals,), members)
