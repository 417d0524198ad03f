"""The tape of one walk: what went out and what came back, kept as steps, as events that were acknowledged, to show."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from harness.compiler.plan import JourneyPlan, Send
from harness.engine.http_reply import Reply
from harness.engine.transport import Transport
from harness.record.exchange import LONGEST_BODY, LONGEST_TARGET, Exchange, cut
from harness.record.recorder import Failure
from harness.verify.causes import step_cause
from harness.verify.sent import GUEST_CREATED, SentEvent, guest_write_of, message_of
from harness.verify.validated import StepResult

MOST_KEPT = 40
"""Exchanges of a walk that are kept to be shown: the latest, for they lead to what went wrong."""
KEY_VARIABLE = "CDP_CLIENT_KEY"
_KEY_IN_QUERY = re.compile(r"(?<=[?&]client_key=)[^&]*")
_KEY_IN_JSON = re.compile(r'(?<="clientKey":")[^"]*|(?<="client_key":")[^"]*')


class Tape:
    """Stands between walker and transport, and is told of every request. ``mask`` takes secrets out of texts."""

    def __init__(self, transport: Transport, mask: Callable[[str], str]) -> None:
        self._transport = transport
        self._mask = mask
        self._headers = b""
        self._body: bytes | None = None
        self.steps: list[StepResult] = []
        self.events: list[SentEvent] = []
        self.exchanges: deque[Exchange] = deque(maxlen=MOST_KEPT)

    def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes | None = None) -> Reply:
        """Send and wait, as the transport does."""
        self._headers, self._body = headers, body
        return self._transport.send(method, target, headers, body)

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()

    def request_done(
        self, journey: JourneyPlan, send: Send, target: bytes, reply: Reply, failure: Failure | None
    ) -> None:
        """Keep what there is to keep of a request."""
        text = target.decode("ascii")
        message = message_of(send.request.method, text, self._body)
        lost = failure is not None and failure.kind != "check"
        kept = None if failure is None else Failure(failure.kind, self._mask(failure.detail))
        cause = "" if failure is None else step_cause(send.request.type, reply.status, failure)
        step = StepResult(send.name, send.request.type, reply.status, reply.latency_us / 1000, kept, lost, cause=cause)
        self.steps.append(step)
        if message is not None and 200 <= reply.status <= 299:
            kind = message.get("type")
            self.events.append(SentEvent(send.name, kind if isinstance(kind, str) else "", message))
        write = guest_write_of(send.request.method, text, self._body) if 200 <= reply.status <= 299 else None
        # Of another guest than the path's own nothing is expected.
        if write is not None and (send.own_guest or write[0] == GUEST_CREATED):
            self.events.append(SentEvent(send.name, *write))
        body = (self._body or b"").decode("utf-8", "replace")
        self.exchanges.append(
            Exchange(
                step=send.name,
                type=send.request.type,
                method=send.request.method,
                target=cut(self._mask(_KEY_IN_QUERY.sub(f"${KEY_VARIABLE}", text)), LONGEST_TARGET),
                headers=tuple(self._mask(line) for line in self._headers.decode("latin-1").split("\r\n") if line),
                body=cut(self._mask(_KEY_IN_JSON.sub(f"${KEY_VARIABLE}", body)), LONGEST_BODY),
                message="" if message is None else self._mask(_indented(message)),
                status=reply.status,
                reply=cut(self._mask(_KEY_IN_JSON.sub("***", reply.body.decode("utf-8", "replace"))), LONGEST_BODY),
                latency_ms=reply.latency_us / 1000,
                connect_ms=reply.connect_us / 1000,
                failure=kept,
            )
        )


def folded(steps: Sequence[StepResult]) -> tuple[StepResult, ...]:
    """Steps with those told once that came again and again and went alike: a round of a ``repeat``, step by step."""
    made: list[StepResult] = []
    place = 0
    while place < len(steps):
        width, rounds = _repeated(steps, place)
        for number in range(width):
            alike = steps[place + number : place + width * rounds : width]
            first = alike[0]
            took = sum(each.latency_ms for each in alike)
            made.append(
                StepResult(first.name, first.type, first.status, took, first.failure, first.lost, rounds, first.cause)
            )
        place += width * rounds
    return tuple(made)


LONGEST_ROUND = 20


def _repeated(steps: Sequence[StepResult], place: int) -> tuple[int, int]:
    """How many steps from a place on make a round, and how often it comes; a step by itself is a round that comes once."""
    best = (1, 1)
    for width in range(1, min(LONGEST_ROUND, (len(steps) - place) // 2) + 1):
        pattern = [_likeness(each) for each in steps[place : place + width]]
        rounds = 1
        while [_likeness(each) for each in steps[place + rounds * width : place + (rounds + 1) * width]] == pattern:
            rounds += 1
        if rounds > 1 and rounds * width > best[0] * best[1]:
            best = (width, rounds)
    return best


def _likeness(step: StepResult) -> tuple[Any, ...]:
    return step.name, step.status, step.failure


def _indented(message: Mapping[str, Any]) -> str:
    """An event as JSON, an attribute a line."""
    lines = [f"  {_compact(name)}: {_compact(value)}" for name, value in message.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _compact(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_number)
    return re.sub(r'"\\u0000(.*?)\\u0000"', r"\1", text)


def _number(value: object) -> str:
    """An exact number keeps its digits: marked here, and bare in the end."""
    return f"\0{value:f}\0" if isinstance(value, Decimal) else str(value)
