"""Shapes of what is done with a reply: ``expect`` and ``capture``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.scenario import actions
from harness.scenario.diagnostics import Findings
from harness.scenario.json_values import PathShape, PlainJson
from harness.scenario.quantity_shapes import WITHIN
from harness.scenario.shapes import BAD, Bad, Field, MapOf, OneOrMany, Record, Schema, Shape, is_empty
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar
from harness.scenario.texts import Parsed, Text
from harness.scenario.variables import KNOWN_NAMES

if TYPE_CHECKING:
    import re2

HEADER_NAME = Text("a header's name without spaces, such as X-Name", r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_RESERVED = {*KNOWN_NAMES, "env", "and", "or", "not", "true", "false", "none"}


def _status(text: str) -> int | None:
    if re.fullmatch(r"[1-5]xx", text):
        return int(text[0])
    return int(text) if re.fullmatch(r"[1-5][0-9][0-9]", text) else None


STATUS = Parsed(
    _status, "a status from 100 to 599, or one such as 2xx", "[1-5](xx|[0-9][0-9])", ("string", "integer"), (100, 599)
)


EXPECT = Record(
    lambda header=(), **rest: actions.Expect(headers=header, **rest),
    {
        "status": Field(
            OneOrMany(STATUS, "a status or a list"), hint="{status: 200}", doc="201, 2xx, or a list: [200, 404]"
        ),
        "within": Field(WITHIN, doc="How soon the whole reply must be there, e.g. 500ms"),
        "header": Field(MapOf(HEADER_NAME, Text(shortest=0)), doc="Headers with their exact values"),
        "json": Field(
            MapOf(PathShape(), PlainJson(), "a mapping of JSON paths to values"),
            doc="JSON paths with the values that must be there: {$.status: OK}",
        ),
        "body": Field(Text("a text that the body holds"), doc="A text that the body must hold"),
    },
    "expect",
)


LONGEST_REGEX = 1000


@dataclass(frozen=True)
class RegexShape(Shape[str]):
    """A regular expression that takes linear time (RE2's syntax: no backreferences, no look-around)."""

    wanted: str = "a regular expression such as 'id=([0-9]+)'"

    def read(self, node: Node, to: Findings) -> str | Bad:
        """The expression, tried."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        if len(node.text) > LONGEST_REGEX:
            said = f"a regular expression of {len(node.text)} characters"
            to.error("E222", node.span, said, f"{LONGEST_REGEX} at most")
            return BAD
        import re2  # noqa: PLC0415 - few scenarios need it, and starting takes less time without it

        try:
            compiled = re2.compile(node.text, _quiet())
        except re2.error as error:
            said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
            label = "RE2's syntax is taken: no backreferences, no look-around"
            if "perl" not in said:
                label = "check brackets and backslashes; a bracket that is meant as such is written \\("
            to.error("E222", node.span, f"not a regular expression: {said}", label)
            return BAD
        if compiled.groups > 1:
            to.error("E222", node.span, "more than one group", "one group takes the value; make others (?:…)")
            return BAD
        return node.text

    def schema(self) -> Schema:
        """A string, or what looks like something else and is taken as it is written."""
        return {"type": ["string", "number", "boolean"], "minLength": 1}


def _quiet() -> re2.Options:
    import re2  # noqa: PLC0415 - as above

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    return options


_SOURCES: Mapping[str, Shape[Any]] = {"json": PathShape(), "header": HEADER_NAME, "regex": RegexShape()}


@dataclass(frozen=True)
class CaptureShape(Shape[tuple[actions.Capture, ...]]):
    """``capture: {name: $.path}``, or ``{name: {json|header|regex: …}}``."""

    wanted: str = "captures such as {offer: $.offers[0].id}"

    def read(self, node: Node, to: Findings) -> tuple[actions.Capture, ...] | Bad:
        """All captures of the step."""
        if not isinstance(node, MappingNode) or not node.items:
            return self.wrong(node, to)
        made = [self._one(key, value, to) for key, value in node.items]
        good = tuple(c for c in made if not isinstance(c, Bad))
        return good if len(good) == len(made) else BAD

    def _one(self, key: Scalar, value: Node, to: Findings) -> actions.Capture | Bad:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,79}", key.text) or key.text in _RESERVED:
            why = "has a meaning already" if key.text in _RESERVED else "is not a name"
            to.error("E223", key.span, f"'{key.text[:60]}' {why}", "a name of letters, digits and _, e.g. offer_id")
            return BAD
        if isinstance(value, MappingNode):
            if len(value.items) != 1 or value.items[0][0].text not in _SOURCES:
                return self.wrong(value, to, "write {json: $.a.b}, {header: Name} or {regex: 'a=([0-9]+)'}")
            source, inner = value.items[0]
            kind = source.text
        else:
            kind, inner = "json", value
        path = _SOURCES[kind].read(inner, to)
        if isinstance(path, Bad):
            return BAD
        return actions.Capture(key.text, kind, path, key.span)  # type: ignore[arg-type]

    def schema(self) -> Schema:
        """An object of sources."""
        sources = {name: shape.schema() for name, shape in _SOURCES.items()}
        one = {"type": "object", "properties": sources, "additionalProperties": False, "minProperties": 1}
        return {
            "type": "object",
            "additionalProperties": {"anyOf": [PathShape().schema(), {**one, "maxProperties": 1}]},
            "minProperties": 1,
        }
