"""A call in JavaScript, for Node.js from version 18 on."""

from __future__ import annotations

import json
from typing import Any

from harness.report.snippet import Call, Digits, Sums, intro

NEXT = "\n  + "
"""Between the parts of a long sum."""


def javascript(call: Call) -> str:
    """A script that sends it and prints the reply."""
    url = _SUMS.parts(call.url, encoded=True)
    lines = [f"// {line}" for line in intro(call)]
    if call.event is not None:
        lines += _object("message", call.event)
        url.append("encodeURIComponent(JSON.stringify(message))")
    if call.json is not None:
        lines += _object("body", call.json)
    lines += [f"const url = {NEXT.join(url)};", "const options = {", f'  method: "{call.method}",']
    if call.headers:
        lines += [
            "  headers: {",
            *(f"    {_SUMS.text(name)}: {_SUMS.text(value)}," for name, value in call.headers),
            "  },",
        ]
    if call.json is not None:
        lines.append("  body: JSON.stringify(body),")
    elif call.body is not None:
        lines.append(f"  body: {' + '.join(_SUMS.parts(call.body, call.is_form))},")
    lines += ["};", "fetch(url, options).then(async (reply) => console.log(reply.status, await reply.text()));"]
    return "\n".join(lines) + "\n"


def _object(name: str, value: dict[str, Any]) -> list[str]:
    return [f"const {name} = {{", *(f"  {_SUMS.text(key)}: {_literal(each)}," for key, each in value.items()), "};"]


def _literal(value: Any) -> str:
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        # As a name in brackets it is a plain key, whatever it is.
        written = (f"{_key(name)}: {_literal(each)}" for name, each in value.items())
        return "{ " + ", ".join(written) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return _SUMS.text(value) if isinstance(value, str) else json.dumps(value)


def _key(name: str) -> str:
    return f"[{_SUMS.text(name)}]" if name == "__proto__" else _SUMS.text(name)


def _quoted(text: str) -> str:
    """JSON's texts are JavaScript's, but for two separators that older engines take for ends of lines."""
    return json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


_SUMS = Sums(lambda name: f"process.env.{name}", lambda read: f"encodeURIComponent({read})", _quoted)
