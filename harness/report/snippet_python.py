"""A call in Python, with nothing but the standard library."""

from __future__ import annotations

from typing import Any

from harness.report.snippet import Call, Digits, intro
from harness.scenario.blanks import names, pieces


def python(call: Call) -> str:
    """A script that sends it and prints the reply."""
    uses_json = call.event is not None or call.json is not None
    url = _parts(call.url, quoted=True)
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
        lines += [f"data = ({' + '.join(_parts(call.body, call.is_form))}).encode()"]
    lines += [f'request = Request(url{", data" if call.body is not None else ""}, method="{call.method}")']
    lines += [f"request.add_header({_text(name)}, {_text(value)})" for name, value in call.headers]
    lines += [
        "try:",
        "    reply = urlopen(request, timeout=15)",
        "except HTTPError as error:",
        "    reply = error",
        "print(reply.status, reply.read().decode())",
    ]
    return "\n".join(lines) + "\n"


def _object(name: str, value: dict[str, Any]) -> list[str]:
    return [f"{name} = {{", *(f"    {_text(key)}: {_literal(each)}," for key, each in value.items()), "}"]


def _literal(value: Any) -> str:
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(name)}: {_literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """A text as an expression."""
    return " + ".join(_parts(text))


def _parts(text: str, quoted: bool = False) -> list[str]:
    """What a text is the sum of. ``quoted``: what the environment fills in is percent-encoded."""
    parts = []
    for is_blank, piece in pieces(text):
        read = f'os.environ["{piece}"]'
        parts.append((f'quote({read}, safe="")' if quoted else read) if is_blank else _quoted(piece))
    return parts or ['""']


def _quoted(text: str) -> str:
    """In double quotes, as formatters have it."""
    written = repr(text)
    if written.startswith("'") and '"' not in text:
        inner = written[1:-1].replace("\\'", "'")
        return f'"{inner}"'
    return written
