"""One load of one process, as far as it sends: users or an entrance, what they do, and Locust's books of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gevent

from harness.compiler.plan import JourneyPlan, Plan, Send
from harness.engine.arrivals import STOP_S, Entrance
from harness.engine.beat import Beat
from harness.engine.closed import HarnessUser
from harness.engine.connect import connect
from harness.engine.gate import Gate
from harness.engine.generator import Generator
from harness.engine.http_reply import Reply
from harness.engine.listener import Sender
from harness.engine.locust_stats import LocustBooks
from harness.engine.lookup import Held
from harness.engine.transport import Transport
from harness.engine.worker import Worker
from harness.record.recorder import Failure
from harness.scenario.model import OPEN

DRAIN_LOOK_S = 0.005


class RequestFailed(Exception):  # noqa: N818 - shown to people as the failure's name in Locust's statistics
    """What Locust's statistics and listeners get as the exception of a failed request."""


class Sending:
    """Made when a load is about to begin; ``end`` when it is over. ``done``: an open load's guests have come and gone."""

    def __init__(
        self,
        environment: Any,
        plan: Plan,
        worker: Worker,
        base_url: str,
        headers: Mapping[str, str],
        sender: Sender,
        done: Callable[[], None],
        held: Held,
        gate: Gate | None,
    ) -> None:
        self.worker = worker
        self._environment = environment
        self._plan = plan
        self._base_url = base_url
        self._headers = dict(headers)
        self._sender = sender
        self._held = held
        self._gate = gate
        self._generator = Generator(worker)
        self._books = LocustBooks(environment, plan)
        self.entrance: Entrance | None = None
        if plan.load.model == OPEN:
            self.entrance = Entrance(plan, worker, self._connect, self, sender.ran_out, done)
            self.entrance.broken = self._broken
        self._given_up = False

    def begin(self, users: Sequence[type[HarnessUser]], began: float) -> None:
        """The load begins, at ``began`` (perf_counter)."""
        for each in users:
            each.worker = self.worker
            each.connect = self._connect
            each.reporter = self
            each.ran_out = self._sender.ran_out
        HarnessUser.halt(closing=False)
        self._generator.start()
        self._books.open()
        if self.entrance is not None:
            self.entrance.open(began)

    def beat(self) -> Beat:
        """What came since the last call, about a second ago."""
        return self._told(self._generator.beat(self._environment.runner.user_count))

    def drain(self, patience_s: float) -> None:
        """Nobody sends another request: wait for replies to those under way, before Locust stops its users.

        With thousands of them Locust's own way keeps their replies waiting.
        """
        HarnessUser.halt(closing=True)
        ends = time.perf_counter() + patience_s
        while self._generator.requests_under_way and time.perf_counter() < ends and not self._given_up:
            gevent.sleep(DRAIN_LOOK_S)

    def give_up(self) -> None:
        """Wait for no reply any more."""
        self._given_up = True

    def end(self) -> Beat:
        """The load is over: what is left."""
        if self.entrance is not None:
            self.entrance.close(0.0 if self._given_up else STOP_S)
        return self._told(self._generator.stop())

    def internal_error(self) -> None:
        """Something of ours went wrong in a user."""
        self._generator.internal_errors += 1

    def _broken(self, error: Exception) -> None:
        """Let Locust tell of it as of a user's."""
        self._environment.events.user_error.fire(user_instance=None, exception=error, tb=error.__traceback__)

    def request_done(
        self, journey: JourneyPlan, send: Send, target: bytes, reply: Reply, failure: Failure | None
    ) -> None:
        """Tell of a failure; and as long as somebody but Locust listens, Locust's event of the request.

        The event takes ten times as long as all else there is to do with a reply. Locust's own statistics are fed
        once a second instead.
        """
        if failure is not None:
            self._sender.failure(send, target, reply, failure)
        if not self._books.heard:
            return
        self._environment.events.request.fire(
            request_type=send.request.method,
            name=f"{journey.name}/{send.name}",
            response_time=reply.latency_us / 1000,
            response_length=reply.bytes_in,
            exception=None if failure is None else RequestFailed(f"{failure.kind}: {failure.detail}"),
            context={},
            response=None,
            start_time=time.time() - reply.latency_us / 1e6,
            url=self._base_url + send.request.target.literals[0].decode("ascii").partition("?")[0],
        )

    def _connect(self, journey: JourneyPlan) -> Transport:
        return connect(self._base_url, self._headers, self._plan, journey, self._held, self._gate)

    def _told(self, beat: Beat) -> Beat:
        beat.samples = self._sender.take_samples()
        self._books.enter(beat.figures)
        return beat
