"""A call in Python, with nothing but the standard library."""

from __future__ import annotations

from typing import Any

from harness.report.snippet import Call, Digits, Sums, intro
from harness.scenario.blanks import names


def python(call: Call) -> str:
    """A script that sends it and prints the reply."""
    uses_json = call.event is not None or call.json is not None
    url = _SUMS.parts(call.url, encoded=True)
    lines = [f"# {line}" for line in intro(call)]
    lines += ["import json"] * uses_json + ["import os"] * bool(call.variables)
    lines.append("from urllib.error import HTTPError")
    if call.event is not None or names(call.url) or (call.is_form and names(call.body or "")):
        lines.append("from urllib.parse import quote")
    lines += ["from urllib.request import Request, urlopen", ""]
    if call.event is not None:
        lines += _object("message", call.event)
        lines += ['encoded = json.dumps(message, separators=(",", ":"), ensure_ascii=False)']
        url.append('quote(encoded, safe=":,")')
    lines += (
        ["url = (", f"    {url[0]}", *(f"    + {part}" for part in url[1:]), ")"] if url[1:] else [f"url = {url[0]}"]
    )
    if call.json is not None:
        lines += _object("body", call.json)
        lines += ['data = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()']
    elif call.body is not None:
        lines += [f"data = ({' + '.join(_SUMS.parts(call.body, call.is_form))}).encode()"]
    lines += [f'request = Request(url{", data" if call.body is not None else ""}, method="{call.method}")']
    lines += [f"request.add_header({_SUMS.text(name)}, {_SUMS.text(value)})" for name, value in call.headers]
    lines += [
        "try:",
        "    reply = urlopen(request, timeout=15)",
        "except HTTPError as error:",
        "    reply = error",
        "print(reply.status, reply.read().decode())",
    ]
    return "\n".join(lines) + "\n"


def _object(name: str, value: dict[str, Any]) -> list[str]:
    return [f"{name} = {{", *(f"    {_SUMS.text(key)}: {_literal(each)}," for key, each in value.items()), "}"]


def _literal(value: Any) -> str:
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_SUMS.text(name)}: {_literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return _SUMS.text(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """In double quotes, as formatters have it."""
    written = repr(text)
    if written.startswith("'") and '"' not in text:
        inner = written[1:-1].replace("\\'", "'")
        return f'"{inner}"'
    return written


_SUMS = Sums(lambda name: f'os.environ["{name}"]', lambda read: f'quote({read}, safe="")', _quoted)
