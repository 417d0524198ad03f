"""The grammar of thresholds: ``[[journey/]step.|journey.]metric op number[unit]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.scenario.diagnostics import Findings, Span, suggest
from harness.scenario.model import Threshold, Unit
from harness.scenario.shapes import BAD, Bad, Schema, Shape, is_empty
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar
from harness.scenario.variables import part_span

LATENCY_METRICS = ("p50", "p90", "p95", "p99", "p999")
STEP_METRICS = ("error_rate", "throughput", *LATENCY_METRICS)
JOURNEY_METRICS = ("completed", "failed")
OWN_METRICS = ("orders.missing", "generator.saturated")
"""Of the run alone, and with a dot of their own."""
RUN_METRICS = (*STEP_METRICS, *OWN_METRICS)

_TEXT = re.compile(r"(?P<left>.+?)\s*(?P<op><=|>=|==|<|>)\s*(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>ms|s|%|/s)?")
_UNITS: Mapping[str, tuple[Unit, float]] = {
    "ms": ("ms", 1.0),
    "s": ("ms", 1000.0),
    "%": ("share", 0.01),
    "/s": ("per_second", 1.0),
    "": ("count", 1.0),
}
_WANTED: Mapping[str, tuple[Unit, ...]] = {
    **dict.fromkeys(LATENCY_METRICS, ("ms",)),
    "error_rate": ("share",),
    "throughput": ("per_second",),
    "completed": ("share", "count"),
    "failed": ("share", "count"),
    "orders.missing": ("count",),
    "generator.saturated": ("count",),
}
_UNIT_WORDS: Mapping[Unit, str] = {"ms": "ms or s", "share": "%", "per_second": "/s", "count": "no unit"}


@dataclass(frozen=True)
class ThresholdText(Shape[Threshold]):
    """A threshold. Whether its journey and step exist is checked with the whole scenario at hand."""

    wanted: str = "a threshold such as 'error_rate < 1%' or 'checkout.p95 < 300ms'"

    def read(self, node: Node, to: Findings) -> Threshold | Bad:
        """The threshold, its value in the unit's base: ms, share, 1/s, count."""
        if isinstance(node, MappingNode) and node.items:
            return self.wrong(node, to, "write it as one text: error_rate < 1%")
        if not isinstance(node, Scalar) or is_empty(node):
            return self.wrong(node, to)
        text = " ".join(node.text.split())
        match = _TEXT.fullmatch(text)
        if not match:
            return self.wrong(node, to, "write: what  < <= > >= or ==  a number with its unit")
        subject, metric = _split(match["left"])
        known = RUN_METRICS if subject is None else (*STEP_METRICS, *JOURNEY_METRICS)
        if metric not in known:
            label = suggest(metric, known)
            if metric in JOURNEY_METRICS:
                label = f"name the journey: purchase.{metric}"
            to.error("E211", _place(node, metric), f"unknown metric '{metric[:60]}'", label)
            return BAD
        unit, factor = _UNITS[match["unit"] or ""]
        if unit not in _WANTED[metric]:
            wanted = " or ".join(_UNIT_WORDS[u] for u in _WANTED[metric])
            number = match["number"] + (match["unit"] or "")
            label = f"it is measured in {wanted}"
            to.error("E212", _place(node, number), f"'{metric}' with {_unit_word(match['unit'])}", label)
            return BAD
        value = float(match["number"]) * factor
        if unit == "share" and value > 1:
            to.error(
                "E212", _place(node, f"{match['number']}%"), f"a share of {match['number']}%", "shares end at 100%"
            )
            return BAD
        journey, step = _subject(subject, metric)
        return Threshold(text, metric, match["op"], value, unit, journey, step, node.span, node)

    def schema(self) -> Schema:
        """By its pattern."""
        return {"type": "string", "pattern": r"^\s*\S.*?\s*(<=|>=|==|<|>)\s*[0-9]+(\.[0-9]+)?\s*(ms|s|%|/s)?\s*$"}


def _place(node: Scalar, part: str) -> Span:
    """Where a part of a threshold stands."""
    start = node.text.rfind(part)
    return part_span(node, start, start + len(part)) if start >= 0 else node.span


def _unit_word(unit: str | None) -> str:
    return f"the unit {unit}" if unit else "no unit"


def _split(left: str) -> tuple[str | None, str]:
    if left in OWN_METRICS:
        return None, left
    subject, dot, metric = left.rpartition(".")
    return (subject.strip(), metric.strip()) if dot else (None, left)


def _subject(subject: str | None, metric: str) -> tuple[str | None, str | None]:
    """Journey and step. A lone name is a journey for a journey's metric, else a step of every journey."""
    if subject is None:
        return None, None
    journey, slash, step = subject.partition("/")
    if slash:
        return journey.strip(), step.strip()
    return (subject, None) if metric in JOURNEY_METRICS else (None, subject)
