"""A verb of an extension: read like the harness's own, and what it makes read like what an author writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from harness.extensions import speech
from harness.extensions.installed import ExtensionError, told
from harness.scenario import actions
from harness.scenario.diagnostics import Findings, Span
from harness.scenario.json_values import JsonShape
from harness.scenario.quantity_shapes import MONEY, count
from harness.scenario.replies import CaptureShape
from harness.scenario.shapes import BAD, Bad, Field, Schema, Shape, read_fields
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Sequence
from harness.scenario.texts import Choice, FlagShape, StepText
from harness.scenario.verbs import VERBS, Verb

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
_BODIES = ("json", "form", "body")


@dataclass(frozen=True)
class WrittenText(Shape[str]):
    """A text of a step, given on as it is written once it is known to be right."""

    wanted: str = "a text"

    def read(self, node: Node, to: Findings) -> str | Bad:
        """The text with its ``${…}``."""
        found = StepText().read(node, to)
        return BAD if isinstance(found, Bad) or not isinstance(node, Scalar) else node.text

    def schema(self) -> Schema:
        """A string or a number."""
        return StepText().schema()


@dataclass(frozen=True)
class WrittenJson(Shape[Any]):
    """A JSON value, its texts as they are written."""

    wanted: str = "a JSON value"

    def read(self, node: Node, to: Findings) -> Any:
        """Dicts, lists, str, int, Decimal, bool, None."""
        return BAD if isinstance(JsonShape().read(node, to), Bad) else _plain(node)

    def schema(self) -> Schema:
        """Anything."""
        return {}


def _plain(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {key.text: _plain(value) for key, value in node.items}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    if not node.plain:
        return node.text
    value = JsonShape().read(Scalar(node.text.replace("${", "$${"), True, node.span), Findings())
    return node.text if isinstance(value, str) else value


@dataclass(frozen=True)
class Said:
    """What a step with such a verb does, and how it was written."""

    action: actions.Event | actions.HttpRequest
    captures: tuple[actions.Capture, ...]
    spoken: actions.Spoken


@dataclass(frozen=True)
class Speech:
    """A verb with its name and its package."""

    name: str
    verb: speech.Verb
    package: str

    def error(self, reason: str) -> ExtensionError:
        """What is wrong with the extension."""
        return ExtensionError(self.package, self.name, reason)

    def call(self, **values: Any) -> speech.Request | speech.Event:
        """What the extension makes of a step's keys. Raises ExtensionError."""
        try:
            made: object = self.verb.make(**values)
        except Exception as error:
            raise self.error(f"'{self.name}' failed with {told(error)}") from error
        if not isinstance(made, speech.Request | speech.Event):
            raise self.error(f"'{self.name}' made {type(made).__name__}, and no Request or Event of harness.extend")
        return made

    def say(self, made: speech.Request | speech.Event, key: Scalar, value: Node | None, to: Findings) -> Said | Bad:
        """The step's action. What is wrong with it is noted at the verb. Raises ExtensionError."""
        inner = Findings(captures=to.captures, secrets=to.secrets, system=to.system)
        kind = "request" if isinstance(made, speech.Request) else "event"
        items = (
            self._request(made) if isinstance(made, speech.Request) else {"type": made.type, "ext": made.ext or None}
        )
        node = self._node({name: each for name, each in items.items() if each is not None}, key.span)
        assert isinstance(node, MappingNode)
        values, bad = read_fields(node.items, VERBS[kind].fields, inner, f"what '{self.name}' makes", key.span)
        kept: tuple[actions.Capture, ...] | Bad = ()
        if self.verb.captures:
            kept = CaptureShape().read(self._node(dict(self.verb.captures), key.span), inner)
        for each in inner.found:
            to.error(each.code, key.span, f"{each.message}, made by '{self.name}' of {self.package}", each.label)
        if bad or isinstance(kept, Bad):
            return BAD
        action = VERBS[kind].make(**values)
        assert isinstance(action, actions.HttpRequest | actions.Event)
        names = tuple(capture.name for capture in kept)
        to.captures = to.captures.union(names)
        return Said(action, kept, actions.Spoken(self.name, getattr(made, "type", ""), names, value))

    def _request(self, made: speech.Request) -> dict[str, Any]:
        if made.type and not _TYPE.fullmatch(str(made.type)):
            raise self.error(f"'{self.name}' made a request of type {made.type!r}: upper-case letters, digits and _")
        body = None if isinstance(made.json, speech.Nothing) else _Null if made.json is None else made.json
        items = {"json": body, "form": made.form, "body": made.body}
        if len(given := [name for name in _BODIES if items[name] is not None]) > 1:
            raise self.error(f"'{self.name}' made a request with {' and '.join(given)}: keep one of them")
        beside = {"query": made.query or None, "headers": made.headers or None}
        return {"path": made.path, "method": made.method, **beside, **items}

    def _node(self, value: object, span: Span) -> Node:
        """A plain value as if it stood at ``span``."""
        if isinstance(value, Mapping):
            pairs = ((Scalar(str(name), False, span), self._node(each, span)) for name, each in value.items())
            return MappingNode(tuple(pairs), span)
        if isinstance(value, list | tuple):
            return Sequence(tuple(self._node(each, span) for each in value), span)
        if isinstance(value, str):
            return Scalar(value, False, span)
        if value is None or value is _Null:
            return Scalar("null", True, span)
        if isinstance(value, bool):
            return Scalar("true" if value else "false", True, span)
        if isinstance(value, int | float | Decimal) and Decimal(value).is_finite():
            return Scalar(f"{Decimal(repr(value) if isinstance(value, float) else value):f}", True, span)
        raise self.error(f"'{self.name}' made a request with {type(value).__name__} in it, which JSON does not have")


class _Null:
    """A JSON body that is null, where None is none."""


def as_verb(name: str, verb: object, package: str, system: str) -> Verb:
    """An extension's verb as one of the language. Raises ExtensionError."""
    if not isinstance(verb, speech.Verb):
        raise ExtensionError(
            package, name, f"the verb '{name}' is {type(verb).__name__}, and no Verb of harness.extend"
        )
    said = Speech(name, verb, package)
    keys, captures = verb.keys, verb.captures
    if not NAME.fullmatch(name):
        raise said.error(f"'{name}' cannot be a verb: lower-case letters, digits and _")
    if not callable(verb.make) or not isinstance(verb.doc, str) or not verb.doc:
        raise said.error(f"the verb '{name}' needs a function 'make' and a text 'doc'")
    if not isinstance(keys, Mapping) or not all(isinstance(each, speech.Key) for each in keys.values()):
        raise said.error(f"the keys of the verb '{name}' are no mapping of names to keys such as text(…)")
    if verb.main is not None and verb.main not in keys:
        raise said.error(f"the verb '{name}' has no key '{verb.main}', which it names as its main one")
    if not isinstance(captures, Mapping) or not all(isinstance(each, str) for each in captures.values()):
        raise said.error(f"the captures of the verb '{name}' are no mapping of names to JSON paths")
    fields = {each: _field(each, key) for each, key in keys.items()}
    bare = not any(key.required for key in keys.values())
    example = verb.example or f"{{{', '.join(f'{each}: …' for each in keys)}}}"
    return Verb(said.call, fields, verb.doc, example, verb.main, bare, system=system, speech=said)  # type: ignore[arg-type]


def _field(name: str, key: speech.Key) -> Field:
    shapes: Mapping[str, Shape[Any]] = {
        "text": WrittenText(),
        "json": WrittenJson(),
        "number": MONEY,
        "yes_no": FlagShape(),
        "whole": count(key.least, key.most),
        "choice": Choice(key.words, name),
    }
    return Field(shapes[key.kind], key.required, f"{name}: …", key.doc)
