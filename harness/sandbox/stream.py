"""The Stream API's hot calls as plain ASGI: a browser id, and an event by either transport.

Source: Sitecore's developer page "Stream API"; for POST, what Sitecore's JavaScript library sends. These are
what a load test is made of, so nothing stands between the server and them: no routing, no request object,
and a reply that is one join.
"""

from functools import lru_cache
from typing import Any

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from harness.cdp.endpoints import STREAM_VERSION
from harness.sandbox.body import header, parameter, posted, read_object
from harness.sandbox.config import SandboxConfig
from harness.sandbox.refs import new_ref
from harness.sandbox.replies import json_headers, refuse
from harness.sandbox.store import Outcome, Store

WRONG_KEY = "The client key is wrong."
UNKNOWN_BROWSER = "browser_id is not one that browser/create.json gave out."

_UUID_LENGTH = 36
_LONGEST_LIBRARY = 100


def browser_create(store: Store, config: SandboxConfig) -> ASGIApp:
    """``GET /v1.2/browser/create.json``: 200 and a new browser id; 401 with a wrong client key."""
    reply = _Reply(200, config)
    client_key = config.client_key.encode()
    keeps = store.keeps

    async def handler(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await refuse(send, 405, "Only GET is allowed here.")
        elif parameter(scope["query_string"], b"client_key") != client_key:
            await refuse(send, 401, WRONG_KEY)
        else:
            ref = store.create_browser()
            if keeps:
                await store.kept()
            await reply.send(send, ref)

    return handler


def event_create(store: Store, config: SandboxConfig) -> ASGIApp:
    """``GET /v1.2/event/create.json``: 201, also for an event dropped because its ``pos`` is unknown.

    401 with a wrong client key; 400 when the message is missing, is not a JSON object or lacks
    ``browser_id`` or ``type``; 404 for a browser id that was not made here.
    """
    reply = _Reply(201, config)
    client_key = config.client_key.encode()
    keeps = store.keeps

    async def handler(scope: Scope, receive: Receive, send: Send) -> None:
        query: bytes = scope["query_string"]
        if scope["method"] != "GET":
            await refuse(send, 405, "Only GET is allowed here.")
            return
        if parameter(query, b"client_key") != client_key:
            await refuse(send, 401, WRONG_KEY)
            return
        message = parameter(query, b"message")
        event = "The parameter message is missing." if message is None else read_event(message)
        if message is None or isinstance(event, str):
            await refuse(send, 400, str(event))
        elif store.record(event, message) is Outcome.UNKNOWN_BROWSER:
            await refuse(send, 404, UNKNOWN_BROWSER)
        else:
            if keeps:
                await store.kept()
            await reply.send(send, new_ref())

    return handler


def events(store: Store, config: SandboxConfig) -> ASGIApp:
    """``POST /v1.2/events``: the event is the body, with ``client_key`` in it. Replies are those of the GET.

    413 with a body above 64 KiB. Undocumented, sandbox's choice: the content type does not matter, and a
    body that is no JSON object is answered 400 before its client key can be looked at.
    """
    reply = _Reply(201, config)
    keeps = store.keeps

    async def handler(scope: Scope, receive: Receive, send: Send) -> None:
        sent = await posted(scope, receive, send)
        if sent is None:
            return
        event, body = sent
        if event.get("client_key") != config.client_key:
            await refuse(send, 401, WRONG_KEY)
        elif missing := _what_is_missing(event):
            await refuse(send, 400, missing)
        elif store.record(event, body, _library(header(scope, b"x-library-version"))) is Outcome.UNKNOWN_BROWSER:
            await refuse(send, 404, UNKNOWN_BROWSER)
        else:
            if keeps:
                await store.kept()
            await reply.send(send, new_ref())

    return handler


def read_event(message: bytes) -> dict[str, Any] | str:
    """The event in a decoded ``message``, or what is wrong with it."""
    event = read_object(message, "message")
    return event if isinstance(event, str) else _what_is_missing(event) or event


def _what_is_missing(event: dict[str, Any]) -> str:
    for name in ("browser_id", "type"):
        value = event.get(name)
        if not isinstance(value, str) or not value:
            return f"{name} is missing, or is not text."
    return ""


@lru_cache(maxsize=64)
def _library(version: bytes) -> str:
    """Cached not for speed: the timelines share the text."""
    return version[:_LONGEST_LIBRARY].decode("latin-1")


class _Reply:
    """A success, ready but for its ref. The length is always the same, for a ref is a UUID."""

    def __init__(self, status: int, config: SandboxConfig) -> None:
        rest = {"status": "OK", "version": STREAM_VERSION, "client_key": config.client_key}
        self._before = b'{"ref":"'
        self._after = b'",' + orjson.dumps(rest)[1:]
        length = len(self._before) + _UUID_LENGTH + len(self._after)
        self._start = {"type": "http.response.start", "status": status, "headers": json_headers(length)}

    async def send(self, send: Send, ref: str) -> None:
        await send(self._start)
        body = self._before + ref.encode() + self._after
        await send({"type": "http.response.body", "body": body})
