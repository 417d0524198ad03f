"""JSON Schema of summary.json, made of the very types that are written: what they have, it has."""

from __future__ import annotations

import inspect
import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from harness.report.summary import Summary
from harness.report.summary_json import BESIDE, FORMAT

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
}


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of the document that ``summary_json.to_json`` gives."""
    kinds: dict[str, Any] = {}
    whole = _record(Summary, kinds)
    whole["properties"] = {"format": {"const": FORMAT}, **whole["properties"]}
    whole["required"] = ["format", *whole["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"summary.json, format {FORMAT}",
        "$comment": "Times are in ms unless a name ends in _s, rates per second, shares between 0 and 1.",
        **whole,
        "$defs": dict(sorted(kinds.items())),
    }


def as_text() -> str:
    """The schema as it lies in docs/summary.schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _record(kind: Any, kinds: dict[str, Any]) -> dict[str, Any]:
    """An object. What is None is left out when it is written, so only what never is None must be there."""
    hints = typing.get_type_hints(kind)
    shown = [field for field in fields(kind) if field.name not in BESIDE]
    return {
        "description": " ".join(inspect.cleandoc(kind.__doc__ or "").split()),
        "type": "object",
        "properties": {field.name: _of(hints[field.name], kinds) for field in shown},
        "required": [
            f.name for f in shown if f.default is MISSING and type(None) not in typing.get_args(hints[f.name])
        ],
    }


def _of(kind: Any, kinds: dict[str, Any]) -> dict[str, Any]:
    if is_dataclass(kind):
        name = typing.cast(type, kind).__name__
        if name not in kinds:
            kinds[name] = {}  # should it hold itself
            kinds[name] = _record(kind, kinds)
        return {"$ref": f"#/$defs/{name}"}
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _of(next(each for each in inner if each is not type(None)), kinds)
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if origin is tuple and inner[-1] is Ellipsis:
        return {"type": "array", "items": _of(inner[0], kinds)}
    if origin is tuple:
        each = [_of(one, kinds) for one in inner]
        return {"type": "array", "prefixItems": each, "items": False, "minItems": len(each)}
    return dict(_PLAIN[kind])
