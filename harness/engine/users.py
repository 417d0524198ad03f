"""Locust users: one class a journey. A task is one guest's whole way; its steps are the plan's operations."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import gevent
import orjson
from locust import User, constant
from locust.exception import StopUser
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_STOPPING, LOCUST_STATE_WAITING

from harness.compiler.plan import Capture, JourneyPlan, Pause, Plan, Send
from harness.engine.transport import Reply, Transport
from harness.engine.worker import Visit, Worker
from harness.record.ledger import Outcome
from harness.record.recorder import Failure

PAUSE_AFTER_CONNECTION_ERROR_S = 1.0
"""A user whose target cannot be reached waits so long: a dead target is not hammered, nor this machine heated."""


class Reporter(Protocol):
    """Who is told of every request."""

    def request_done(self, user: JourneyUser, send: Send, target: bytes, reply: Reply, failure: Failure | None) -> None:
        """A reply came, or none will."""


class JourneyUser(User):
    """Sends guests down one journey, one after the other. Its process's ``worker`` is set when the load starts."""

    abstract = True
    wait_time = constant(0)
    journey: ClassVar[JourneyPlan]
    iterations: ClassVar[int | None] = None
    worker: ClassVar[Worker]
    connect: ClassVar[Callable[[str], Transport]]
    reporter: ClassVar[Reporter]

    def on_start(self) -> None:
        """Open the user's own connection (it connects with the first request)."""
        self._transport = type(self).connect(self.host or "")
        self._walked = 0

    def on_stop(self) -> None:
        """Close it."""
        self._transport.close()

    def stop(self, force: bool = False) -> bool:
        """Locust ends the user: at once while it thinks, else after the request under way.

        Locust's own way lets a user whose pause just ended send once more, and then kills it in mid-request.
        """
        if not force and self._state == LOCUST_STATE_WAITING:
            self._state = LOCUST_STATE_STOPPING
            self._group.killone(self._greenlet)
            return True
        return bool(super().stop(force))

    def walk(self) -> None:
        """One guest, from the first step to the last, or to the first request that fails."""
        worker, journey = self.worker, self.journey
        recorder = worker.recorder
        if self.iterations is not None and self._walked >= self.iterations:
            raise StopUser()
        self._walked += 1
        recorder.started(journey.index)
        visit = worker.visit()
        begun = time.perf_counter_ns()
        for op in journey.ops:
            if isinstance(op, Pause):
                self._pause(visit.rng.uniform(op.low, op.high))
                continue
            if self._state == LOCUST_STATE_STOPPING:
                raise StopUser()
            if not self._send(op, visit):
                recorder.lost(journey.index)
                return
        recorder.completed(journey.index, (time.perf_counter_ns() - begun) // 1000)

    def _pause(self, seconds: float) -> None:
        """Think. Meanwhile Locust may end the user."""
        if self._state == LOCUST_STATE_STOPPING:
            raise StopUser()
        self._state = LOCUST_STATE_WAITING
        gevent.sleep(seconds)
        if self._state == LOCUST_STATE_STOPPING:
            raise StopUser()
        self._state = LOCUST_STATE_RUNNING

    def _send(self, send: Send, visit: Visit) -> bool:
        """Send one request, judge and count its reply; whether the guest can go on."""
        worker = self.worker
        worker.before_sending(visit)
        if send.pick is not None:
            visit.pick(send.pick)
            worker.next_line(visit)
        place = None if send.order is None else worker.open_order(visit, send.order)
        target = send.request.target.fill(visit.values)
        worker.recorder.sent(send.index)
        reply = self._transport.send(send.request.method, target)
        failure, lost = judge(send, reply, visit)
        if failure is None:
            worker.recorder.answered(send.index, reply.latency_us, reply.bytes_out, reply.bytes_in)
        else:
            latency = reply.latency_us if reply.status else None
            worker.recorder.failed(send.index, failure, latency, reply.bytes_out, reply.bytes_in)
        if place is not None:
            worker.ledger.close(place, order_outcome(reply) if send.purchase else Outcome.NO_ORDER)
            visit.empty_cart()
        self.reporter.request_done(self, send, target, reply, failure)
        if not reply.status and failure is not None and failure.kind == "connection":
            self._pause(PAUSE_AFTER_CONNECTION_ERROR_S)
        return not lost


def judge(send: Send, reply: Reply, visit: Visit) -> tuple[Failure | None, bool]:
    """What is wrong with a reply, if anything, and whether the guest is lost with it.

    A reply that is only too slow is a failed check; the guest goes on.
    """
    if reply.failure is not None:
        return reply.failure, True
    if reply.status != send.status if send.status is not None else not 200 <= reply.status <= 299:
        return Failure("http_status", str(reply.status)), True
    if send.capture is not None and not capture(send.capture, reply.body, visit):
        return Failure("capture", f"no usable '{send.capture.key}' in the reply"), True
    if send.within_us is not None and reply.latency_us > send.within_us:
        return Failure("check", f"slower than {send.within_us / 1000:g} ms"), False
    return None, False


def capture(wanted: Capture, body: bytes, visit: Visit) -> bool:
    """Take a text from a JSON reply into the visit's values; False when it is not there or not as it must be."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    text = found.get(wanted.key) if isinstance(found, dict) else None
    if not isinstance(text, str) or not re.fullmatch(wanted.pattern, text):
        return False
    visit.values[wanted.slot] = text.encode("ascii")
    return True


def order_outcome(reply: Reply) -> Outcome:
    """What a reply to a checkout tells of the order."""
    if 200 <= reply.status <= 299:
        return Outcome.ACKNOWLEDGED
    if reply.unsent or 400 <= reply.status <= 499:
        return Outcome.REFUSED
    return Outcome.UNKNOWN


def users(plan: Plan) -> list[type[JourneyUser]]:
    """The plan's journeys as Locust user classes, with their weights."""
    taken: set[str] = set()
    made = []
    for journey in plan.journeys:
        name = re.sub(r"\W", "_", journey.name)
        while name in taken:
            name += "_"
        taken.add(name)
        made.append(_user_class(name, journey, plan))
    return made


def _user_class(name: str, journey: JourneyPlan, plan: Plan) -> type[JourneyUser]:
    members: dict[str, Any] = {
        "journey": journey,
        "iterations": plan.iterations,
        "weight": journey.weight,
        "tasks": [JourneyUser.walk],
        "__module__": __name__,
        "__doc__": f"Guests on the journey {journey.name}.",
    }
    return type(name, (JourneyUser,), members)
