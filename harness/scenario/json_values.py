"""Shapes of JSON: values that are sent, paths into replies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from harness.scenario.diagnostics import Findings
from harness.scenario.expressions import Interpolated
from harness.scenario.shapes import BAD, Bad, Schema, Shape, is_empty
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Sequence
from harness.scenario.texts import note_trap
from harness.scenario.values import Json, JsonObject, Path
from harness.scenario.variables import part_span, words

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,30})")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]{0,30})\.[0-9]{1,30}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class JsonShape(Shape[Json]):
    """Any JSON value: unquoted true, false, null and numbers are what they look like, all else is text."""

    wanted: str = "a JSON value"

    def read(self, node: Node, to: Findings) -> Json | Bad:
        """The value; texts with ``${…}`` parsed."""
        if isinstance(node, MappingNode):
            return read_object(node, to)
        if isinstance(node, Sequence):
            values = [self.read(item, to) for item in node.items]
            good = tuple(v for v in values if not isinstance(v, Bad))
            return good if len(good) == len(values) else BAD
        if node.plain:
            if node.text in _WORDS:
                return _WORDS[node.text]
            if _INTEGER.fullmatch(node.text):
                return int(node.text)
            if _FRACTION.fullmatch(node.text):
                return Decimal(node.text)
            if note_trap(node, to):
                return BAD
        return words(node, to)

    def schema(self) -> Schema:
        """Anything."""
        return {}


def read_object(node: MappingNode, to: Findings) -> JsonObject | Bad:
    """A mapping as a JSON object."""
    shape = JsonShape()
    pairs = [(key.text, shape.read(value, to)) for key, value in node.items]
    good = tuple((k, v) for k, v in pairs if not isinstance(v, Bad))
    return JsonObject(good) if len(good) == len(pairs) else BAD


@dataclass(frozen=True)
class ObjectShape(Shape[JsonObject]):
    """A JSON object."""

    wanted: str = "a mapping of attributes"

    def read(self, node: Node, to: Findings) -> JsonObject | Bad:
        """The object."""
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, "write 'name: value'")
        return read_object(node, to)

    def schema(self) -> Schema:
        """An object."""
        return {"type": "object"}


@dataclass(frozen=True)
class PlainJson(Shape["str | int | Decimal | bool | None"]):
    """A JSON value that is no list, no object, and has nothing to fill in."""

    wanted: str = "a text, a number, true, false or null"

    def read(self, node: Node, to: Findings) -> str | int | Decimal | bool | Bad | None:
        """The value."""
        if not isinstance(node, Scalar):
            return self.wrong(node, to)
        value = JsonShape().read(node, to)
        if isinstance(value, Interpolated):
            to.error("E220", node.span, "a value of the run where a fixed one belongs", "compare with a fixed value")
            return BAD
        assert not isinstance(value, tuple | JsonObject)
        return value

    def schema(self) -> Schema:
        """A scalar."""
        return {"type": ["string", "number", "boolean", "null"]}


_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[([0-9]{1,6})\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


@dataclass(frozen=True)
class PathShape(Shape[Path]):
    """A path into a JSON document: ``$.offers[0].id``. Keys and positions only, no wildcards."""

    wanted: str = "a JSON path such as $.offers[0].id"

    def read(self, node: Node, to: Findings) -> Path | Bad:
        """The path; what is wrong is underlined where it begins."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        text = node.text.strip()
        if not text.startswith("$"):
            return self.wrong(node, to, f"write $.{text}" if re.fullmatch(r"[\w.]+", text) else "it begins with $")
        parts: list[str | int] = []
        place = 1
        while place < len(text):
            match = _STEP.match(text, place)
            if match is None:
                where = part_span(node, place, len(text))
                to.error(
                    "E221", where, f"'{text[place:][:30]}' is not a step of a path", "steps are .name, [0], ['any key']"
                )
                return BAD
            parts.append(int(match[2]) if match[2] else (match[1] or match[3] or match[4] or ""))
            place = match.end()
        return Path(text, tuple(parts))

    def schema(self) -> Schema:
        """By its beginning."""
        return {"type": "string", "pattern": r"^\s*[$]"}
