"""The shape of ``guest``: a call of the Guest REST API, with the fields that the API knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.cdp import guests_api
from harness.scenario import actions
from harness.scenario.actions import GuestOperation
from harness.scenario.diagnostics import Findings, suggest
from harness.scenario.json_values import JsonShape, read_object
from harness.scenario.shapes import (
    BAD,
    Bad,
    Field,
    OneOrMany,
    Schema,
    Shape,
    is_empty,
    object_schema,
    read_fields,
)
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar
from harness.scenario.texts import Choice, StepText
from harness.scenario.values import JsonObject

_TEXT = StepText()
_SHAPES: Mapping[str, Shape[Any]] = {
    guests_api.TEXT: _TEXT,
    guests_api.DATE: StepText("a time such as 1980-02-03T00:00"),
    guests_api.TEXTS: OneOrMany(_TEXT, "a text or a list of texts"),
    guests_api.IDENTIFIERS: JsonShape("identifiers such as [{provider: crm, id: '7'}]"),
}
GUEST_TYPE = "guestType"
FIELDS: Mapping[str, Field] = {
    GUEST_TYPE: Field(Choice(guests_api.GUEST_TYPES, GUEST_TYPE)),
    **{name: Field(_SHAPES[field.kind]) for name, field in guests_api.FIELDS.items()},
}
"""What a guest of the Guest REST API has."""
_READ_ONLY = dict.fromkeys(guests_api.READ_ONLY, "the CDP sets it itself: take it out")
_SEARCH: Mapping[str, Field] = {name: Field(_TEXT) for name in guests_api.SEARCH_PARAMETERS}
_EXTENSION_NAME = Choice(guests_api.EXTENSION_NAMES, "name of a data extension")


@dataclass(frozen=True)
class GuestFieldsShape(Shape[JsonObject]):
    """Fields of a guest, by the names of the Guest REST API. ``null`` takes one away."""

    wanted: str = "fields of a guest such as {city: Dublin}"

    def read(self, node: Node, to: Findings) -> JsonObject | Bad:
        """The fields in the order of the file."""
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, "write 'name: value'")
        known = {
            key.text: Field(JsonShape()) if is_empty(value) and key.text in FIELDS else FIELDS.get(key.text)
            for key, value in node.items
        }
        fields = {**FIELDS, **{name: each for name, each in known.items() if each is not None}}
        values, bad = read_fields(node.items, fields, to, "a guest", node.span, extra=_READ_ONLY)
        return BAD if bad else JsonObject(tuple(values.items()))

    def schema(self) -> Schema:
        """An object of known fields."""
        made = object_schema(FIELDS)
        made["properties"] = {name: {"anyOf": [each.schema(), {"type": "null"}]} for name, each in FIELDS.items()}
        return made


@dataclass(frozen=True)
class SearchShape(Shape[JsonObject]):
    """By what guests are found."""

    wanted: str = "what to search by, such as {email: ann@example.com}"

    def read(self, node: Node, to: Findings) -> JsonObject | Bad:
        """The parameters."""
        if not isinstance(node, MappingNode) or not node.items:
            return self.wrong(node, to, f"by {', '.join(guests_api.SEARCH_PARAMETERS)}")
        values, bad = read_fields(node.items, _SEARCH, to, "'find'", node.span)
        return BAD if bad else JsonObject(tuple(values.items()))

    def schema(self) -> Schema:
        """An object of known parameters."""
        return {**object_schema(_SEARCH), "minProperties": 1}


@dataclass(frozen=True)
class ExtensionShape(Shape[JsonObject]):
    """A data extension: its name, and flat pairs."""

    wanted: str = "a data extension such as {name: ext, vipMember: true}"

    def read(self, node: Node, to: Findings) -> JsonObject | Bad:
        """Name and pairs."""
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, "write {name: ext, key: value}")
        named = [(key, value) for key, value in node.items if key.text == "name"]
        fields = {"name": Field(_EXTENSION_NAME, True, "name: ext")}
        values, bad = read_fields(named, fields, to, "a data extension", node.span)
        pairs = read_object(MappingNode(tuple(i for i in node.items if i[0].text != "name"), node.span), to)
        if bad or isinstance(pairs, Bad):
            return BAD
        return JsonObject((("name", values["name"]), *pairs.items))

    def schema(self) -> Schema:
        """An object with a name."""
        return {"type": "object", "properties": {"name": _EXTENSION_NAME.schema()}, "required": ["name"]}


_BEHIND: Mapping[GuestOperation, tuple[Shape[Any], str]] = {
    "create": (GuestFieldsShape(), "A guest comes to be: the journey's own, or with these fields"),
    "find": (SearchShape(), "The guest is looked for: by the own email, or by these parameters"),
    "read": (StepText("a guest's ref"), "The guest is read"),
    "update": (GuestFieldsShape(), "These fields change; null takes one away"),
    "delete": (StepText("a guest's ref"), "The guest is deleted, with sessions and orders"),
    "extension": (ExtensionShape(), "The guest gets a data extension"),
}
OPERATIONS = tuple(_BEHIND)
_BARE = ("create", "find", "read", "delete")
_REF = Field(StepText("a guest's ref"), doc="Whom; else the guest that this journey created or found last")
_WITH_REF = ("update", "extension")


@dataclass(frozen=True)
class GuestCallShape(Shape[actions.GuestCall]):
    """``guest: create``, or a mapping with one operation."""

    wanted: str = f"one of {', '.join(OPERATIONS)}"

    def read(self, node: Node, to: Findings) -> actions.GuestCall | Bad:
        """The call."""
        if isinstance(node, Scalar) and not is_empty(node):
            word = Choice(OPERATIONS, "operation").read(node, to)
            if isinstance(word, Bad):
                return BAD
            if word not in _BARE:
                example = "{city: Dublin}" if word == "update" else "{name: ext, vipMember: true}"
                to.error("E201", node.span, f"'{word}' needs a value", f"guest: {{{word}: {example}}}")
                return BAD
            return actions.GuestCall(word)  # type: ignore[arg-type]
        if not isinstance(node, MappingNode) or not node.items:
            return self.wrong(node, to, "for example guest: create, or guest: {update: {city: Dublin}}")
        return self._operation(node, to)

    def _operation(self, node: MappingNode, to: Findings) -> actions.GuestCall | Bad:
        named = [(key, value) for key, value in node.items if key.text in _BEHIND]
        if len(named) != 1:
            unknown = next((key for key, _ in node.items if key.text not in (*_BEHIND, "ref")), None)
            if unknown is not None:
                to.error(
                    "E206", unknown.span, f"unknown operation '{unknown.text[:60]}'", suggest(unknown.text, OPERATIONS)
                )
            elif named:
                to.error(
                    "E214",
                    named[1][0].span,
                    f"a second operation '{named[1][0].text}' in one step",
                    "begin a new step with '- '",
                )
            else:
                return self.wrong(node, to, f"name the operation: {', '.join(OPERATIONS)}")
            return BAD
        ((key, _value),) = named
        word: GuestOperation = key.text  # type: ignore[assignment]
        fields = {
            word: Field(_or_nothing(_BEHIND[word][0], word in _BARE)),
            **({"ref": _REF} if word in _WITH_REF else {}),
        }
        extra = {"ref": f"write: {word}: ${{ref}}"} if word in ("read", "delete") else {}
        values, bad = read_fields(node.items, fields, to, "'guest'", node.span, extra=extra)
        if bad:
            return BAD
        given = values[word]
        if isinstance(given, JsonObject):
            return actions.GuestCall(word, given, values.get("ref"))
        return actions.GuestCall(word, ref=given)

    def schema(self) -> Schema:
        """A word, or an object with one operation."""
        behind = {
            name: {"anyOf": [shape.schema(), *([{"type": "null"}] if name in _BARE else [])], "description": doc}
            for name, (shape, doc) in _BEHIND.items()
        }
        return {
            "anyOf": [
                {"enum": list(_BARE)},
                {
                    "type": "object",
                    "properties": {**behind, "ref": _REF.schema()},
                    "additionalProperties": False,
                    "oneOf": [{"required": [name]} for name in behind],
                    "dependentSchemas": {
                        name: {"properties": {"ref": False}} for name in behind if name not in _WITH_REF
                    },
                },
            ]
        }


def _or_nothing(shape: Shape[Any], bare: bool) -> Shape[Any]:
    return _Optional(shape.read, shape.wanted) if bare else shape


@dataclass(frozen=True)
class _Optional(Shape[Any]):
    """What another shape takes, or nothing (None)."""

    other: Callable[[Node, Findings], Any]
    wanted: str

    def read(self, node: Node, to: Findings) -> Any:
        """The value, or None."""
        return None if is_empty(node) else self.other(node, to)

    def schema(self) -> Schema:
        """Never asked for: the operation's own is."""
        raise NotImplementedError
