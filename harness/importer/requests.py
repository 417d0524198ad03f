"""Any request as a ``request`` step."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from harness.importer.calls import Call, Notes
from harness.importer.writing import Variables, step_name
from harness.scenario.blanks import blank, pieces
from harness.scenario.verbs import METHODS
from harness.scenario.yaml_writer import Json

_NOISE = {
    "host", "content-length", "transfer-encoding", "connection", "user-agent", "x-harness-run", "accept-encoding", "te",
    "origin", "referer", "dnt", "upgrade-insecure-requests", "cache-control", "pragma", "priority", "keep-alive",
    "if-none-match", "if-modified-since", "proxy-connection", "expect", "save-data", "postman-token", "x-requested-id",
}  # fmt: skip
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
LONGEST_BODY = 100_000
LONGEST_TEXT = 10_000
_IMPLIED = re.compile(r"application/json(; ?charset=utf-8)?|application/x-www-form-urlencoded.*", re.I)


def request_step(call: Call, variables: Variables, notes: Notes, cookies: bool) -> dict[str, Any] | None:
    """The step, or None where the language has no words for the request, which is noted then."""
    where = f"{call.method} {_plain(call.path)}"[:80]
    if call.method not in METHODS:
        notes.add("methods that the language does not know", where)
        return None
    made: dict[str, Any] = {"path": variables.text(_path(call))}
    if call.method != "GET":
        made["method"] = call.method
    if call.query and "?" not in made["path"]:
        made["query"] = {name: variables.text(value) for name, value in call.query}
    body = _body(call, variables)
    if body is None:
        notes.add("bodies that are too large", where)
        return None
    if headers := _headers(call, variables, notes, cookies, "body" in body):
        made["headers"] = headers
    made.update(body)
    step: dict[str, Any] = {"request": made["path"] if set(made) == {"path"} else made}
    if name := step_name(call.name) or step_name(f"{call.method} {_ending(call.path)}"):
        step["name"] = name
    if call.status and not 200 <= call.status <= 299 and call.status != 304:
        step["expect"] = {"status": call.status}
    return step


def _ending(path: str) -> str:
    return " ".join(part for part in _plain(path).split("/")[-2:] if part) or "start"


def _plain(text: str) -> str:
    return "".join(piece for is_blank, piece in pieces(text) if not is_blank)


def _path(call: Call) -> str:
    """The path; the query, too, where it cannot be written as a mapping."""
    path = "".join(
        blank(piece) if is_blank else quote(piece, safe="/:,;=@!$&'()*+~%-._") for is_blank, piece in pieces(call.path)
    )
    path = path if path.startswith("/") else f"/{path}"
    names = [name for name, _ in call.query]
    fits = len(set(names)) == len(names) and all(n and len(n) <= 500 and n.isprintable() for n in names)
    if fits and not any(blank("")[0] in name for name in names) and all(len(v) <= LONGEST_TEXT for _, v in call.query):
        return path
    return path + "?" + "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in call.query)


def _quoted(text: str) -> str:
    return "".join(blank(piece) if is_blank else quote(piece, safe="") for is_blank, piece in pieces(text))


def _headers(call: Call, variables: Variables, notes: Notes, cookies: bool, raw: bool) -> dict[str, str]:
    made: dict[str, tuple[str, str]] = {}
    for name, value in call.headers:
        lower = name.lower()
        if lower in _NOISE or lower.startswith(("sec-", "x-newrelic", "x-forwarded")) or not value:
            continue
        if lower == "cookie":
            if not cookies:
                made[lower] = (name, blank("COOKIE_SECRET"))
            continue
        if (lower == "accept" and value == "*/*") or (
            lower == "content-type" and not raw and _IMPLIED.fullmatch(value)
        ):
            continue
        plain = _plain(value)
        if not _HEADER_NAME.fullmatch(name) or not plain.isprintable() or any(ord(c) > 255 for c in plain):
            notes.add("headers that cannot be written", name[:40])
            continue
        made[lower] = (name, f"{made[lower][1]}, {value}" if lower in made else value)
    return {name: variables.text(value) for name, value in made.values()}


def _body(call: Call, variables: Variables) -> dict[str, Any] | None:
    """The key of the body, if there is one; None for one that is too large."""
    if call.form is not None:
        names = [name for name, _ in call.form]
        if call.form and len(set(names)) == len(names) and all(n and blank("")[0] not in n for n in names):
            return {"form": {name: variables.text(value) for name, value in call.form}}
        written = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in call.form)
        return {"body": variables.text(written)} if written else {}
    if not call.body:
        return {}
    if "json" in call.header("content-type").lower():
        try:
            document = json.loads(call.body, parse_float=Decimal)
        except (ValueError, RecursionError):
            document = None
        if document is not None and _can_be_written(document):
            return {"json": Json(variables.json(document))}
    return {"body": variables.text(call.body)} if len(call.body) <= LONGEST_BODY else None


def _can_be_written(value: Any) -> bool:
    """Whether the language writes a JSON value as it is: numbers of a sane size."""
    if isinstance(value, dict):
        return all(blank("")[0] not in name and _can_be_written(each) for name, each in value.items())
    if isinstance(value, list):
        return all(map(_can_be_written, value))
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, str):
        return len(value) <= LONGEST_BODY
    return (
        re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", f"{value:f}" if isinstance(value, Decimal) else str(value))
        is not None
    )
