"""Postman collections read without Postman: by their schema, and run by the few rules that ours need."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

SCHEMA = json.loads((Path(__file__).parent / "postman-collection-2.1.0.json").read_text("utf-8"))


def schema_errors(document: Any) -> list[str]:
    """What is wrong with a collection, by the schema that Postman publishes."""
    return [f"{list(e.path)}: {e.message}" for e in Draft7Validator(SCHEMA).iter_errors(document)]


def run_collection(document: Any, given: dict[str, str]) -> None:
    """Send every request; variables come from the collection, from ``given``, and from test scripts."""
    variables = {each["key"]: each["value"] for each in document["variable"]} | given

    def filled(text: str) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda match: variables[match[1]], text)

    for item in (item for folder in document["item"] for item in folder["item"]):
        request = item["request"]
        body = request.get("body", {}).get("raw")
        made = urllib.request.Request(
            filled(request["url"]["raw"]), None if body is None else filled(body).encode(), method=request["method"]
        )
        parts = request["url"]
        again = f"{parts['host'][0]}/{'/'.join(parts['path'])}"
        query = "&".join(q["key"] if q["value"] is None else f"{q['key']}={q['value']}" for q in parts.get("query", ()))
        assert parts["raw"] == again + ("?" + query if query else "")
        for header in request["header"]:
            made.add_header(header["key"], filled(header["value"]))
        with urllib.request.urlopen(made, timeout=15) as answer:
            reply = json.loads(answer.read() or b"{}")
        for line in (line for event in item.get("event", ()) for line in event["script"]["exec"]):
            name, path = re.fullmatch(
                r'pm\.collectionVariables\.set\("(\w+)", pm\.response\.json\(\)\.(\w+)\);', line
            ).groups()  # type: ignore[union-attr]
            variables[name] = reply[path]
