"""The Stream API's two hot calls as plain ASGI: a browser id, and an event.

Source: Sitecore's developer page "Stream API". These are what a load test is made of, so nothing stands
between the server and them: no routing, no request object, and a reply that is one join.
"""

from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from harness.cdp.endpoints import STREAM_VERSION
from harness.sandbox.config import SandboxConfig
from harness.sandbox.refs import new_ref
from harness.sandbox.replies import error_body
from harness.sandbox.store import Outcome, Store

_UUID_LENGTH = 36

_COMMON_ESCAPES = tuple((f"%{ord(each):02X}".encode(), each.encode()) for each in '":,{}[] /@')
"""Most of an encoded event. None of them stands for a "%" or a hexadecimal digit, so replacing them one
after the other cannot make a new escape; it takes a fifth of the time of ``unquote_to_bytes``."""


def form_decode(value: bytes) -> bytes:
    """A query parameter's value as bytes.

    Like a servlet container, "+" is a space: whoever means a plus sends %2B, as every encoder does.
    """
    if b"+" in value:
        value = value.replace(b"+", b" ")
    if b"%" in value:
        for escape, byte in _COMMON_ESCAPES:
            value = value.replace(escape, byte)
        return unquote_to_bytes(value)
    return value


def parameter(query: bytes, name: bytes) -> bytes | None:
    """The first parameter of that name, decoded; None if there is none."""
    for pair in query.split(b"&"):
        key, equals, value = pair.partition(b"=")
        if equals and key == name:
            return form_decode(value)
    return None


def browser_create(store: Store, config: SandboxConfig) -> ASGIApp:
    """``GET /v1.2/browser/create.json``: 200 and a new browser id; 401 with a wrong client key."""
    reply = _Reply(200, config)
    client_key = config.client_key.encode()

    async def handler(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await _refuse(send, 405, "Only GET is allowed here.")
        elif parameter(scope["query_string"], b"client_key") != client_key:
            await _refuse(send, 401, "The client key is wrong.")
        else:
            await reply.send(send, store.create_browser())

    return handler


def event_create(store: Store, config: SandboxConfig) -> ASGIApp:
    """``GET /v1.2/event/create.json``: 201, also for an event dropped because its ``pos`` is unknown.

    401 with a wrong client key; 400 when the message is missing, is not a JSON object or lacks
    ``browser_id`` or ``type``; 404 for a browser id that was not made here.
    """
    reply = _Reply(201, config)
    client_key = config.client_key.encode()

    async def handler(scope: Scope, receive: Receive, send: Send) -> None:
        query: bytes = scope["query_string"]
        if scope["method"] != "GET":
            await _refuse(send, 405, "Only GET is allowed here.")
            return
        if parameter(query, b"client_key") != client_key:
            await _refuse(send, 401, "The client key is wrong.")
            return
        message = parameter(query, b"message")
        event = read_event(message)
        if message is None or isinstance(event, str):
            await _refuse(send, 400, str(event))
        elif store.record(event, message) is Outcome.UNKNOWN_BROWSER:
            await _refuse(send, 404, "browser_id is not one that browser/create.json gave out.")
        else:
            await reply.send(send, new_ref())

    return handler


def read_event(message: bytes | None) -> dict[str, Any] | str:
    """The event in a decoded ``message``, or what is wrong with it."""
    if message is None:
        return "The parameter message is missing."
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        return f"message is not JSON: {error}."
    if not isinstance(event, dict):
        return "message is not a JSON object."
    for name in ("browser_id", "type"):
        value = event.get(name)
        if not isinstance(value, str) or not value:
            return f"{name} is missing, or is not text."
    return event


class _Reply:
    """A success, ready but for its ref. The length is always the same, for a ref is a UUID."""

    def __init__(self, status: int, config: SandboxConfig) -> None:
        rest = {"status": "OK", "version": STREAM_VERSION, "client_key": config.client_key}
        self._before = b'{"ref":"'
        self._after = b'",' + orjson.dumps(rest)[1:]
        length = len(self._before) + _UUID_LENGTH + len(self._after)
        self._start = {"type": "http.response.start", "status": status, "headers": _headers(length)}

    async def send(self, send: Send, ref: str) -> None:
        await send(self._start)
        body = self._before + ref.encode() + self._after
        await send({"type": "http.response.body", "body": body})


def _headers(length: int) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]


async def _refuse(send: Send, status: int, message: str) -> None:
    body = error_body(status, message)
    await send({"type": "http.response.start", "status": status, "headers": _headers(len(body))})
    await send({"type": "http.response.body", "body": body})
