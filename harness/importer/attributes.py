"""Attributes of events as the language takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from harness.cdp import events
from harness.importer.calls import Notes
from harness.importer.usual import Usual
from harness.scenario import iso

_CODES = {
    "language": iso.is_language,
    "currency": iso.is_currency,
    "country": iso.is_country,
    "nationality": iso.is_country,
}


def changed(event: Mapping[str, Any], usual: Usual) -> dict[str, Any]:
    """Common attributes that are not as usual."""
    made: dict[str, Any] = {}
    for name in ("channel", "language", "currency", "page", "pos"):
        value = event.get(name)
        if value is None or not isinstance(value, str):
            continue
        same = value.upper() if name in ("channel", "language", "currency") else value
        wanted = usual[name]
        if same != wanted and not (name == "pos" and not wanted):
            made[name] = value
    return made


def settable(attributes: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """Attributes as ``set`` takes them."""
    made = {}
    for name, value in attributes.items():
        if name in _CODES and isinstance(value, str) and not _CODES[name](value):
            notes.add("codes that do not exist", f"{name} {value[:20]}")
            continue
        made[name] = flat(value, notes) if name == "ext" and isinstance(value, dict) else value
    return made


def flat(ext: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """``ext`` as the CDP takes it: flat, and not too large."""
    made: dict[str, Any] = {}
    waiting = [(str(name), value) for name, value in reversed(list(ext.items()))]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            notes.add("nested ext, made flat as the CDP's library does", name[:40])
            waiting.extend((f"{name}_{inner}", each) for inner, each in reversed(list(value.items())))
        elif isinstance(value, list):
            made[name] = json.dumps(value, ensure_ascii=False, default=str)
        else:
            made[name] = value
    if len(made) > events.LARGEST_EXT:
        notes.add(f"attributes of ext beyond {events.LARGEST_EXT}", str(len(made)))
    return dict(list(made.items())[: events.LARGEST_EXT])


def amount(value: Any) -> Decimal | None:
    """A price that a catalog takes: four decimals at most."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    made = Decimal(value)
    exponent = made.as_tuple().exponent
    fits = made.is_finite() and 0 <= made < 10**9 and isinstance(exponent, int) and -4 <= exponent <= 0
    return made if fits else None
