"""A step's request as code: what all languages share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from harness.cdp import endpoints
from harness.compiler.example import BASIC_AUTH, BROWSER_ID, CLIENT_KEY, Example
from harness.scenario.blanks import names, pieces

HOW_TO_GET: Mapping[str, str] = {
    CLIENT_KEY: "Settings > API access",
    BROWSER_ID: "harness browser-id prints one",
    BASIC_AUTH: "client key:API token in base64",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request to be written as code. Texts may hold blanks.

    ``event`` is the JSON of an event that ends the URL, decoded; ``url`` ends before it then. ``json`` is a body that
    is JSON, decoded; ``body`` is the same as text. Numbers in them are ``Digits``, as they were written.
    """

    title: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    event: Any = None
    json: Any = None

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of all blanks, each once."""
        texts = (self.url, *(value for _, value in self.headers), self.body or "", _compact(self.event))
        return tuple(dict.fromkeys(name for text in texts for name in names(text)))

    @property
    def is_form(self) -> bool:
        """Whether the body is a form, in which values are encoded."""
        return any(name.lower() == "content-type" and "urlencoded" in value for name, value in self.headers)


@dataclass(frozen=True, slots=True)
class Sums:
    """How a language writes texts with blanks: as sums of literals and of what it reads from the environment.

    ``read`` gives the expression of a variable, ``encode`` one that percent-encodes an expression, ``quote`` a literal.
    """

    read: Callable[[str], str]
    encode: Callable[[str], str]
    quote: Callable[[str], str]

    def parts(self, text: str, encoded: bool = False) -> list[str]:
        """What a text is the sum of. ``encoded``: what the environment fills in is percent-encoded."""
        parts = []
        for is_blank, piece in pieces(text):
            read = self.read(piece)
            parts.append((self.encode(read) if encoded else read) if is_blank else self.quote(piece))
        return parts or ['""']

    def text(self, text: str) -> str:
        """A text as an expression."""
        return " + ".join(self.parts(text))


class Digits(str):
    """A number, in its own digits."""

    __slots__ = ()


def call(example: Example, base_url: str) -> Call:
    """The call of an example at a target."""
    url, body = base_url + example.target, example.body
    headers = tuple((name.strip(), value.strip()) for name, _, value in (h.partition(":") for h in example.headers))
    event = decoded = None
    before, sign, message = url.partition("&message=")
    if example.method == "GET" and sign and example.target.startswith(endpoints.EVENT_CREATE + "?"):
        event = _json(unquote(message))
        url = before + sign if event is not None else url
    if body is not None and any(n.lower() == "content-type" and "json" in v for n, v in headers):
        decoded = _json(body)
    return Call(f"{example.journey}/{example.step}", example.method, url, headers, body, event, decoded)


def intro(made: Call) -> list[str]:
    """What the reader has to know first, as lines of a comment."""
    needs = [f"{name} ({HOW_TO_GET[name]})" if name in HOW_TO_GET else name for name in made.variables]
    return [made.title, *([f"Needs in the environment: {', '.join(needs)}"] if needs else [])]


def _json(text: str) -> Any:
    """Decoded JSON that is an object; None for anything else."""
    try:
        found = json.loads(text, parse_float=Digits, parse_int=Digits)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def compact(value: Any) -> str:
    """JSON without spaces, numbers in their own digits."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_compact(name)}:{compact(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
