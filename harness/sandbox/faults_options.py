"""Reads faults from what stands on a command line: the document that it is short for."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from harness.sandbox.faults import FaultError

LARGEST_FILE = 64 * 1024
"""Bytes, as many as a request may bring."""

_SHORT = {
    "latency": "fixed",
    "stall": "for",
    "visible_after": "delay",
    "wrong_price": "factor",
    "ignore_currency": "currency",
}
"""The first key of a rule, where it is not ``rate``."""


def document_of(latency: str | None, faults: Sequence[str]) -> dict[str, Any]:
    """The document that options stand for: ``--latency 10ms..80ms``, ``--fault drop=0.1%@CHECKOUT``.

    A value that begins like JSON is JSON; ``@FILE`` reads a document. The same fault again is one rule more.
    Raises FaultError.
    """
    document: dict[str, Any] = {}
    for text in faults:
        if text.startswith("@"):
            document |= _from_file(Path(text[1:]))
            continue
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        rule = _rule_of(name, value.strip()) if equals else True
        before = document.get(name, [])
        document[name] = [*(before if isinstance(before, list) else [before]), rule] if before else rule
    if latency is not None:
        document["latency"] = _latency_of(latency)
    return document


def _rule_of(name: str, value: str) -> Any:
    if value[:1] in ("{", "["):
        return _json(f"--fault {name}", value.encode())
    short, at, only = value.partition("@")
    plain: Any = {"true": True, "false": False}.get(short, short)
    if isinstance(plain, str):
        with suppress(orjson.JSONDecodeError):
            plain = orjson.loads(plain)
    return {_SHORT.get(name, "rate"): plain, "only": only.split(",")} if at else plain


def _latency_of(text: str) -> Any:
    """``50ms``, ``10ms..80ms``, or ``lognormal:40ms`` with a sigma after another colon."""
    if ".." in text:
        return {"uniform": text.split("..", 1)}
    shape, colon, rest = text.partition(":")
    if not colon:
        return text
    if shape != "lognormal":
        raise FaultError(f"--latency: {shape[:50]} is no distribution; write lognormal:40ms:0.5, 10ms..80ms or 50ms.")
    median, colon, sigma = rest.partition(":")
    try:
        return {"lognormal": {"median": median, **({"sigma": float(sigma)} if colon else {})}}
    except ValueError:
        raise FaultError(f"--latency: {sigma[:50]} is no number.") from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise FaultError(f"{path} cannot be read: {error.strerror}.") from None
    if len(text) > LARGEST_FILE:
        raise FaultError(f"{path} is longer than {LARGEST_FILE // 1024} KiB.")
    document = _json(str(path), text)
    if not isinstance(document, dict):
        raise FaultError(f"{path}: the faults are one JSON object.")
    return document


def _json(place: str, text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FaultError(f"{place} is not JSON: {error}.") from None
