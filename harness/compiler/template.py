"""Making templates: JSON messages and texts with gaps become bytes that are encoded for their place already."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

from harness.compiler.plan import SLOT, SLOTS, Computed, Encoding, Template
from harness.scenario.expressions import Expression, Interpolated, Value, text_of
from harness.scenario.values import JsonObject, Words


@dataclass(frozen=True, slots=True)
class Gap:
    """A value that is known only when the request is sent. ``raw``: a piece of JSON; else the inside of a text."""

    slot: int
    raw: bool = False


def gap(name: str, raw: bool = False) -> Gap:
    """The gap of one of ``SLOTS``."""
    return Gap(SLOT[name], raw)


Piece = str | Gap


@dataclass(slots=True)
class Slots:
    """Gives computed values their places, after those that every visit carries. One a plan."""

    computed: list[Computed] = field(default_factory=list)

    def place(self, expression: Expression, encoding: Encoding) -> Computed:
        """A new place for the value of an expression."""
        made = Computed(len(SLOTS) + len(self.computed), expression, encoding)
        self.computed.append(made)
        return made


class Message:
    """Collects the pieces of one request, and the values that have to be computed for it."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self.computed: list[Computed] = []

    def json(self, value: Any, writing: Writing) -> list[Piece]:
        """A JSON value as text and gaps, without spaces between tokens. Decimals keep their digits."""
        pieces: list[Piece] = []
        self._write(value, pieces, writing)
        return pieces

    def words(self, words: Words, encoding: Encoding) -> list[Piece]:
        """A text; what is computed in it comes encoded."""
        if isinstance(words, str):
            return [words]
        return [part if isinstance(part, str) else self._gap(part, encoding) for part in words.parts]

    def _gap(self, expression: Expression, encoding: Encoding, raw: bool = False) -> Gap:
        made = self._slots.place(expression, encoding)
        self.computed.append(made)
        return Gap(made.slot, raw)

    def _write(self, value: Any, to: list[Piece], writing: Writing) -> None:
        if isinstance(value, Gap):
            to.extend([value] if value.raw else ['"', value, '"'])
        elif isinstance(value, Interpolated):
            self._interpolated(value, to, writing)
        elif isinstance(value, JsonObject | Mapping):
            to.append("{")
            for number, (key, inner) in enumerate(value.items if isinstance(value, JsonObject) else value.items()):
                to.append(f"{',' if number else ''}{compact(key)}:")
                self._write(inner, to, writing)
            to.append("}")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            to.append("[")
            for number, inner in enumerate(value):
                if number:
                    to.append(",")
                self._write(inner, to, writing)
            to.append("]")
        elif isinstance(value, Decimal):
            to.append(f"{value:f}")
        else:
            to.append(compact(value))

    def _interpolated(self, value: Interpolated, to: list[Piece], writing: Writing) -> None:
        """A text with values in it; one that is nothing but a value keeps the value's own type."""
        parts = value.parts
        if len(parts) == 1 and not isinstance(parts[0], str):
            to.append(self._gap(parts[0], writing.value_encoding, raw=True))
            return
        to.append('"')
        for part in parts:
            if isinstance(part, str):
                to.append(compact(part)[1:-1])
            else:
                to.append(self._gap(part, writing.text_encoding))
        to.append('"')


def compact(value: Any) -> str:
    """JSON without spaces, any script as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def in_query(text: str) -> bytes:
    """Percent-encode for the value of a query parameter; ``:`` and ``,`` stay, as in the CDP's own examples."""
    return quote(text, safe=":,").encode("ascii")


def in_parameter(text: str) -> bytes:
    """Percent-encode for the value of any query parameter."""
    return quote(text, safe="").encode("ascii")


def in_path(text: str) -> bytes:
    """Percent-encode what a path does not take; what is encoded already stays."""
    return quote(text, safe="/:,;=@!$&'()*+~%?-._").encode("ascii")


@dataclass(frozen=True, slots=True)
class Writing:
    """How JSON is written in its place: ``encode`` makes bytes of its text. Computed values have encodings of the same."""

    encode: Callable[[str], bytes]
    text_encoding: Encoding
    value_encoding: Encoding

    def text(self, text: str) -> bytes:
        """The inside of a JSON text, ready for a gap."""
        return self.encode(compact(text)[1:-1])

    def value(self, value: Any) -> bytes:
        """A whole JSON value without gaps, ready for a raw gap."""
        return self.encode(compact(value))


IN_QUERY = Writing(in_query, "query_text", "query_json")
IN_BODY = Writing(str.encode, "json_text", "json")
text_in_query = IN_QUERY.text


def _json_of(value: Value) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else compact(value)


ENCODERS: Mapping[Encoding, Callable[[Value], bytes]] = {
    "query_text": lambda v: text_in_query(text_of(v)),
    "query_json": lambda v: in_query(_json_of(v)),
    "json_text": lambda v: compact(text_of(v))[1:-1].encode(),
    "json": lambda v: _json_of(v).encode(),
    "query": lambda v: quote(text_of(v), safe="").encode("ascii"),
    "path": lambda v: quote(text_of(v), safe="").encode("ascii"),
    "form": lambda v: quote_plus(text_of(v)).encode("ascii"),
    "header": lambda v: "".join(c for c in text_of(v) if c.isprintable()).encode("latin-1", "replace"),
    "plain": lambda v: text_of(v).encode(),
}
"""How a computed value becomes bytes that can do no harm in its place."""

As = Callable[[str], bytes]


def ascii_bytes(text: str) -> bytes:
    """As it is."""
    return text.encode("ascii")


def template(*parts: tuple[Iterable[Piece], As]) -> Template:
    """A template of pieces, the texts of each part encoded its own way."""
    literals = [b""]
    gaps: list[int] = []
    for pieces, encode in parts:
        for piece in pieces:
            if isinstance(piece, Gap):
                gaps.append(piece.slot)
                literals.append(b"")
            else:
                literals[-1] += encode(piece)
    return Template(tuple(literals), tuple(gaps))
