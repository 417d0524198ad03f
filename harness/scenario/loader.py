"""``load``: from a file to a checked Scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.scenario.check import check
from harness.scenario.diagnostics import Findings, ScenarioError, Span
from harness.scenario.language import SCENARIO
from harness.scenario.model import SANDBOX, Scenario
from harness.scenario.shapes import Bad
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Source, parse, read

SANDBOX_CREDENTIALS: Mapping[str, str] = {"client_key": "sandbox", "api_token": "sandbox"}
"""An embedded sandbox has its own keys: those of a real account are neither needed nor sent."""


@dataclass(frozen=True, slots=True)
class Override:
    """A value from the command line: the dotted key that it replaces (``load.users``), and the option that gave it."""

    key: str
    text: str
    option: str


def load(path: str | Path, overrides: Sequence[Override] = ()) -> Scenario:
    """Read, check and return a scenario; ``overrides`` count as if they stood in the file.

    Raises ScenarioError with every mistake found.
    """
    return scenario_from(read(Path(path)), overrides)


def loads(text: str, name: str = "scenario.yaml") -> Scenario:
    """The same from a text."""
    return scenario_from(parse(text, name), ())


def scenario_from(source: Source, overrides: Sequence[Override]) -> Scenario:
    """The scenario of a parsed source. Raises ScenarioError."""
    root = source.root
    lines = {source.name: source.lines}
    for each in overrides:
        lines[each.option] = (each.text,)
        root = _replaced(root, each.key.split("."), _scalar(each.text, each.option))
    root = _with_sandbox_keys(root)
    findings = Findings()
    scenario = SCENARIO.read(root, findings)
    if not isinstance(scenario, Bad):
        check(scenario, findings)
        if not findings.found:
            return scenario
    raise ScenarioError(findings.sorted(), lines)


def _scalar(text: str, name: str) -> Scalar:
    return Scalar(text, False, Span(name, 1, 1, 1, len(text) + 1))


def _replaced(node: Node, keys: list[str], value: Scalar) -> Node:
    if not isinstance(node, MappingNode):
        return node
    first, *rest = keys
    items: list[tuple[Scalar, Node]] = []
    found = False
    for key, child in node.items:
        if key.text == first:
            found = True
            child = _replaced(child, rest, value) if rest else value  # noqa: PLW2901
        items.append((key, child))
    if not found:
        child = _replaced(MappingNode((), value.span), rest, value) if rest else value
        items.append((_scalar(first, value.span.source), child))
    return MappingNode(tuple(items), node.span)


def _with_sandbox_keys(root: Node) -> Node:
    target = _child(root, "target")
    url = _child(target, "url") if target else None
    if isinstance(url, Scalar) and url.text == SANDBOX:
        for key, value in SANDBOX_CREDENTIALS.items():
            root = _replaced(root, ["target", key], _scalar(value, "sandbox"))
    return root


def _child(node: Node, name: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((child for key, child in node.items if key.text == name), None)
