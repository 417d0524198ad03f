"""The faults that a client sees: requests that are late, refused, cut off, or one too many.

They stand before everything but ``/_sandbox``. While there are none, nothing of this is on a request's way.
"""

import asyncio
from collections import Counter
from math import exp
from random import Random
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.cdp.endpoints import EVENT_CREATE, EVENTS
from harness.sandbox.body import parameter, read_body, read_object
from harness.sandbox.dice import Dice
from harness.sandbox.faults import Faults, Latency, RateLimit, Stall
from harness.sandbox.replies import error_body, json_headers

RESET = "harness.reset"
"""In an ASGI scope: what cuts the connection off, without a reply."""


class WireFaults:
    """Leads requests through the faults to an application."""

    def __init__(self, faults: Faults, counts: Counter[str]) -> None:
        self._faults = faults
        self._counts = counts
        self._started = monotonic()
        self._dice = Dice(faults.seed, ("latency", "errors", "resets"), counts)
        self._buckets = [_Bucket(rule) for rule in faults.rate_limit]
        kinds = (faults.latency, faults.errors, faults.resets, faults.stall, faults.rate_limit)
        self._needs_type = any(rule.only.types for rules in kinds for rule in rules)

    def before(self, app: ASGIApp) -> ASGIApp:
        """The application behind the faults."""

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
                await app(scope, receive, send)
            else:
                await self._handle(app, scope, receive, send)

        return faulty

    async def _handle(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        kind = ""
        if self._needs_type:
            kind, receive = await _type_of(scope, receive)
        await self._wait_for_stall(path, kind)
        for bucket in self._buckets:
            if bucket.rule.only.fits(path, kind):
                if not bucket.take(monotonic()):
                    self._counts["rate_limit"] += 1
                    await _refuse(send, bucket.rule.status, "Too many requests.", bucket.rule.retry_after_s)
                    return
                break
        faults = self._faults
        reset = next((rule for rule in faults.resets if rule.only.fits(path, kind)), None)
        if reset is not None and self._dice.comes("resets", reset.rate):
            if reset.stored:
                await _handled(app, scope, receive)
            await _cut_off(scope, receive, send)
            return
        failure = next((rule for rule in faults.errors if rule.only.fits(path, kind)), None)
        failed = failure is not None and self._dice.comes("errors", failure.rate)
        late = self._latency_s(path, kind)
        if failed and failure is not None:
            if failure.stored:
                await _handled(app, scope, receive)
            await _sleep(late)
            await _refuse(send, failure.status, "A fault that the sandbox was told to have.", failure.retry_after_s)
        elif late:
            reply = await _handled(app, scope, receive)
            await _sleep(late)
            for message in reply:
                await send(message)
        else:
            await app(scope, receive, send)

    async def _wait_for_stall(self, path: str, kind: str) -> None:
        rule = next((rule for rule in self._faults.stall if rule.only.fits(path, kind)), None)
        if rule is not None and (left := stalled_for(rule, monotonic() - self._started)):
            self._counts["stall"] += 1
            await _sleep(left)

    def _latency_s(self, path: str, kind: str) -> float:
        rule = next((rule for rule in self._faults.latency if rule.only.fits(path, kind)), None)
        if rule is None:
            return 0.0
        self._counts["latency"] += 1
        return draw_latency_s(rule, self._dice.streams["latency"])


def draw_latency_s(rule: Latency, stream: Random) -> float:
    """A latency of the rule's distribution."""
    if rule.shape == "uniform":
        drawn = stream.uniform(rule.a, rule.b)
    elif rule.shape == "lognormal":
        drawn = rule.a * exp(rule.b * stream.gauss(0.0, 1.0))
    else:
        drawn = rule.a
    return min(drawn, rule.most)


def stalled_for(rule: Stall, elapsed_s: float) -> float:
    """How long a stall still lasts, so long after it was set; 0 between stalls."""
    since = elapsed_s - rule.after_s
    if since < 0:
        return 0.0
    return max(rule.length_s - (since % rule.every_s if rule.every_s else since), 0.0)


class _Bucket:
    """A token bucket: filled at the rule's rate, up to its burst."""

    def __init__(self, rule: RateLimit) -> None:
        self.rule = rule
        self._tokens = float(rule.burst)
        self._filled = monotonic()

    def take(self, now: float) -> bool:
        self._tokens = min(self._tokens + (now - self._filled) * self.rule.rate, float(self.rule.burst))
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


async def _type_of(scope: Scope, receive: Receive) -> tuple[str, Receive]:
    """The type of the event in a request, "" if it is none; and what to receive the request from then."""
    message: bytes | None = b""
    if scope["path"] == EVENT_CREATE:
        message = parameter(scope["query_string"], b"message")
    elif scope["path"] == EVENTS and scope["method"] == "POST":
        message = await read_body(scope, receive)
        # A body that is too long is too long still.
        receive = _again(b" " * (1 << 20) if message is None else message, receive)
    event = read_object(message or b"", "")
    kind = event.get("type") if isinstance(event, dict) else ""
    return kind if isinstance(kind, str) else "", receive


def _again(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def once_more() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once_more


async def _handled(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    """The reply of a request that is handled, not yet sent."""
    reply: list[Message] = []

    async def keep(message: Message) -> None:
        reply.append(message)

    await app(scope, receive, keep)
    return reply


async def _cut_off(scope: Scope, receive: Receive, send: Send) -> None:
    reset = scope.get(RESET)
    if reset is None:
        await _refuse(send, 503, "A fault that the sandbox was told to have.", None)
        return
    reset()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int, message: str, retry_after_s: float | None) -> None:
    body = error_body(status, message)
    headers = json_headers(len(body))
    if retry_after_s is not None:
        # Whole seconds, as HTTP has it; never earlier than was meant.
        headers.append((b"retry-after", str(-int(-retry_after_s // 1)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _sleep(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)
