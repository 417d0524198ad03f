"""Shapes: what may stand in a place, how it is read, and what to say when it is something else.

A shape reads a node to a value, or notes a diagnostic and gives ``BAD``; and it gives its JSON Schema. Shapes
are the words of which ``language`` is made; texts are in ``texts``, quantities in ``quantity_shapes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from harness.scenario.diagnostics import Findings, Span, nearest, suggest
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Sequence, describe

K = TypeVar("K")
T = TypeVar("T")
Schema = dict[str, Any]


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

    def schema(self) -> Schema:
        """JSON Schema (2020-12) of what may stand here."""
        raise NotImplementedError

    def wrong(self, node: Node, to: Findings, label: str = "") -> Bad:
        """Note that ``node`` is something else."""
        what = describe(node)
        label = label or ("write it behind the key" if what == "nothing" else "")
        to.error("E201", node.span, f"{what} where {self.wanted} belongs", label)
        return BAD


def is_empty(node: Node) -> bool:
    """Whether nothing stands behind a key."""
    return isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True)
class ListOf(Shape[tuple[T, ...]]):
    """A list of one shape, with at least one entry."""

    each: Shape[T]
    wanted: str = "a list"

    def read(self, node: Node, to: Findings) -> tuple[T, ...] | Bad:
        """All entries; one bad entry makes the list bad, after the others were read, too."""
        if not isinstance(node, Sequence):
            return self.wrong(node, to, "write each entry on a line of its own, behind '- '")
        if not node.items and node.broken:
            return BAD
        if not node.items:
            to.error("E208", node.span, "an empty list", f"{self.wanted} has at least one entry: add one")
            return BAD
        values = [self.each.read(item, to) for item in node.items]
        good = tuple(v for v in values if not isinstance(v, Bad))
        return good if len(good) == len(values) and not node.broken else BAD

    def schema(self) -> Schema:
        """An array."""
        return {"type": "array", "items": self.each.schema(), "minItems": 1}


@dataclass(frozen=True)
class OneOrMany(Shape[tuple[T, ...]]):
    """One of a shape, or a list of it."""

    each: Shape[T]
    wanted: str = "one or a list"

    def read(self, node: Node, to: Findings) -> tuple[T, ...] | Bad:
        """The entries."""
        if isinstance(node, Sequence):
            return ListOf(self.each, self.wanted).read(node, to)
        value = self.each.read(node, to)
        return BAD if isinstance(value, Bad) else (value,)

    def schema(self) -> Schema:
        """Either form."""
        return {"anyOf": [self.each.schema(), {"type": "array", "items": self.each.schema(), "minItems": 1}]}


@dataclass(frozen=True)
class MapOf(Shape[tuple[tuple[K, T], ...]], Generic[K, T]):
    """A mapping with keys of the author's own."""

    key: Shape[K]
    each: Shape[T]
    wanted: str = "a mapping"

    def read(self, node: Node, to: Findings) -> tuple[tuple[K, T], ...] | Bad:
        """Pairs in the order of the file."""
        if not isinstance(node, MappingNode) or not node.items:
            return self.wrong(node, to, "write 'name: value'")
        pairs = [(self.key.read(key, to), self.each.read(value, to)) for key, value in node.items]
        good = tuple((k, v) for k, v in pairs if not isinstance(k, Bad) and not isinstance(v, Bad))
        return good if len(good) == len(pairs) else BAD

    def schema(self) -> Schema:
        """An object with free keys."""
        return {
            "type": "object",
            "propertyNames": key_schema(self.key),
            "additionalProperties": self.each.schema(),
            "minProperties": 1,
        }


def key_schema(shape: Shape[Any]) -> Schema:
    """JSON Schema of keys: always texts, whatever a value of the shape may be."""
    return {name: value for name, value in shape.schema().items() if name not in ("type", "minimum", "maximum")}


@dataclass(frozen=True)
class Field:
    """A key of a record. ``hint`` shows how it is written, ``doc`` says what it is for."""

    shape: Shape[Any]
    required: bool = False
    hint: str = ""
    doc: str = ""

    def schema(self) -> Schema:
        """The shape's, with the documentation."""
        made = dict(self.shape.schema())
        if self.doc:
            made["description"] = self.doc
        return made


@dataclass(frozen=True)
class Record(Shape[T]):
    """A mapping with known keys, read into ``make(**values)``; absent keys take the defaults of ``make``."""

    make: Callable[..., T]
    fields: Mapping[str, Field]
    wanted: str = "a mapping"
    keep_node: bool = False
    """``make`` takes the mapping, too, as ``node``."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Keys that are not taken, with what to do instead."""

    def read(self, node: Node, to: Findings) -> T | Bad:
        """The record."""
        if not isinstance(node, MappingNode):
            hints = [each.hint for each in self.fields.values() if each.hint]
            return self.wrong(node, to, f"it has keys, for example {hints[0] if hints else next(iter(self.fields))}")
        values, bad = read_fields(node.items, self.fields, to, self.wanted, node.span, extra=self.extra)
        if bad:
            return BAD
        if self.keep_node:
            values["node"] = node
        return self.make(**values)

    def schema(self) -> Schema:
        """An object with these keys and no others."""
        return object_schema(self.fields)


def object_schema(fields: Mapping[str, Field]) -> Schema:
    """JSON Schema of a mapping with known keys."""
    made: Schema = {
        "type": "object",
        "properties": {name: each.schema() for name, each in fields.items()},
        "additionalProperties": False,
    }
    if required := [name for name, each in fields.items() if each.required]:
        made["required"] = required
    return made


def read_fields(
    items: Iterable[tuple[Scalar, Node]],
    fields: Mapping[str, Field],
    to: Findings,
    where: str,
    span: Span,
    *,
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
            if key.plain and is_empty(node) and not nearest(key.text, fields):
                label = "a value with a comma in it needs quotes" if key.text[:1].isdecimal() else label
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
            to.error("E210", point, f"{where} has no '{name}'", f"add {wanted.hint}" if wanted.hint else "")
            bad = True
    return values, bad
