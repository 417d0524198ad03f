"""``from_json``: the document summary.json as the value that it was made of. What a version before had not is left out."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from harness.report.summary import Summary
from harness.report.summary_json import FORMAT

LARGEST, MOST_DIGITS = 1e18, 30
"""No figure of a run is larger, and no amount has more digits before or behind the point."""
_WITHOUT = {"funnel": (), "level": 0.0}
"""What summaries of the first versions did not have."""


class SummaryError(ValueError):
    """The text is no summary; the message says why."""


def from_json(text: str) -> Summary:
    """The summary, without its series. Raises SummaryError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SummaryError(f"not JSON ({error})") from None
    if not isinstance(document, dict) or "format" not in document:
        raise SummaryError("no summary of a run")
    if document["format"] != FORMAT:
        raise SummaryError(f"its format is {document['format']!r}, this version reads {FORMAT}")
    made = _value({**_WITHOUT, **document}, Summary, "")
    assert isinstance(made, Summary)
    return made


@cache
def _types(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _value(told: Any, kind: Any, place: str) -> Any:
    """What is told, as a value of a type."""
    if is_dataclass(kind):
        return _record(told, kind, place)
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        inner = [each for each in typing.get_args(kind) if each is not type(None)]
        return None if told is None else _value(told, inner[0], place)
    if origin is tuple:
        return _tuple(told, typing.get_args(kind), place)
    if origin is typing.Literal:
        if told not in typing.get_args(kind):
            raise SummaryError(f"{place} is {told!r:.60}")
        return told
    try:
        if kind is datetime:
            return datetime.fromisoformat(told)
        if kind is Decimal and isinstance(told, str) and abs((number := Decimal(told)).adjusted()) <= MOST_DIGITS:
            return number
        if kind is float and isinstance(told, int | float) and not isinstance(told, bool) and abs(told) <= LARGEST:
            return float(told)
    except (ValueError, TypeError, InvalidOperation):
        pass
    if kind not in (str, int, bool) or type(told) is not kind or (kind is int and abs(told) > LARGEST):
        raise SummaryError(f"{place} is {told!r:.60}")
    return told


def _record(told: Any, kind: Any, place: str) -> Any:
    if not isinstance(told, Mapping):
        raise SummaryError(f"{place or 'it'} is {told!r:.60}, and ought to have keys")
    values = {}
    for each in fields(kind):
        if each.name in told:
            values[each.name] = _value(told[each.name], _types(kind)[each.name], f"{place}.{each.name}".lstrip("."))
        elif each.default is MISSING and each.default_factory is MISSING:
            # None is left out when a summary is written.
            if type(None) not in typing.get_args(_types(kind)[each.name]):
                raise SummaryError(f"{place}.{each.name} is missing".lstrip("."))
            values[each.name] = None
    return kind(**values)


def _tuple(told: Any, kinds: tuple[Any, ...], place: str) -> tuple[Any, ...]:
    if not isinstance(told, list | tuple):
        raise SummaryError(f"{place} is {told!r:.60}, and ought to be a list")
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(told)
    if len(kinds) != len(told):
        raise SummaryError(f"{place} has {len(told)} entries")
    return tuple(
        _value(each, kind, f"{place}[{number}]") for number, (each, kind) in enumerate(zip(told, kinds, strict=True))
    )
