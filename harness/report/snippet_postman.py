"""Steps as a Postman collection (format 2.1): a folder a journey, a request a step."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from harness.compiler.example import CLIENT_KEY, Example
from harness.compiler.plan import Capture
from harness.report.snippet import HOW_TO_GET, call, compact
from harness.scenario.blanks import filled, names

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
BASE_URL = "base_url"


def collection(name: str, examples: Sequence[Example], base_url: str, client_key: str = "") -> str:
    """The collection, as JSON. ``client_key``: only where it is no secret, as a sandbox's own."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for example in examples:
        folders.setdefault(example.journey, []).append(_item(example))
    used = dict.fromkeys(name for example in examples for name in _blanks(example))
    variables = [{"key": BASE_URL, "value": base_url, "type": "string"}]
    for each in used:
        known = client_key if each == CLIENT_KEY else ""
        variables.append({"key": variable(each), "value": known, "type": "string"})
        if each in HOW_TO_GET:
            variables[-1]["description"] = HOW_TO_GET[each]
    document = {
        "info": {"name": name, "schema": SCHEMA, "description": "Made by harness snippet."},
        "item": [{"name": journey, "item": items} for journey, items in folders.items()],
        "variable": variables,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def variable(name: str) -> str:
    """How a blank is called in a collection."""
    return "client_key" if name == CLIENT_KEY else name.lower()


def _blanks(example: Example) -> list[str]:
    texts = (example.target, *example.headers, example.body or "")
    return [*(name for text in texts for name in names(text)), *(name for name, _ in example.captures)]


def _filled(text: str) -> str:
    return filled(text, lambda name: f"{{{{{variable(name)}}}}}")


def _item(example: Example) -> dict[str, Any]:
    made = call(example, "")
    request: dict[str, Any] = {
        "method": example.method,
        "header": [{"key": _filled(name), "value": _filled(value)} for name, value in made.headers],
        "url": _url(example.target),
    }
    if made.event is not None:
        lines = [f"  {compact(key)}: {_filled(compact(value))}" for key, value in made.event.items()]
        request["description"] = "{\n" + ",\n".join(lines) + "\n}"
    if made.body is not None:
        request["body"] = {"mode": "raw", "raw": _filled(made.body)}
        if made.json is not None:
            request["body"]["options"] = {"raw": {"language": "json"}}
    item: dict[str, Any] = {"name": example.step, "request": request, "response": []}
    lines = [line for name, capture in example.captures if (line := _capture(name, capture))]
    if lines:
        item["event"] = [{"listen": "test", "script": {"type": "text/javascript", "exec": lines}}]
    return item


def _url(target: str) -> dict[str, Any]:
    path, sign, query = target.partition("?")
    made: dict[str, Any] = {
        "raw": f"{{{{{BASE_URL}}}}}{_filled(target)}",
        "host": [f"{{{{{BASE_URL}}}}}"],
        "path": _filled(path).split("/")[1:],
    }
    if sign:
        pairs = (part.partition("=") for part in _filled(query).split("&"))
        made["query"] = [{"key": key, "value": value if equals else None} for key, equals, value in pairs]
    return made


def _capture(name: str, capture: Capture) -> str:
    """A line of a test script that keeps a value of the reply."""
    if capture.kind == "json":
        way = "".join(
            f".{part}"
            if isinstance(part, str) and re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", part)
            else f"[{json.dumps(part)}]"
            for part in capture.path
        )
        value = f"pm.response.json(){way}"
    elif capture.kind == "header":
        value = f"pm.response.headers.get({json.dumps(capture.path)})"
    else:
        return f"// {variable(name)}: what {json.dumps(capture.path)} finds in the reply"
    return f"pm.collectionVariables.set({json.dumps(variable(name))}, {value});"
