"""Requests as cURL lines to paste: what is secret is a variable of the shell, or stays masked."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from harness.record.exchange import Exchange
from harness.scenario.blanks import blank, pieces

KEY_VARIABLE = "CDP_CLIENT_KEY"
"""The variable that stands for the client key in an exchange, with a $ before it."""
BYTES = "@body.bin"
"""Stands for a body that is no text, which no word of the shell can hold."""


def curl(exchange: Exchange, target: str) -> str:
    """One line for a POSIX shell, which has the client key in CDP_CLIENT_KEY."""
    url, body, *headers = (
        text.replace(f"${KEY_VARIABLE}", blank(KEY_VARIABLE))
        for text in (target + exchange.target, exchange.body, *exchange.headers)
    )
    return curl_line(exchange.method, url, headers, body)


def curl_line(method: str, url: str, headers: Sequence[str], body: str) -> str:
    """One line for a POSIX shell; blanks are its variables. An empty ``body``: none."""
    parts = ["curl", "-gsS"]
    if method == "HEAD":
        parts.append("-I")
    elif method != "GET" or body:
        parts += ["-X", method]
    for line in headers:
        name, _, value = line.partition(":")
        parts += ["-H", _quoted(line if value.strip() else f"{name};")]  # else cURL would leave it out
    if body:
        parts += ["--data-raw", _quoted(body)] if _is_text(body) else ["--data-binary", BYTES]
    return " ".join([*parts, _quoted(url)])


def _is_text(body: str) -> bool:
    """Whether a terminal and a shell can take it; the sign in the place of bytes that are no text says that they cannot."""
    plain = "".join(piece for is_blank, piece in pieces(body) if not is_blank)
    return "\ufffd" not in plain and all(char.isprintable() or char in "\t\r\n" for char in plain)


def _quoted(text: str) -> str:
    """A word of the shell in which nothing means anything but variables."""
    made = [f'"${piece}"' if is_blank else shlex.quote(piece) for is_blank, piece in pieces(text)]
    return "".join(made) or "''"
