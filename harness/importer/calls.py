"""What every reader makes of its file: requests in order, and notes about what was not taken over.

Texts may hold blanks (``scenario.blanks``) for variables that the file leaves open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

from harness.scenario.blanks import blank


class UnreadableError(Exception):
    """The file cannot be taken over; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A value of the reply that later requests use: by its blank's name; ``path``: keys and positions of JSON, or a header."""

    name: str
    path: tuple[str | int, ...] | str


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``host`` is scheme and authority; ``path`` is percent-encoded as it was, ``query`` decoded.

    ``body``: text, or None. ``status``: what the reply was, 0 where nobody knows. ``expected``: the status that the
    file looks for, 0 where it does not. ``pause_s``: how long before it nothing happened.
    ``form``: pairs, where the body is a form.
    """

    host: str
    path: str
    method: str = "GET"
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    form: tuple[tuple[str, str], ...] | None = None
    name: str = ""
    status: int = 0
    pause_s: float = 0.0
    captures: tuple[Capture, ...] = ()
    expected: int = 0

    def header(self, name: str) -> str:
        """A header's value; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Recording:
    """Requests that belong together: a journey of them is made."""

    name: str
    calls: tuple[Call, ...]
    cookies: bool = False


@dataclass(slots=True)
class Notes:
    """What is to be told: kind of thing to how often, with examples; each kind once."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, example: str = "") -> None:
        """Something of a kind was met."""
        self.found.setdefault(kind, []).append(example)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file holds. ``values``: of variables that the file knows, by their blanks' names."""

    kind: str
    title: str
    recordings: tuple[Recording, ...]
    notes: Notes
    values: Mapping[str, str] = field(default_factory=dict)


def split_url(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """A URL's host with scheme, its path, its query. What stands before the host as user is left out.

    Blanks have no characters in them that part a URL.
    """
    scheme, sign, rest = url.partition("://")
    if not sign:
        scheme, rest = "http", url
    end = min((place for mark in "/?#" if (place := rest.find(mark)) >= 0), default=len(rest))
    authority, rest = rest[:end].rpartition("@")[2], rest[end:].partition("#")[0]
    path, _, query = rest.partition("?")
    is_open = authority.startswith(blank("")[0])  # a variable that may hold the scheme, too
    host = authority if is_open else f"{scheme.lower()}://{authority.lower()}"
    return host, path or "/", pairs_of(query)


def pairs_of(query: str) -> tuple[tuple[str, str], ...]:
    """Pairs of a query or a form, decoded."""
    if not query:
        return ()
    parts = (part.partition("=") for part in query.split("&") if part)
    return tuple((_decoded(name), _decoded(value)) for name, _, value in parts)


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="replace")


def user_of(url: str) -> str:
    """``user:password`` of a URL, decoded; empty where there is none."""
    rest = url.partition("://")[2]
    authority = rest[: min((p for mark in "/?#" if (p := rest.find(mark)) >= 0), default=len(rest))]
    return unquote(authority.rpartition("@")[0])


def host_name(url: str) -> str:
    """The name of a URL's host; empty where it has none that can be one."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list of JSON; none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A value as text: itself, digits, nothing for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""
