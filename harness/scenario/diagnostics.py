"""Diagnostics: what is wrong, where, and how to mend it. Collected, so that one pass names them all."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_SHOWN = 50
MOST_LISTED = 30
WIDEST_LINE = 160
"""Longer source lines are shown cut around the mistake."""


class Span(NamedTuple):
    """A stretch of a source, from (line, column) up to but not with (end_line, end_column), counted from 1."""

    source: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake. ``label`` stands beside the underlined text: the suggestion, as short as can be."""

    code: str
    span: Span | None
    message: str
    label: str = ""
    severity: str = "error"


class ScenarioError(Exception):
    """A scenario cannot be used. ``diagnostics`` are all its mistakes, in order; ``str`` is the text to print."""

    def __init__(self, diagnostics: Iterable[Diagnostic], sources: dict[str, tuple[str, ...]] | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources = sources or {}
        super().__init__(render(self.diagnostics, self.sources))


class EnoughError(Exception):
    """So much was found that looking on is no use."""


@dataclass(slots=True)
class Findings:
    """Where a pass puts what it finds, and the little it has to know of the whole file.

    ``captures``: every name that some step of the file captures. ``secrets``: values of variables that have a
    secret's name, met in texts that are sent. ``system``: the vocabulary that the target names.
    """

    found: list[Diagnostic] = field(default_factory=list)
    captures: frozenset[str] = frozenset()
    secrets: dict[str, str] = field(default_factory=dict)
    system: str = "sitecore-cdp"
    most: int | None = None
    """After so many the pass ends (``EnoughError``): nobody reads more, and a hostile file has no end of them."""

    def _note(self, found: Diagnostic) -> None:
        self.found.append(found)
        if self.most is not None and len(self.found) >= self.most:
            raise EnoughError

    def error(self, code: str, span: Span | None, message: str, label: str = "") -> None:
        """Note a mistake."""
        self._note(Diagnostic(code, span, message, label))

    def warning(self, code: str, span: Span | None, message: str, label: str = "") -> None:
        """Note what is allowed and most likely not meant."""
        self._note(Diagnostic(code, span, message, label, "warning"))

    @property
    def has_errors(self) -> bool:
        """Whether anything but warnings was found."""
        return any(d.severity == "error" for d in self.found)

    def sorted(self, sources: Iterable[str] = ()) -> list[Diagnostic]:
        """All of them by place, each once; files in the order of ``sources``."""
        order = {name: number for number, name in enumerate(sources)}

        def place(found: Diagnostic) -> tuple[int, int, int]:
            span = found.span
            return (order.get(span.source, len(order)), span.line, span.column) if span else (-1, 0, 0)

        return sorted(dict.fromkeys(self.found), key=place)


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that the author most likely meant, if one is near: alike by so much of 1."""
    by_lower = {k.lower(): k for k in known}
    low = word.lower()
    begun = [k for k in by_lower if (k.startswith(low) or low.startswith(k)) and min(len(k), len(low)) > 1]
    if len(begun) == 1:
        return by_lower[begun[0]]
    close = difflib.get_close_matches(word.lower()[:80], by_lower, n=1, cutoff=likeness)
    return by_lower[close[0]] if close else None


def suggest(word: str, known: Iterable[str]) -> str:
    """A label for an unknown word: the nearest known one, or all of them."""
    words = list(known)
    if close := nearest(word, words):
        return f"did you mean '{close}'?"
    more = f" and {len(words) - MOST_LISTED} more" if len(words) > MOST_LISTED else ""
    return f"one of: {', '.join(words[:MOST_LISTED])}{more}" if words else "there is none"


def render(diagnostics: Iterable[Diagnostic], sources: dict[str, tuple[str, ...]]) -> str:
    """Diagnostics as text, each with its line and the mistake underlined, as compilers do."""
    listed = list(diagnostics)
    parts = [_render_one(d, sources) for d in listed[:MOST_SHOWN]]
    if len(listed) > MOST_SHOWN:
        parts.append(f"… and {len(listed) - MOST_SHOWN} more")
    return "\n".join(parts)


def _render_one(diagnostic: Diagnostic, sources: dict[str, tuple[str, ...]]) -> str:
    span = diagnostic.span
    said = f"{diagnostic.severity}: {diagnostic.message} [{diagnostic.code}]"
    if span is None:
        return f"{said}\n   = {diagnostic.label}" if diagnostic.label else said
    head = f"{span.source}:{span.line}:{span.column}: {said}"
    lines = sources.get(span.source, ())
    if not 1 <= span.line <= len(lines):
        return f"{head}\n   = {diagnostic.label}" if diagnostic.label else head
    shown, start = _window(lines[span.line - 1], span.column - 1)
    until = span.end_column - 1 if span.end_line == span.line else len(lines[span.line - 1].rstrip())
    column = span.column - 1 - start
    column = min(column, len(shown))
    width = max(min(until - start, len(shown)) - column, 1)
    gutter = max(len(str(span.line)), 3) + 2
    marks = f"{' ' * column}{'^' * width} {diagnostic.label}".rstrip()
    return f"{head}\n{span.line:>{gutter}} | {shown}\n{' ' * gutter} | {marks}"


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around a column, and where it starts; tabs shown as single spaces."""
    start = 0 if len(line) <= WIDEST_LINE else max(column - WIDEST_LINE // 3, 0)
    shown = line[start : start + WIDEST_LINE].rstrip()
    return "".join(" " if c == "\t" else c if c.isprintable() else "\ufffd" for c in shown), start
