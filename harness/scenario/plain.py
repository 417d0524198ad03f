"""A YAML or JSON file that is no scenario, read by the language's own rules: no traps, no tags, texts as they are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from harness.scenario.diagnostics import Findings, ScenarioError
from harness.scenario.json_values import JsonShape
from harness.scenario.shapes import Bad
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Sequence, read
from harness.scenario.values import JsonObject
from harness.scenario.variables import escaped


def read_mapping(path: Path, wanted: str) -> Mapping[str, Any]:
    """The mapping in a file as JSON: numbers are int and float, ``${…}`` is text. ``wanted`` says what belongs there.

    Raises ScenarioError.
    """
    source = read(path)
    to = Findings()
    node = source.root
    if not isinstance(node, MappingNode):
        to.error("E201", node.span, f"no mapping where {wanted} belong", "write 'name: value'")
        raise ScenarioError(to.sorted({}), {source.name: source.lines})
    found = JsonShape().read(_escaped(node), to)
    if isinstance(found, Bad) or to.has_errors:
        raise ScenarioError(to.sorted({}), {source.name: source.lines})
    plain = _plain(found)
    assert isinstance(plain, dict)
    return plain


def _escaped(node: Node) -> Node:
    """The same, with nothing in it that would be filled in."""
    if isinstance(node, MappingNode):
        return MappingNode(tuple((key, _escaped(value)) for key, value in node.items), node.span)
    if isinstance(node, Sequence):
        return Sequence(tuple(map(_escaped, node.items)), node.span)
    return Scalar(escaped(node.text), node.plain, node.span)


def _plain(value: Any) -> Any:
    if isinstance(value, JsonObject):
        return {name: _plain(inner) for name, inner in value.items}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value
