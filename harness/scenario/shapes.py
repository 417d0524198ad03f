"""Shapes: what may stand in a place, how it is read, and what to say when it is something else.

A shape reads a node to a value, or notes a diagnostic and gives ``BAD``. Shapes are the words of which
``language`` is made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

from harness.scenario.diagnostics import Findings, Span, nearest, suggest
from harness.scenario.model import Range, Secret
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Sequence, describe

T = TypeVar("T")


class Bad:
    """The value of a node that was wrong: what went wrong is noted already."""

    def __repr__(self) -> str:
        return "BAD"


BAD = Bad()


class Shape(Generic[T]):
    """What may stand in a place. ``wanted`` names it in messages, with an example."""

    wanted = "a value"

    def read(self, node: Node, to: Findings) -> T | Bad:
        """The value, or BAD after noting why."""
        raise NotImplementedError

    def wrong(self, node: Node, to: Findings, label: str = "") -> Bad:
        """Note that ``node`` is something else."""
        what = describe(node)
        label = label or ("write it behind the key" if what == "nothing" else "")
        to.error("E201", node.span, f"{what} where {self.wanted} belongs", label)
        return BAD


# What YAML 1.1 makes of plain texts, and with it most other tools that read the same file.
_TRAPS = (
    (re.compile(r"^(y|n|yes|no|on|off|true|false)$", re.I), "true or false"),
    (re.compile(r"^[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?$"), "a number to the base of 60"),
    (re.compile(r"^[-+]?0[0-9_]+$"), "an octal number"),
    (re.compile(r"^[-+]?[0-9][0-9_]*_[0-9_]*$"), "a number without the underscores"),
)
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$")


def is_empty(node: Node) -> bool:
    """Whether nothing stands behind a key."""
    return isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null", "Null", "NULL")


def trap_of(text: str) -> str | None:
    """What YAML 1.1 would take an unquoted text for, where that is not the text itself."""
    return next((meaning for pattern, meaning in _TRAPS if pattern.match(text)), None)


def expand(node: Scalar, to: Findings) -> str | Bad:
    """The text with every ``${NAME}`` and ``${NAME:-default}`` replaced from the environment."""
    failed = False

    def value_of(match: re.Match[str]) -> str:
        nonlocal failed
        named = _VARIABLE_NAME.match(match[1])
        if named is None:
            failed = True
            label = "write ${NAME} or ${NAME:-default}"
            to.error("E203", _part(node, match), f"'{match[0]}' is not a variable", label)
            return ""
        value = os.environ.get(named[1]) or named[2]
        if value is None:
            failed = True
            label = f"set it: export {named[1]}=…   or give a default: ${{{named[1]}:-…}}"
            to.error("E204", _part(node, match), f"the environment variable {named[1]} is not set", label)
        return value or ""

    text = _VARIABLE.sub(value_of, node.text)
    return BAD if failed else text


def _part(node: Scalar, match: re.Match[str]) -> Span:
    span = node.span
    if span.line != span.end_line or span.end_column - span.column < len(node.text):
        return span
    start = span.column + match.start() + (0 if node.plain else 1)
    return Span(span.source, span.line, start, span.line, start + len(match[0]))


@dataclass(frozen=True)
class Text(Shape[str]):
    """A text. ``pattern`` (with ``wanted`` in words) limits it."""

    wanted: str = "a text"
    pattern: str | None = None
    longest: int = 1000

    def read(self, node: Node, to: Findings) -> str | Bad:
        """The text, with variables filled in."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        if node.plain and (meaning := trap_of(node.text)):
            to.error("E202", node.span, f"YAML reads {node.text} as {meaning}", f'write "{node.text}" in quotes')
            return BAD
        text = expand(node, to)
        if isinstance(text, Bad):
            return BAD
        if len(text) > self.longest:
            to.error("E201", node.span, f"a text of {len(text)} characters", f"at most {self.longest}")
            return BAD
        if self.pattern and not re.fullmatch(self.pattern, text):
            return self.wrong(node, to)
        return text


@dataclass(frozen=True)
class SecretText(Shape[Secret]):
    """A text that is never shown."""

    wanted: str = "a key, best from the environment: ${NAME}"

    def read(self, node: Node, to: Findings) -> Secret | Bad:
        """The secret, from the environment where the author says so."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        text = expand(node, to)
        if isinstance(text, Bad):
            return BAD
        if not text or not text.isascii() or not text.isprintable() or ":" in text:
            to.error("E205", node.span, "a key is plain ASCII without ':'", "check the value of the variable")
            return BAD
        return Secret(text, node.text if _VARIABLE.fullmatch(node.text) and ":-" not in node.text else "")


@dataclass(frozen=True)
class Choice(Shape[str]):
    """One of a few words."""

    words: tuple[str, ...]
    what: str = "value"

    @property
    def wanted(self) -> str:  # type: ignore[override]
        """The words, for messages."""
        return f"one of {', '.join(self.words)}"

    def read(self, node: Node, to: Findings) -> str | Bad:
        """The word."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        text = expand(node, to)
        if isinstance(text, Bad):
            return BAD
        if text not in self.words:
            to.error("E206", node.span, f"unknown {self.what} '{text[:60]}'", suggest(text, self.words))
            return BAD
        return text


@dataclass(frozen=True)
class Parsed(Shape[T]):
    """A text with a grammar of its own: ``parse`` gives the value, or None when it does not fit."""

    parse: Callable[[str], T | None]
    wanted: str = "a value"

    def read(self, node: Node, to: Findings) -> T | Bad:
        """The parsed value."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        text = expand(node, to)
        if isinstance(text, Bad):
            return BAD
        value = self.parse(text.strip())
        return self.wrong(node, to) if value is None else value


_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_DURATION = re.compile(rf"({_NUMBER})(ms|s|m|h)")
_SECONDS: Mapping[str, Decimal] = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}
LONGEST_S = 7 * 24 * 3600


def seconds(text: str) -> float | None:
    """``200ms``, ``5s``, ``2m``, ``1h`` as seconds."""
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    value = float(Decimal(match[1]) * _SECONDS[match[2]])
    return value if value <= LONGEST_S else None


def share(text: str) -> float | None:
    """``25%`` as 0.25."""
    match = re.fullmatch(rf"({_NUMBER})%", text)
    value = Decimal(match[1]) / 100 if match else None
    return float(value) if value is not None and value <= 1 else None


def _span_of(one: Callable[[str], float | None]) -> Callable[[str], Range | None]:
    def parse(text: str) -> Range | None:
        low_text, dots, high_text = text.partition("..")
        low = one(low_text.strip())
        high = one(high_text.strip()) if dots else low
        return None if low is None or high is None else Range(low, high)

    return parse


def _count(low: int, high: int) -> Callable[[str], int | None]:
    def parse(text: str) -> int | None:
        if not re.fullmatch(r"[0-9]{1,12}", text) or (len(text) > 1 and text[0] == "0"):
            return None
        return int(text) if low <= int(text) <= high else None

    return parse


def _money(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", text) else None


def _weight(text: str) -> float | None:
    value = float(text) if re.fullmatch(_NUMBER, text) else 0.0
    return value if 0 < value <= 1_000_000 else None


DURATION = Parsed(seconds, "a duration such as 200ms, 5s, 2m or 1h (7 days at most)")
SHARE = Parsed(share, "a share such as 25%, from 0% to 100%")
MONEY = Parsed(_money, "an amount such as 49.90")
WEIGHT = Parsed(_weight, "a weight such as 1 or 2.5, more than 0")


def count(low: int, high: int) -> Parsed[int]:
    """A whole number between two bounds."""
    return Parsed(_count(low, high), f"a whole number from {low} to {high}")


@dataclass(frozen=True)
class RangeOf(Shape[Range]):
    """``a..b``, or a single value."""

    one: Callable[[str], float | None]
    wanted: str = "a range"

    def read(self, node: Node, to: Findings) -> Range | Bad:
        """The range, low end first."""
        value = Parsed(_span_of(self.one), self.wanted).read(node, to)
        if isinstance(value, Range) and value.low > value.high:
            low, high = (part.strip() for part in node.text.split(".."))  # type: ignore[union-attr]
            to.error("E207", node.span, "the range runs backwards", f"write {high}..{low}")
            return BAD
        return value


PAUSE = RangeOf(seconds, "a duration or a range such as 1s..4s")
QUANTITY = RangeOf(_count(1, 10_000), "a number or a range such as 1..3")


@dataclass(frozen=True)
class ListOf(Shape[tuple[T, ...]]):
    """A list of one shape, with at least one entry."""

    each: Shape[T]
    wanted: str = "a list"

    def read(self, node: Node, to: Findings) -> tuple[T, ...] | Bad:
        """All entries; one bad entry makes the list bad, after the others were read, too."""
        if not isinstance(node, Sequence):
            return self.wrong(node, to, "write each entry on a line of its own, behind '- '")
        if not node.items:
            to.error("E208", node.span, "an empty list", f"{self.wanted} has at least one entry")
            return BAD
        values = [self.each.read(item, to) for item in node.items]
        good = tuple(v for v in values if not isinstance(v, Bad))
        return good if len(good) == len(values) else BAD


@dataclass(frozen=True)
class Field:
    """A key of a record."""

    shape: Shape[Any]
    required: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Record(Shape[T]):
    """A mapping with known keys, read into ``make(**values)``; absent keys take the defaults of ``make``."""

    make: Callable[..., T]
    fields: Mapping[str, Field]
    wanted: str = "a mapping"
    keep_span: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    """Keys that are not taken, with what to do instead."""

    def read(self, node: Node, to: Findings) -> T | Bad:
        """The record."""
        if not isinstance(node, MappingNode):
            hints = [each.hint for each in self.fields.values() if each.hint]
            return self.wrong(node, to, f"it has keys, for example {hints[0] if hints else next(iter(self.fields))}")
        values, bad = read_fields(node.items, self.fields, to, self.wanted, node.span, self.extra)
        if bad:
            return BAD
        if self.keep_span:
            values["span"] = node.span
        return self.make(**values)


def read_fields(
    items: Iterable[tuple[Scalar, Node]],
    fields: Mapping[str, Field],
    to: Findings,
    where: str,
    span: Span,
    extra: Mapping[str, str] | None = None,
) -> tuple[dict[str, Any], bool]:
    """The values of known keys, and whether something was wrong; ``where`` names the mapping in messages."""
    values: dict[str, Any] = {}
    bad = False
    meant: set[str | None] = set()
    for key, node in items:
        if key.text not in fields:
            meant.add(nearest(key.text, fields))
            label = (extra or {}).get(key.text) or suggest(key.text, fields)
            to.error("E209", key.span, f"unknown key '{key.text[:60]}' in {where}", label)
            bad = True
            continue
        value = fields[key.text].shape.read(node, to)
        if isinstance(value, Bad):
            bad = True
        values[key.text] = value
    for name, wanted in fields.items():
        if wanted.required and name not in values and name not in meant:
            point = Span(span.source, span.line, span.column, span.line, span.column + 1)
            to.error("E210", point, f"{where} has no '{name}'", wanted.hint)
            bad = True
    return values, bad
