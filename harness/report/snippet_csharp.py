"""A call in C#, as a whole program: for .NET, .NET Framework and Mono alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from harness.report.snippet import Call, Sums, compact, intro

_BEFORE = """\
using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;

class Program
{
    static void Main()
    {
"""
_SEND = """\
        var reply = new HttpClient().SendAsync(request).Result;
        Console.WriteLine((int)reply.StatusCode + " " + reply.Content.ReadAsStringAsync().Result);
    }
}
"""


def csharp(call: Call) -> str:
    """A program that sends it and prints the reply."""
    indent = " " * 8
    lines: list[str] = []
    url = _SUMS.parts(call.url, encoded=True)
    if call.event is not None:
        lines += _object("message", call.event)
        url.append("Uri.EscapeDataString(message)")
    lines += _sum("url", url)
    lines.append(f'var request = new HttpRequestMessage(new HttpMethod("{call.method}"), url);')
    kind = ""
    for name, value in call.headers:
        if name.lower() == "content-type" and call.body is not None:
            kind = value
        else:
            lines.append(f"request.Headers.TryAddWithoutValidation({_SUMS.text(name)}, {_SUMS.text(value)});")
    if call.body is not None:
        if call.json is not None:
            lines += _object("body", call.json)
        else:
            lines += _sum("body", _SUMS.parts(call.body, call.is_form))
        lines.append("request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));")
        if kind:
            lines.append(f"request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse({_SUMS.text(kind)});")
    before = "".join(f"// {line}\n" for line in intro(call)) + _BEFORE
    return before + "".join(f"{indent}{line}\n" for line in lines) + _SEND


def _object(name: str, value: dict[str, Any]) -> list[str]:
    """A JSON object as text, an attribute a line."""
    if not value:
        return [f'var {name} = "{{}}";']
    written = [f"{compact(key)}:{compact(each)}" for key, each in value.items()]
    ends = [*("," for _ in written[1:]), "}"]
    return _sum(
        name, [_SUMS.text(f"{'' if number else '{'}{each}{ends[number]}") for number, each in enumerate(written)]
    )


def _sum(name: str, parts: Sequence[str]) -> list[str]:
    """A variable that is the sum of parts, each on a line."""
    lines = [f"var {name} = {parts[0]}", *(f"    + {part}" for part in parts[1:])]
    return [*lines[:-1], f"{lines[-1]};"]


def _quoted(text: str) -> str:
    """JSON's escapes are C#'s, where they are of four digits."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in written)


_SUMS = Sums(
    lambda name: f'Environment.GetEnvironmentVariable("{name}")', lambda read: f"Uri.EscapeDataString({read})", _quoted
)
