"""YAML or JSON of others as plain values: read with the same care as a scenario, and with the same bounds."""

from __future__ import annotations

import re
from typing import Any

from harness.scenario.source import Mapping, Node, Scalar, parse

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def plain_yaml(text: str, name: str) -> Any:
    """A document as dicts, lists, texts, numbers, true, false and None (what JSON has). Raises ScenarioError."""
    return _plain(parse(text, name).root)


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        if not node.plain:
            return node.text
        if node.text in _WORDS:
            return _WORDS[node.text]
        if match := _NUMBER.fullmatch(node.text):
            return float(node.text) if match[2] else int(node.text)
        return node.text
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.items}
    return [_plain(item) for item in node.items]
