"""A load of one process, which both sends and reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.compiler.plan import Plan
from harness.engine.beat import Beat
from harness.engine.closed import HarnessUser
from harness.engine.gate import gate_of
from harness.engine.listener import Sender
from harness.engine.lookup import Held
from harness.engine.senders import Rest
from harness.engine.sending import Sending
from harness.engine.worker import Worker


class Alone:
    """``done`` is called when an open load's guests have come and gone."""

    several = False
    stride = 1
    grace_s = 0.0
    deserted = False
    workers, workers_lost = 1, 0
    all_done = in_messages = False

    def __init__(
        self,
        environment: Any,
        plan: Plan,
        headers: Mapping[str, str],
        sender: Sender,
        base_url: str,
        held: Held,
        done: Callable[[], None],
    ) -> None:
        self._environment = environment
        self._plan = plan
        self._headers = dict(headers)
        self._sender = sender
        self._base_url, self._held = base_url, held
        self._done = done
        self._sending: Sending | None = None

    def begin(self, worker: Worker) -> None:
        """Make what sends."""
        self._headers["X-Harness-Run"] = worker.run_id
        self._sending = Sending(
            self._environment, self._plan, worker, self._base_url, self._headers, self._sender, self._done, self._held,
            gate_of(self._plan),
        )  # fmt: skip

    def start(self, users: Sequence[type[HarnessUser]]) -> float:
        """Begin, now."""
        assert self._sending is not None
        began = time.perf_counter()
        self._sending.begin(users, began)
        return began

    def second(self) -> Beat:
        """What came since the last call."""
        assert self._sending is not None
        return self._sending.beat()

    def stopping(self) -> None:
        """Wait for replies to the requests under way."""
        if self._sending is not None:
            self._sending.drain(self._environment.stop_timeout or 0)

    def give_up(self) -> None:
        """Wait for no reply any more."""
        if self._sending is not None:
            self._sending.give_up()

    def internal_error(self) -> None:
        """Something of ours went wrong in a user."""
        if self._sending is not None:
            self._sending.internal_error()

    def end(self, lasted_s: float) -> Rest:
        """What is left, with the mean of the processor for the whole load."""
        sending, self._sending = self._sending, None
        assert sending is not None
        last = sending.end()
        return Rest(replace(last, cpu=0.0, processes=0), (sending.worker.book,), last.cpu)
