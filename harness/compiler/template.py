"""Making templates: a JSON message with gaps becomes bytes that are encoded for their place already."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from harness.compiler.plan import SLOT, Template


@dataclass(frozen=True, slots=True)
class Gap:
    """A value that is known only when the request is sent. ``raw``: a piece of JSON; else the inside of a text."""

    slot: str
    raw: bool = False


def message(value: Any) -> list[str | Gap]:
    """A JSON value as text and gaps, without spaces between tokens. Decimals keep their digits."""
    pieces: list[str | Gap] = []
    _write(value, pieces)
    return pieces


def _write(value: Any, to: list[str | Gap]) -> None:
    if isinstance(value, Gap):
        to.extend([value] if value.raw else ['"', value, '"'])
    elif isinstance(value, Mapping):
        to.append("{")
        for number, (key, inner) in enumerate(value.items()):
            to.append(f"{',' if number else ''}{_json(key)}:")
            _write(inner, to)
        to.append("}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        to.append("[")
        for number, inner in enumerate(value):
            if number:
                to.append(",")
            _write(inner, to)
        to.append("]")
    elif isinstance(value, Decimal):
        to.append(str(value))
    else:
        to.append(_json(value))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def in_query(text: str) -> bytes:
    """Percent-encode for the value of a query parameter; ``:`` and ``,`` stay, as in the CDP's own examples."""
    return quote(text, safe=":,").encode("ascii")


def text_in_query(text: str) -> bytes:
    """The inside of a JSON text, ready for a gap in a query."""
    return in_query(_json(text)[1:-1])


def fragment_in_query(value: Any) -> bytes:
    """A whole JSON value without gaps, ready for a raw gap in a query."""
    return in_query("".join(str(piece) for piece in message(value)))


def query_template(prefix: Sequence[str | Gap], pieces: Sequence[str | Gap]) -> Template:
    """``prefix`` as it is (path and the query's beginning), then ``pieces`` percent-encoded."""
    literals = [b""]
    gaps: list[int] = []
    for encode, part in ((_as_is, prefix), (in_query, pieces)):
        for piece in part:
            if isinstance(piece, Gap):
                gaps.append(SLOT[piece.slot])
                literals.append(b"")
            else:
                literals[-1] += encode(piece)
    return Template(tuple(literals), tuple(gaps))


def _as_is(text: str) -> bytes:
    return text.encode("ascii")
