"""The shape of ``load``: one profile, or several by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from harness.scenario import model
from harness.scenario.diagnostics import Findings, Span
from harness.scenario.quantity_shapes import RATE, STRETCH, USERS, count
from harness.scenario.shapes import BAD, Bad, Field, ListOf, Schema, Shape, key_schema, object_schema, read_fields
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, key_at
from harness.scenario.texts import LABEL, Choice

Profiles = tuple[tuple[str, model.Load], ...]
LONGEST_WITH_ITERATIONS_S = 3600.0


class Level(NamedTuple):
    """A number of users, or guests per second."""

    value: float
    is_rate: bool


@dataclass(frozen=True)
class LevelShape(Shape[Level]):
    """A number of users, or a rate of guests."""

    wanted: str = "a number of users such as 20, or a rate such as 20/s"

    def read(self, node: Node, to: Findings) -> Level | Bad:
        """The level."""
        is_rate = not (isinstance(node, Scalar) and re.fullmatch(r"[0-9.]+", node.text))
        value = (RATE if is_rate else USERS).read(node, to)
        return BAD if isinstance(value, Bad) else Level(value, is_rate)

    def schema(self) -> Schema:
        """Either."""
        return {"anyOf": [USERS.schema(), RATE.schema()]}


_HOLD_HAS = {"over": "hold itself says how long: {hold: 5m}"}
_KINDS = ("ramp", "step", "spike", "hold")


@dataclass(frozen=True)
class StageShape(Shape["tuple[model.Stage, bool | None]"]):
    """``{ramp: 20/s, over: 30s}``, ``{hold: 5m}``; beside the stage whether it is of rates (None: it does not say)."""

    wanted: str = "a stage such as {ramp: 20/s, over: 30s} or {hold: 5m}"

    def read(self, node: Node, to: Findings) -> tuple[model.Stage, bool | None] | Bad:
        """The stage."""
        if not isinstance(node, MappingNode):
            return self.wrong(node, to)
        kinds = [key.text for key, _ in node.items if key.text in _KINDS]
        if len(kinds) != 1:
            said = f"{' and '.join(kinds)} in one stage" if kinds else "a stage that does not say what it does"
            span = (key_at(node, kinds[1]) if kinds else None) or node.span
            to.error("E227", span, said, "one of ramp, step, spike, hold: {ramp: 20/s, over: 30s}, {hold: 5m}")
            return BAD
        kind = kinds[0]
        fields = {"hold": Field(STRETCH)} if kind == "hold" else {
            kind: Field(LevelShape()),
            "over": Field(STRETCH, True, "over: 30s"),
        }  # fmt: skip
        values, bad = read_fields(
            node.items, fields, to, f"a {kind}", node.span, extra=_HOLD_HAS if kind == "hold" else None
        )
        if bad:
            return BAD
        if kind == "hold":
            return model.Stage("hold", values["hold"]), None
        level = values[kind]
        return model.Stage(kind, values["over"], level.value), level.is_rate  # type: ignore[arg-type]

    def schema(self) -> Schema:
        """One of the four."""
        over = {"over": STRETCH.schema()}
        stages = [
            {"type": "object", "properties": {k: LevelShape().schema(), **over}, "required": [k, "over"],
             "additionalProperties": False}
            for k in _KINDS[:3]
        ]  # fmt: skip
        hold = {"type": "object", "properties": {"hold": STRETCH.schema()}, "required": ["hold"]}
        return {"anyOf": [*stages, {**hold, "additionalProperties": False}]}


LOAD_FIELDS: Mapping[str, Field] = {
    "model": Field(Choice((model.OPEN, model.CLOSED), "load model"), doc="open: guests come at a rate; closed: users"),
    "users": Field(count(1, 1_000_000), hint="users: 20", doc="Closed: so many users at a time"),
    "rate": Field(RATE, doc="Open: so many guests come, e.g. 20/s"),
    "duration": Field(STRETCH, doc="How long"),
    "iterations": Field(count(1, 1_000_000_000), doc="Closed: so many journeys a user, then it ends"),
    "stages": Field(ListOf(StageShape(), "a list of stages"), doc="How the load changes over time"),
    "arrivals": Field(Choice(("constant", "poisson"), "spacing"), doc="Open: how arrivals are spaced"),
    "max_in_flight": Field(count(1, 1_000_000), doc="Open: most guests under way at once"),
}


FOR_ALL = "a load is for all journeys: 'weight' in a journey shares it out, and several loads are alternatives (--load)"
"""Said where a journey has a load, or a load a journey."""


@dataclass(frozen=True)
class LoadShape(Shape[Profiles]):
    """A profile, or a mapping of names to profiles."""

    wanted: str = "load"

    def read(self, node: Node, to: Findings) -> Profiles | Bad:
        """Pairs of name (empty where there is just one) and load."""
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, "it has keys, for example load: {users: 20, duration: 1m}")
        several = node.items and all(
            isinstance(value, MappingNode) and key.text not in LOAD_FIELDS for key, value in node.items
        )
        if not several:
            load = _profile(node, to, "load")
            return BAD if isinstance(load, Bad) else (("", load),)
        pairs = [(LABEL.read(key, to), _profile(value, to, f"load '{key.text[:40]}'")) for key, value in node.items]
        good = tuple((n, p) for n, p in pairs if not isinstance(n, Bad) and not isinstance(p, Bad))
        return good if len(good) == len(pairs) else BAD

    def schema(self) -> Schema:
        """Either form."""
        one = object_schema(LOAD_FIELDS)
        names = {**key_schema(LABEL), "not": {"enum": list(LOAD_FIELDS)}}
        named = {"propertyNames": names, "additionalProperties": one}
        return {"anyOf": [{**one, "minProperties": 1}, {"type": "object", "minProperties": 1, **named}]}


def _profile(node: Node, to: Findings, where: str) -> model.Load | Bad:
    assert isinstance(node, MappingNode)
    extra = dict.fromkeys(("journey", "journeys", "weight"), FOR_ALL)
    values, bad = read_fields(node.items, LOAD_FIELDS, to, where, node.span, extra=extra)
    if bad:
        return BAD
    return _Profile(node, values, to, where).load()


class _Profile:
    """The keys of one load, put together."""

    def __init__(self, node: MappingNode, values: dict[str, Any], to: Findings, where: str) -> None:
        self._node = node
        self._values = values
        self._to = to
        self._where = where

    def _wrong(self, code: str, key: str, message: str, label: str) -> Bad:
        span = self._node.span
        point = Span(span.source, span.line, span.column, span.line, span.column + 1)
        self._to.error(code, key_at(self._node, key) or point, message, label)
        return BAD

    def load(self) -> model.Load | Bad:
        ways = [name for name in ("users", "rate", "stages") if name in self._values]
        label = "write {users: 20, duration: 1m}, {rate: 20/s, duration: 1m} or {stages: …}"
        if not ways:
            return self._wrong("E228", "", f"{self._where} says neither users nor rate nor stages", label)
        if len(ways) > 1:
            return self._wrong("E228", ways[1], f"{' and '.join(ways)} in one load", label)
        return self._staged() if ways == ["stages"] else self._steady(ways[0])

    def _steady(self, way: str) -> model.Load | Bad:
        values = self._values
        kind = model.OPEN if way == "rate" else model.CLOSED
        if not self._fits(kind, way):
            return BAD
        level = float(values[way])
        if not level:
            return self._wrong("E228", way, "a load of nothing", f"write {way}: 20{'/s' if way == 'rate' else ''}")
        iterations = values.get("iterations")
        duration = values.get("duration") or (LONGEST_WITH_ITERATIONS_S if iterations else 60.0)
        return self._made(kind, (model.Stage("step", duration, level),))

    def _staged(self) -> model.Load | Bad:
        read = self._values["stages"]
        stages = tuple(stage for stage, _ in read)
        of_rates = {rates for _, rates in read} - {None}
        both = "guests per second such as 20/s, or users such as 20: not both"
        if len(of_rates) > 1:
            return self._wrong("E224", "stages", "stages of users and of rates in one load", both)
        if "duration" in self._values:
            return self._wrong(
                "E228", "duration", "stages and a duration in one load", "take it out: the stages say how long"
            )
        kind = self._values.get("model") or (model.OPEN if True in of_rates else model.CLOSED)
        if of_rates and (kind == model.OPEN) != (True in of_rates):
            what, need = ("users", "20/s") if kind == model.OPEN else ("rates", "20")
            label = f"write levels such as {need}, or mend 'model'"
            return self._wrong("E224", "stages", f"stages of {what} in a load of model {kind}", label)
        if not self._fits(kind, "stages"):
            return BAD
        if not any(stage.level for stage in stages):
            first = "20/s" if kind == model.OPEN else "20"
            label = f"begin with {{ramp: {first}, over: 30s}}"
            return self._wrong("E228", "stages", "the stages never rise above nothing", label)
        return self._made(kind, stages)

    def _fits(self, kind: str, way: str) -> bool:
        """Whether the other keys belong to the model."""
        said = self._values.get("model", kind)
        if said != kind:
            label = f"'{way}' belongs to model {kind}: write {'rate: 20/s' if said == model.OPEN else 'users: 20'}"
            self._wrong("E224", way, f"'{way}' in a load of model {said}", label)
            return False
        other = model.OPEN if kind == model.CLOSED else model.CLOSED
        for name in ("arrivals", "max_in_flight") if kind == model.CLOSED else ("iterations",):
            if name in self._values:
                self._wrong(
                    "E224", name, f"'{name}' in a load of model {kind}", f"it belongs to model {other}: take it out"
                )
                return False
        return True

    def _made(self, kind: str, stages: tuple[model.Stage, ...]) -> model.Load:
        rest = {
            name: self._values[name] for name in ("iterations", "arrivals", "max_in_flight") if name in self._values
        }
        return model.Load(kind, stages, span=self._node.span, **rest)
