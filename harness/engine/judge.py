"""Judging a reply: is it what the step expects, and what is kept of it?"""

from __future__ import annotations

import functools
import re
from decimal import Decimal
from typing import Any, Protocol

import orjson
import re2

from harness.compiler.plan import Capture, Send
from harness.engine.http_reply import Reply
from harness.record.recorder import Failure
from harness.scenario.expressions import Value

LONGEST_CAPTURE = 10_000
"""Characters. A longer value would go into every request after it."""


class Guest(Protocol):
    """Whoever keeps what is captured."""

    values: list[bytes]
    captured: dict[str, Value]


def judge(send: Send, reply: Reply, guest: Guest) -> tuple[Failure | None, bool]:
    """What is wrong with a reply, if anything, and whether the guest is lost with it.

    A reply that is only too slow, or not quite what was expected, is a failed check; the guest goes on.
    """
    if reply.failure is not None:
        return reply.failure, True
    checks = send.checks
    if reply.status not in checks.status:
        return Failure("http_status", str(reply.status)), True
    document = _document(reply.body) if checks.json or send.captures else None
    for each in send.captures:
        if not capture(each, reply, document, guest):
            return Failure("capture", _what_is_missing(each)), True
    if checks.of_body and (wrong := _check(send, reply, document)):
        return Failure("check", wrong), False
    if checks.within_us is not None and reply.latency_us > checks.within_us:
        return Failure("check", f"slower than {checks.within_us / 1000:g} ms"), False
    return None, False


def _check(send: Send, reply: Reply, document: Any) -> str:
    """Which expectation a reply does not meet, in words; empty when it meets all."""
    checks = send.checks
    for name, wanted in checks.headers:
        if reply.header(name) != wanted:
            return f"header {name} is not {'as expected' if checks.hidden else repr(wanted[:60])}"
    for path, value in checks.json:
        if not _same(find(document, path.parts), value):
            return f"{path.text} is not {'as expected' if checks.hidden else repr(value)}"
    if checks.body is not None and checks.body not in reply.body:
        return f"the body does not hold {'what is expected' if checks.hidden else repr(checks.body.decode()[:60])}"
    return ""


class _Nothing:
    """What is not there."""


NOTHING = _Nothing()


def _same(found: Any, wanted: Value) -> bool:
    if isinstance(found, _Nothing):
        return False
    if isinstance(found, float) and isinstance(wanted, Decimal | int) and not isinstance(wanted, bool):
        return Decimal(repr(found)) == wanted
    return type(found) is type(wanted) and bool(found == wanted)


def _document(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return NOTHING


def find(document: Any, path: tuple[str | int, ...] | str) -> Any:
    """The value at a path of a JSON document, or NOTHING."""
    for part in path:
        if isinstance(document, dict) and isinstance(part, str):
            document = document.get(part, NOTHING)
        elif isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
        else:
            return NOTHING
    return document


def capture(wanted: Capture, reply: Reply, document: Any, guest: Guest) -> bool:
    """Keep a value of the reply; False when it is not there, no single value, or not as it must be."""
    if wanted.kind == "json":
        found = find(document, wanted.path)
    elif wanted.kind == "header":
        found = reply.header(str(wanted.path).lower())
        found = NOTHING if found is None else found
    else:
        found = _by_regex(str(wanted.path), reply.body)
    if isinstance(found, float):
        found = Decimal(repr(found))
    if not isinstance(found, str | int | Decimal | bool | None) or (
        isinstance(found, str) and len(found) > LONGEST_CAPTURE
    ):
        return False
    if wanted.slot is None:
        guest.captured[wanted.name] = found
        return True
    if not isinstance(found, str) or not re.fullmatch(wanted.pattern, found):
        return False
    guest.values[wanted.slot] = found.encode("ascii")
    return True


@functools.lru_cache(maxsize=1000)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def _by_regex(pattern: str, body: bytes) -> Any:
    """The first group, or the whole match. RE2: linear in the body's size."""
    match = _compiled(pattern).search(body.decode("utf-8", "replace"))
    if match is None:
        return NOTHING
    return match[1] if match.re.groups else match[0]


def _what_is_missing(wanted: Capture) -> str:
    if wanted.kind == "json":
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in wanted.path)
        return f"no usable value at ${path}"
    return f"no header {wanted.path}" if wanted.kind == "header" else "the regular expression finds nothing"
