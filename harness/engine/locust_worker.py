"""A worker's part in loads, from Locust's ``init`` to its ``quit``: it sends, and tells its master through a ``Hand``."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import gevent
from locust.runners import WorkerRunner

from harness.compiler.plan import Plan
from harness.engine.arrivals import arrivals
from harness.engine.closed import HarnessUser, users
from harness.engine.crew_words import LOST_AFTER_S, STRIDE
from harness.engine.gate import gate_of
from harness.engine.hand import Hand
from harness.engine.interrupts import raise_in_main
from harness.engine.listener import Joiner, NotJoinedError
from harness.engine.locust_options import say_host
from harness.engine.lookup import Held
from harness.engine.marks import request_headers
from harness.engine.others import others_of
from harness.engine.roll import Share
from harness.engine.sending import Sending
from harness.scenario.model import OPEN

LOOK_S = 0.1
"""How often a worker looks whether it still may send, and whether its master is there."""


class LocustWorker:
    """One a process. ``joiner`` is told what the master says the load is."""

    def __init__(self, joiner: Joiner) -> None:
        self._joiner = joiner
        self._environment: Any = None
        self._runner: Any = None
        self._hand: Hand | None = None
        self._plan: Plan | None = None
        self._sending: Sending | None = None
        self._began = 0.0
        self._running = self._asked = False
        self._greenlets: list[gevent.Greenlet[..., None]] = []
        self._parent = 0

    def made(self, runner: WorkerRunner) -> None:
        """The runner is there, and has not greeted its master yet."""
        self._runner = runner
        self._parent = os.getppid()
        self._environment = runner.environment
        self._hand = Hand(runner, self._join, self._finish, self._word)
        gevent.spawn(self._mind_master)

    # Locust's events

    def on_test_start(self) -> None:
        """Locust's master wants users."""
        if self._sending is None or self._running:
            return
        self._running = True
        self._sending.begin(self._environment.user_classes, self._began)
        self._greenlets = [gevent.spawn(self._beat), gevent.spawn(self._mind_lease)]

    def on_test_stopping(self) -> None:
        """Let requests under way end before Locust stops its users."""
        if self._sending is not None:
            self._sending.drain(self._patience)

    def on_test_stop(self) -> None:
        """Locust has stopped its users."""
        self._finish()

    def on_user_error(self, error: object) -> None:
        """Something of ours went wrong in a user."""
        if self._sending is not None:
            self._sending.internal_error()

    def asked_to_end(self) -> None:
        """A signal. The first lets requests under way end, the second does not."""
        if self._asked and self._sending is not None:
            self._sending.give_up()
        elif not self._asked:
            self._asked = True
            raise_in_main(KeyboardInterrupt())

    def on_quitting(self) -> None:
        """The process is about to end."""
        self.on_test_stopping()
        self._finish()

    # A load

    @property
    def _patience(self) -> float:
        return float(self._environment.stop_timeout or 0)

    def _join(self, told: Mapping[str, Any]) -> None:
        """The master says what the load is: make what this worker needs for it. Raises NotJoinedError."""
        joined = self._joiner.join(told, told["index"], STRIDE)
        if joined.plan.max_rate is not None and told["run_s"] > 0:
            raise NotJoinedError(
                "the target's max_rate was dealt out to the workers that were there when the load began"
            )
        self._plan = joined.plan
        is_open = joined.plan.load.model == OPEN
        made: list[type[HarnessUser]] = [arrivals()] if is_open else [*users(joined.plan)]
        others = others_of(self._environment)
        self._environment.user_classes[:] = others if is_open and others else [*others, *made]
        say_host(self._environment, told["base_url"])
        self._began = time.perf_counter() - told["run_s"]
        assert self._hand is not None
        self._sending = Sending(
            self._environment, joined.plan, joined.worker, told["base_url"], request_headers(told["run_id"]),
            self._joiner, self._hand.done, Held.unpack(told["held"]), gate_of(joined.plan, max(told["workers"], 1)),
        )  # fmt: skip
        if self._sending.entrance is not None:
            self._sending.entrance.lease = self._hand.lease
            self._sending.entrance.roll.shares = ()

    def _word(self, shares: tuple[Share, ...] | None, began: float | None) -> None:
        """The master deals out guests anew, or has compared its clock with ours."""
        entrance = self._sending.entrance if self._sending is not None else None
        if began is not None:
            self._began = began
            if entrance is not None:
                entrance.began = began
        if entrance is not None and shares is not None:
            entrance.roll.shares = shares

    def _beat(self) -> None:
        """Once a second, on the second."""
        second = 0
        while True:
            second += 1
            gevent.sleep(max(self._began + second - time.perf_counter(), 0))
            if not self._running or self._sending is None or self._hand is None:
                return
            beat = self._sending.beat()
            self._hand.tell(beat, self._sending.worker.book.take(), time.perf_counter() - self._began)
            second = max(
                second, int(time.perf_counter() - self._began)
            )  # after a standstill: no beats for each second of it

    def _mind_lease(self) -> None:
        """Users of a closed load wait while the master is not heard of: it has given their share to others."""
        while self._running and self._hand is not None:
            held = time.perf_counter() - self._began > self._hand.lease.until_s
            if held != HarnessUser.held and not HarnessUser.closing:
                HarnessUser.halt(closing=False, held=held)
            gevent.sleep(LOOK_S)

    def _mind_master(self) -> None:
        """A worker that a master has forked does not outlive it."""
        while os.getppid() == self._parent:
            gevent.sleep(LOOK_S)
        self._runner.quit()

    def _finish(self) -> None:
        """The load is over: tell what is left. Once a load."""
        if not self._running:
            return
        self._running = False
        for each in self._greenlets:
            if each is not gevent.getcurrent():
                each.kill(block=False)
        sending, hand = self._sending, self._hand
        assert sending is not None
        assert hand is not None
        sending.drain(self._patience)
        last = sending.end()
        planned = sending.entrance.roll.count if sending.entrance is not None and sending.entrance.roll.over else None
        self._sending = None
        self._runner._send_stats()  # so that the master knows how users of other locustfiles fared
        at = time.perf_counter() - self._began
        hand.tell_last(last, sending.worker.book.take(), at, planned, LOST_AFTER_S)
