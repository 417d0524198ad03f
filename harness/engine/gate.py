"""The gate before a target that has to be spared: so many requests a second at most, and nothing that is not for it.

It stands only where a scenario states ``max_rate`` or the target is a production system; other loads never meet it.
"""

from __future__ import annotations

import re
import time
from urllib.parse import unquote_plus

import gevent

from harness.cdp.events import FORCE_CLOSE
from harness.compiler.plan import Plan
from harness.engine.http_reply import Reply
from harness.engine.transport import Transport
from harness.record.recorder import Failure

NOT_ALLOWED = "not_allowed"
"""The kind of a failure that is ours: the request was not sent, because it may not be."""
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})", re.I)
_FORCE_CLOSE = re.compile(rf'"type"\s*:\s*"\s*{FORCE_CLOSE.name}\s*"', re.I)


class Pace:
    """Lets so many a second go, one after the other. Whoever is too many waits in its greenlet."""

    def __init__(self, rate: float | None) -> None:
        """``rate`` in 1/s; None: nobody waits."""
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0

    def wait(self) -> None:
        """Until it is one's turn."""
        if not self._gap:
            return
        now = time.monotonic()
        turn = max(self._next, now)
        self._next = turn + self._gap
        if turn > now:
            gevent.sleep(turn - now)


class Gate:
    """What all requests of one process go through. ``spares``: the target is never sent a FORCE_CLOSE."""

    def __init__(self, rate: float, spares: bool) -> None:
        self._pace = Pace(rate)
        self._spares = spares

    def passed(self, target: bytes, body: bytes | None) -> Failure | None:
        """Wait for its turn; or why a request may not be sent at all."""
        if self._spares and closes_by_force(target, body):
            return Failure(NOT_ALLOWED, f"{FORCE_CLOSE.name} in production")
        self._pace.wait()
        return None


def gate_of(plan: Plan, processes: int = 1) -> Gate | None:
    """The gate for one of so many processes: each has its share of the rate. None: the target needs none."""
    return None if plan.max_rate is None else Gate(plan.max_rate / processes, plan.production)


def closes_by_force(target: bytes, body: bytes | None) -> bool:
    """Whether a request holds an event FORCE_CLOSE, however it is encoded."""
    texts = (unquote_plus(target.decode("latin-1")), (body or b"").decode("utf-8", "replace"))
    return any(_FORCE_CLOSE.search(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)) for text in texts)


class GatedTransport:
    """A transport behind a gate."""

    def __init__(self, transport: Transport, gate: Gate) -> None:
        self._transport = transport
        self._gate = gate

    def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes | None = None) -> Reply:
        """Send when it is allowed, and wait."""
        refused = self._gate.passed(target, body)
        if refused is not None:
            return refused_reply(refused)
        return self._transport.send(method, target, headers, body)

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()


def refused_reply(failure: Failure) -> Reply:
    """What comes of a request that was not sent."""
    return Reply(0, b"", 0, 0, 0, failure, True)
