"""Diagnostics: what is wrong, where, and how to mend it. Collected, so that one pass names them all."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_SHOWN = 50
WIDEST_LINE = 160
"""Longer source lines are shown cut around the mistake."""


@dataclass(frozen=True, slots=True)
class Span:
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


@dataclass(slots=True)
class Findings:
    """Where a pass puts what it finds."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, span: Span | None, message: str, label: str = "") -> None:
        """Note a mistake."""
        self.found.append(Diagnostic(code, span, message, label))

    def sorted(self) -> list[Diagnostic]:
        """All of them by place."""
        return sorted(self.found, key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that the author most likely meant, if one is near."""
    by_lower = {k.lower(): k for k in known}
    close = difflib.get_close_matches(word.lower()[:80], by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def suggest(word: str, known: Iterable[str]) -> str:
    """A label for an unknown word: the nearest known one, or all of them."""
    words = list(known)
    if close := nearest(word, words):
        return f"did you mean '{close}'?"
    return f"one of: {', '.join(words)}"


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
    width = max(min(until - start, len(shown)) - column, 1)
    gutter = max(len(str(span.line)), 3) + 2
    marks = f"{' ' * column}{'^' * width} {diagnostic.label}".rstrip()
    return f"{head}\n{span.line:>{gutter}} | {shown}\n{' ' * gutter} | {marks}"


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around a column, and where it starts; tabs shown as single spaces."""
    clean = "".join(" " if c == "\t" else c if c.isprintable() else "\ufffd" for c in line.rstrip("\r\n"))
    if len(clean) <= WIDEST_LINE:
        return clean, 0
    start = max(column - WIDEST_LINE // 3, 0)
    return clean[start : start + WIDEST_LINE], start
