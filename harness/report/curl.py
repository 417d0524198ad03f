"""An exchange as a cURL line to paste: the client key is a variable of the shell, other secrets stay masked."""

from __future__ import annotations

import shlex

from harness.record.exchange import Exchange

KEY_VARIABLE = "$CDP_CLIENT_KEY"
"""How the client key stands in an exchange."""


def curl(exchange: Exchange, target: str) -> str:
    """One line for a POSIX shell, which has the client key in CDP_CLIENT_KEY."""
    parts = ["curl", "-gsS"]
    if exchange.method != "GET" or exchange.body:
        parts += ["-X", exchange.method]
    for line in exchange.headers:
        parts += ["-H", _quoted(line)]
    if exchange.body:
        parts += ["--data-raw", _quoted(exchange.body)]
    return " ".join([*parts, _quoted(target + exchange.target)])


def _quoted(text: str) -> str:
    """A word of the shell in which nothing means anything but the client key's variable."""
    pieces = [shlex.quote(piece) if piece else "" for piece in text.split(KEY_VARIABLE)]
    return f'"{KEY_VARIABLE}"'.join(pieces) or "''"
