"""A plan as bytes, to travel to another process: msgpack of lists, nothing in it can run.

Every frozen value becomes a list with its class's name in front. What is not known here cannot be packed: a secret that
found its way into a plan as such would be refused, not sent.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from typing import Any

import msgpack

from harness.compiler import plan as plans
from harness.compiler.plan import Plan
from harness.scenario import expressions, model
from harness.scenario.values import Path, Range

LARGEST = 256 << 20
"""Bytes of a plan, opened."""

_CLASSES: dict[str, Any] = {
    each.__name__: each
    for each in (
        plans.Template, plans.Computed, plans.Request, plans.Checks, plans.Line, plans.Pick, plans.Send, plans.Pause,
        plans.Repeat, plans.Choose, plans.When, plans.Leave, plans.JourneyPlan, plans.Plan,
        expressions.Literal, expressions.Name, expressions.Compare, expressions.Logic, expressions.Not,
        model.Feed, model.Guests, model.Load, Path, Range, model.Stage, model.Tls,
    )
}  # fmt: skip
_CLASSES["Taken"] = plans.Capture
_NAMES = {each: name for name, each in _CLASSES.items()}
_PLACES = ("span", "node")
"""Fields that say where something stands in a file."""

Change = Callable[[bytes], bytes]


class PlanPackError(ValueError):
    """The bytes are no plan; the text says why."""


def pack_plan(plan: Plan, change: Change = bytes) -> bytes:
    """The plan; ``change`` is applied to every piece of text in it, as UTF-8."""
    packed: bytes = msgpack.packb(_packed(plan, change))
    return zlib.compress(packed, 1)


def unpack_plan(packed: bytes, change: Change = bytes) -> Plan:
    """The plan that ``pack_plan`` made. Raises PlanPackError."""
    try:
        opener = zlib.decompressobj()
        raw = opener.decompress(packed, LARGEST)
        found = _unpacked(msgpack.unpackb(raw, strict_map_key=False), change)
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error) as error:
        raise PlanPackError(f"this is no plan of this version ({type(error).__name__})") from None
    if not isinstance(found, Plan):
        raise PlanPackError("this is no plan of this version")
    return found


def _packed(value: Any, change: Change) -> Any:
    match value:
        case None | bool() | int() | float():
            return value if not isinstance(value, int) or -(2**63) <= value < 2**63 else ["int", str(value)]
        case str():
            return change(value.encode()).decode()
        case bytes():
            return change(value)
        case Decimal():
            return ["decimal", str(value)]
        case tuple():
            return ["tuple", *(_packed(each, change) for each in value)]
        case frozenset():
            return ["set", *(_packed(each, change) for each in sorted(value))]
    name = _NAMES.get(type(value))
    if name is None:
        raise TypeError(f"{type(value).__name__} is no part of a plan")
    return [name, *(_packed(getattr(value, field), change) for field in _fields(type(value)))]


def _unpacked(value: Any, change: Change) -> Any:
    if isinstance(value, bytes):
        return change(value)
    if isinstance(value, str):
        return change(value.encode()).decode()
    if not isinstance(value, list):
        return value
    name, *rest = value
    if name == "int":
        return int(rest[0])
    if name == "decimal":
        return Decimal(rest[0])
    parts = [_unpacked(each, change) for each in rest]
    if name == "tuple":
        return tuple(parts)
    if name == "set":
        return frozenset(parts)
    made = _CLASSES[name]
    return made(**dict(zip(_fields(made), parts, strict=True)))


def _fields(kind: Any) -> list[str]:
    return [each.name for each in fields(kind) if each.name not in _PLACES]
