"""``stop_when``: a condition as thresholds have it, and for how long it must be true."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from harness.scenario.diagnostics import Findings
from harness.scenario.model import StopRule
from harness.scenario.quantity_shapes import STRETCH
from harness.scenario.shapes import BAD, Bad, Schema, Shape, is_empty
from harness.scenario.source import Node, Scalar
from harness.scenario.thresholds import ThresholdText
from harness.scenario.variables import part_span

_FOR = re.compile(r"(?P<condition>.*?)\s+for\b\s*(?P<time>.*?)\s*", re.S)
_CONDITION = ThresholdText("a condition such as 'error_rate > 50% for 10s'")


@dataclass(frozen=True)
class StopText(Shape[StopRule]):
    """A condition, with ``for`` and a duration; without it one second is enough."""

    wanted: str = _CONDITION.wanted

    def read(self, node: Node, to: Findings) -> StopRule | Bad:
        """The rule."""
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to, "write it as one text: error_rate > 50% for 10s")
        match = _FOR.fullmatch(node.text)
        if match is None:
            condition, seconds = _CONDITION.read(node, to), 1.0
        else:
            condition = _CONDITION.read(_part(node, match, "condition"), to)
            stretch = STRETCH.read(_part(node, match, "time"), to)
            if isinstance(stretch, Bad):
                return BAD
            seconds = stretch
        if isinstance(condition, Bad):
            return BAD
        return StopRule(" ".join(node.text.split()), condition, math.ceil(seconds), node.span)

    def schema(self) -> Schema:
        """By its pattern."""
        condition = str(_CONDITION.schema()["pattern"]).removesuffix("$")
        return {"type": "string", "pattern": rf"{condition}(\s+for\s+[0-9]+(\.[0-9]+)?(ms|s|m|h))?\s*$"}


def _part(node: Scalar, match: re.Match[str], name: str) -> Scalar:
    return Scalar(match[name], node.plain, part_span(node, *match.span(name)))
