"""Reading a file of somebody else's: what it is, and whether it is fit to be read at all."""

from __future__ import annotations

import json
import re
import stat
import sys
from pathlib import Path
from typing import Any

from harness.importer import curl, har, openapi, postman
from harness.importer.calls import Taken, UnreadableError
from harness.scenario.blanks import foreign
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.source_plain import plain_yaml

LARGEST = 64 * 1024 * 1024
"""Bytes. A recording of some minutes with all replies in it is smaller."""
LARGEST_TEXT = 4 * 1024 * 1024
"""Bytes of YAML or cURL lines, which are written by hand."""
DEEPEST = 100
"""Levels of JSON."""


def take(path: str, kind: str | None = None) -> Taken:
    """What a file (``-``: standard input) holds; ``kind`` None: found out. Raises UnreadableError."""
    name = "standard input" if path == "-" else path
    content = _text(path, name)
    start = content.lstrip()[:1]
    if kind == "curl" or (kind is None and start not in ("{", "[") and curl.looks_like(content)):
        _bounded(content, name)
        return curl.read(content, name)
    document = _json(content, name) if start in ("{", "[") else _yaml(content, name)
    kind = kind or _kind(document, name)
    if not isinstance(document, dict):
        raise UnreadableError(f"{name}: {kind} files hold one JSON object")
    return {"har": har.read, "postman": postman.read, "openapi": openapi.read}[kind](document, name)


def _kind(document: Any, name: str) -> str:
    if isinstance(document, dict):
        if isinstance(document.get("log"), dict):
            return "har"
        if "openapi" in document or "swagger" in document:
            return "openapi"
        if isinstance(document.get("info"), dict) and "item" in document:
            return "postman"
        if "requests" in document and "order" in document:
            raise UnreadableError(f"{name} is a Postman collection of format 1: export it again as format 2.1")
        if "scenario" in document:
            raise UnreadableError(f"{name} is a scenario already: harness check {name}")
    raise UnreadableError(
        f"{name} is neither a HAR file, a Postman collection, an OpenAPI description nor cURL lines: "
        "if it is one of them, say which with --from"
    )


def _text(path: str, name: str) -> str:
    raw = _bytes(path, name)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(f"{name} is UTF-16: save it as UTF-8")
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{name}: byte 0x{raw[error.start]:02x} at {error.start:,} is not UTF-8") from None
    if "\0" in content:
        raise UnreadableError(f"{name} holds a NUL character: it is no text")
    if not content.strip():
        raise UnreadableError(f"{name} is empty")
    return foreign(content)


def _bytes(path: str, name: str) -> bytes:
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            if not stat.S_ISREG(Path(path).stat().st_mode):
                raise UnreadableError(f"{name} is not a regular file")
            with Path(path).open("rb") as file:
                raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UnreadableError(f"{name} does not exist") from None
    except OSError as error:
        raise UnreadableError(f"{name} cannot be read: {error.strerror or error}") from None
    if len(raw) > LARGEST:
        raise UnreadableError(
            f"{name} is larger than {LARGEST >> 20} MiB: record less, or without the replies' content"
        )
    return raw


def _bounded(content: str, name: str) -> None:
    if len(content) > LARGEST_TEXT:
        raise UnreadableError(f"{name} is larger than {LARGEST_TEXT >> 20} MiB of text")


def _json(content: str, name: str) -> Any:
    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no JSON")

    if _depth(content) > DEEPEST:
        raise UnreadableError(f"{name} is nested deeper than {DEEPEST} levels")
    content = _ESCAPED_MARK.sub(r"\\ufffd", content)
    try:
        document = json.loads(content, parse_constant=refuse)
        return _whole(document) if _SURROGATE.search(content) else document
    except json.JSONDecodeError as error:
        raise UnreadableError(f"{name}:{error.lineno}:{error.colno}: this is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{name} is not JSON: {str(error)[:200]}") from None


_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{\[]|[}\]]', re.S)
_ESCAPED_MARK = re.compile(r"\\ue00[01]", re.I)
_SURROGATE = re.compile(r"\\ud[89a-f]", re.I)


def _depth(content: str) -> int:
    """How deep JSON is nested."""
    depth = deepest = 0
    for match in _TOKEN.finditer(content):
        found = match[0]
        if found in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif found in "}]":
            depth -= 1
    return deepest


def _whole(value: Any) -> Any:
    """Texts without halves of characters, which cannot be written."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(each) for name, each in value.items()}
    return value


def _yaml(content: str, name: str) -> Any:
    _bounded(content, name)
    try:
        return plain_yaml(content, name)
    except ScenarioError as error:
        raise UnreadableError(str(error)) from None
