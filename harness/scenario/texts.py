"""Shapes of texts: plain ones, words of a list, flags, secrets, and texts of steps with ``${…}`` in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from harness.scenario.diagnostics import Findings, suggest
from harness.scenario.model import SANDBOX
from harness.scenario.shapes import BAD, Bad, Schema, Shape, is_empty
from harness.scenario.source import Node, Scalar
from harness.scenario.values import Secret, Words
from harness.scenario.variables import expand, is_variable, is_written_out, words

T = TypeVar("T")
LONGEST_QUANTITY = 100
"""Characters of a duration, a number, a share …"""

# What YAML 1.1 makes of plain texts, and with it most other tools that read the same file.
_TRAPS = (
    (re.compile(r"^(y|n|yes|no|on|off|true|false)$", re.I), "true or false"),
    (re.compile(r"^[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?$"), "a number to the base of 60"),
    (re.compile(r"^[-+]?0[0-9_]+$"), "an octal number"),
    (re.compile(r"^[-+]?[0-9][0-9_]*_[0-9_]*$"), "a number without the underscores"),
)


def trap_of(text: str) -> str | None:
    """What YAML 1.1 would take an unquoted text for, where that is not the text itself."""
    return next((meaning for pattern, meaning in _TRAPS if pattern.match(text)), None)


def note_trap(node: Scalar, to: Findings) -> bool:
    """Whether an unquoted text is a trap; noted then."""
    if node.plain and (meaning := trap_of(node.text)):
        to.error("E202", node.span, f"YAML reads {node.text} as {meaning}", f'write "{node.text}" in quotes')
        return True
    return False


@dataclass(frozen=True)
class Text(Shape[str]):
    """A text. ``pattern`` (with ``wanted`` in words) limits it."""

    wanted: str = "a text"
    pattern: str | None = None
    longest: int = 1000
    shortest: int = 1
    meant: Callable[[str], str | None] | None = None
    """What a text that does not fit was most likely meant to be."""

    def read(self, node: Node, to: Findings) -> str | Bad:
        """The text, with variables of the environment filled in."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        if note_trap(node, to):
            return BAD
        text = expand(node, to)
        if isinstance(text, Bad):
            return BAD
        if len(text) > self.longest:
            to.error("E201", node.span, f"a text of {len(text)} characters", f"at most {self.longest}")
            return BAD
        if len(text) < self.shortest:
            to.error("E201", node.span, f"an empty text where {self.wanted} belongs", "write it behind the key")
            return BAD
        if self.pattern and not re.fullmatch(self.pattern, text):
            better = self.meant(text) if self.meant else self._near(text)
            return self.wrong(node, to, f"did you mean {better}?" if better else "")
        return text

    def _near(self, text: str) -> str | None:
        """The text in upper case, or without what lies between words, where that fits."""
        joined = re.sub(r"[^\w]+", "-", text.strip()).strip("-")
        tries = (text.strip(), text.upper(), joined, joined.upper(), joined.upper().replace("-", "_"))
        return next((each for each in tries if self.pattern and re.fullmatch(self.pattern, each)), None)

    def schema(self) -> Schema:
        """A string or a number (a number is taken as it is written)."""
        numbers = self.pattern is None or re.fullmatch(self.pattern, "1") is not None
        made: Schema = {"type": ["string", "number"] if numbers else "string", "maxLength": self.longest}
        if self.shortest:
            made["minLength"] = self.shortest
        if self.pattern:
            made["pattern"] = f"^({_json_pattern(self.pattern)}|.*[$][{{].*)$"
        return made


def _json_pattern(pattern: str) -> str:
    """The pattern in the dialect of JSON Schema, where ``\\w`` knows only ASCII."""
    letters = r"A-Za-z0-9_\u00aa-\uffff"
    return pattern.replace(r"[\w", f"[{letters}").replace(r"\w", f"[{letters}]")


LABEL = Text("a name of letters, digits, - and _", r"\w[\w-]{0,79}")
"""A name of a scenario, a journey, a load."""


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
        if text != SANDBOX:
            to.secrets.setdefault(text, node.text if is_variable(node.text) else "")
        if not text or not text.isascii() or not text.isprintable() or ":" in text:
            to.error("E205", node.span, "a key is plain ASCII without ':'", "check the value of the variable")
            return BAD
        if is_written_out(node.text) and text != SANDBOX:
            to.warning("W401", node.span, "a key written into the file", "take it from the environment: ${NAME}")
        written = node.text if is_variable(node.text) else text if text == SANDBOX else ""
        return Secret(text, written)

    def schema(self) -> Schema:
        """A string, or what looks like something else and is taken as it is written."""
        return {"type": ["string", "number", "boolean"], "minLength": 1}


@dataclass(frozen=True)
class Choice(Shape[str]):
    """One of a few words."""

    words: tuple[str, ...]
    what: str = "value"
    meant: Mapping[str, str] = field(default_factory=dict)
    """Words that are often written for others."""

    @property
    def wanted(self) -> str:  # type: ignore[override]
        """The words, for messages."""
        return f"one of {', '.join(self.words[:12])}{' …' if len(self.words) > 12 else ''}"

    def read(self, node: Node, to: Findings) -> str | Bad:
        """The word."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        text = expand(node, to)
        if isinstance(text, Bad):
            return BAD
        if text not in self.words:
            label = f"did you mean '{self.meant[text]}'?" if text in self.meant else suggest(text, self.words)
            to.error("E206", node.span, f"unknown {self.what} '{text[:60]}'", label)
            return BAD
        return text

    def schema(self) -> Schema:
        """An enumeration, or a variable that gives one of it."""
        return {"anyOf": [{"enum": list(self.words)}, {"type": "string", "pattern": "[$][{]"}]}


@dataclass(frozen=True)
class FlagShape(Shape[bool]):
    """``true`` or ``false``."""

    wanted: str = "true or false"

    def read(self, node: Node, to: Findings) -> bool | Bad:
        """The flag."""
        if not isinstance(node, Scalar) or is_empty(node) or node.text not in ("true", "false"):
            words = {"yes": "true", "on": "true", "y": "true", "true": "true", "1": "true"}
            label = f"write {words.get(node.text.lower(), 'false')}" if isinstance(node, Scalar) and node.text else ""
            return self.wrong(node, to, label)
        return node.text == "true"

    def schema(self) -> Schema:
        """A boolean."""
        return {"enum": [True, False, "true", "false"]}


@dataclass(frozen=True)
class Parsed(Shape[T]):
    """A text with a grammar of its own: ``parse`` gives the value, or None when it does not fit."""

    parse: Callable[[str], T | None]
    wanted: str = "a value"
    pattern: str = ".*"
    types: tuple[str, ...] = ("string",)
    bounds: tuple[float, float] | None = None
    """Of a number, where one may stand."""
    meant: Callable[[str], str | None] | None = None
    """What a text that does not fit was most likely meant to be."""

    def read(self, node: Node, to: Findings) -> T | Bad:
        """The parsed value."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        text = expand(node, to)
        if isinstance(text, Bad):
            return BAD
        if len(text) > LONGEST_QUANTITY:
            return self.wrong(node, to)
        value = self.parse(text.strip())
        if value is not None:
            return value
        better = self.meant(text.strip()) if self.meant else None
        fits = better is not None and self.parse(better) is not None
        return self.wrong(node, to, f"did you mean {better}?" if fits else "")

    def schema(self) -> Schema:
        """By its pattern, or a variable."""
        made: Schema = {"type": list(self.types), "pattern": rf"^\s*({self.pattern})\s*$|[$][{{]"}
        if self.bounds:
            made["minimum"], made["maximum"] = self.bounds
        return made


@dataclass(frozen=True)
class StepText(Shape[Words]):
    """A text of a step: ``${…}`` may hold an expression over guest, cart, captures; else it is the environment's."""

    wanted: str = "a text"
    longest: int = 10_000

    def read(self, node: Node, to: Findings) -> Words | Bad:
        """The text, or its parts."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        if note_trap(node, to):
            return BAD
        if len(node.text) > self.longest:
            to.error("E201", node.span, f"a text of {len(node.text)} characters", f"at most {self.longest}")
            return BAD
        return words(node, to)

    def schema(self) -> Schema:
        """A string or a number."""
        return {"type": ["string", "number"], "maxLength": self.longest}
