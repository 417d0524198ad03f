"""One guest's way through a journey: operations one after the other, each request sent, judged, counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from harness.compiler.plan import Choose, JourneyPlan, Leave, Op, Pause, Repeat, Send, When
from harness.engine.http_reply import Reply
from harness.engine.judge import judge
from harness.engine.transport import Transport
from harness.engine.visit import Visit
from harness.engine.worker import Worker
from harness.record.book import Identified
from harness.record.ledger import Outcome, outcome_of
from harness.record.recorder import Failure
from harness.record.stories import Sent
from harness.scenario.expressions import evaluate

PAUSE_AFTER_CONNECTION_ERROR_S = 1.0
"""A guest whose target cannot be reached waits so long: a dead target is not hammered, nor this machine heated."""
GOES_ON, LEFT, LOST = 0, 1, 2


class Reporter(Protocol):
    """Who is told of every request."""

    def request_done(
        self, journey: JourneyPlan, send: Send, target: bytes, reply: Reply, failure: Failure | None
    ) -> None:
        """A reply came, or none will."""


class Host(Protocol):
    """Whoever walks: it can pause and be told to stop. Both raise what ends the walk at once."""

    def pause(self, seconds: float) -> None:
        """Think so long."""

    def check_stop(self) -> None:
        """Raise if no further request may be sent."""


class Walker:
    """Walks journeys on behalf of a host, over one transport."""

    __slots__ = ("_host", "_reporter", "_transport", "_worker")

    def __init__(self, worker: Worker, transport: Transport, reporter: Reporter, host: Host) -> None:
        self._worker = worker
        self._transport = transport
        self._reporter = reporter
        self._host = host

    def walk(self, journey: JourneyPlan, due_ns: int | None = None) -> None:
        """One guest, from the first step to the last, to where it leaves, or to the first request that fails.

        ``due_ns``: when it ought to have set out (perf_counter_ns; None: now). Raises RanOutError before anything
        is counted when there are no more guests.
        """
        recorder = self._worker.recorder
        visit = self._worker.visit()
        visit.due_ns = time.perf_counter_ns() if due_ns is None else due_ns
        recorder.started(journey.index)
        begun = time.perf_counter_ns()
        end = self._run(journey.ops, journey, visit)
        at = visit.at
        if visit.story is not None:
            visit.story.ended = True
        if end == LOST and at is not None:
            recorder.lost(journey.index, at)
        elif end == LEFT:
            recorder.left(journey.index, at)
        else:
            if at is not None:
                recorder.went_on(at)
            recorder.completed(journey.index, (time.perf_counter_ns() - begun) // 1000)

    def _run(self, ops: Sequence[Op], journey: JourneyPlan, visit: Visit) -> int:
        for op in ops:
            end = self._send(op, journey, visit) if isinstance(op, Send) else self._flow(op, journey, visit)
            if end:
                return end
        return GOES_ON

    def _flow(self, op: Op, journey: JourneyPlan, visit: Visit) -> int:
        rng = visit.rng
        match op:
            case Pause(low, high):
                self._think(visit, low if low == high else rng.uniform(low, high))
                visit.thinks = False
            case Leave(share):
                return LEFT if share >= 1 or rng.random() < share else GOES_ON
            case Repeat(low, high, ops):
                for _ in range(low if low == high else rng.randint(low, high)):
                    if end := self._run(ops, journey, visit):
                        return end
            case Choose(ways):
                dice = rng.random()
                for total, ops in ways:
                    if dice < total:
                        return self._run(ops, journey, visit)
            case When(condition, ops, otherwise):
                return self._run(ops if evaluate(condition, visit.lookup) else otherwise, journey, visit)
        return GOES_ON

    def _think(self, visit: Visit, seconds: float) -> None:
        """Pause; the next request is due when the pause was to end, not when this process got round to it."""
        visit.due_ns = time.perf_counter_ns() + int(seconds * 1e9)
        self._host.pause(seconds)

    def _send(self, send: Send, journey: JourneyPlan, visit: Visit) -> int:
        """Send one request, judge and count its reply; whether the guest can go on."""
        if visit.has_browser and send.request.type == "BROWSER":
            return GOES_ON
        think = journey.think
        if visit.thinks and think.high > 0:
            self._think(visit, think.low if think.low == think.high else visit.rng.uniform(think.low, think.high))
        self._host.check_stop()
        worker = self._worker
        place, target, headers, body = worker.fill(send, visit)
        worker.recorder.sent(send.index, visit.at)
        visit.at = send.index
        late_us = max(time.perf_counter_ns() - visit.due_ns, 0) // 1000
        worker.lateness.add(late_us)
        reply = self._transport.send(send.request.method, target, headers, body)
        failure, lost = judge(send, reply, visit)
        if failure is None:
            worker.recorder.answered(send.index, reply, late_us)
        else:
            worker.recorder.failed(send.index, failure, reply, late_us)
        if place is not None or send.identifies or send.deletes or visit.story is not None:
            self._note(
                send, visit, place, Sent(send.index, send.request.method, target, body, reply.status, reply.unsent)
            )
        if send.empties:
            visit.empty_cart()
        self._reporter.request_done(journey, send, target, reply, failure)
        if reply.unsent:
            self._host.pause(PAUSE_AFTER_CONNECTION_ERROR_S)
        # The browser's id comes with the page: no guest thinks between the two.
        visit.thinks = send.request.type != "BROWSER"
        if not visit.thinks and failure is None:
            worker.remember_browser(visit)
        visit.due_ns = time.perf_counter_ns()
        return LOST if lost else GOES_ON

    def _note(self, send: Send, visit: Visit, place: int | None, sent: Sent) -> None:
        """Write down what ought to be there afterwards."""
        book = self._worker.book
        outcome = outcome_of(sent.status, sent.unsent)
        if place is not None:
            book.ledger.close(place, outcome if send.purchase else Outcome.NO_ORDER)
        if send.identifies and outcome is not Outcome.REFUSED:
            known = outcome is Outcome.ACKNOWLEDGED
            book.identified(visit.guest, Identified.ACKNOWLEDGED if known else Identified.UNKNOWN)
        if send.deletes and outcome is not Outcome.REFUSED:
            book.identified(visit.guest, Identified.DELETED)
        if visit.story is not None:
            visit.story.add(self._worker.sealed(sent))
