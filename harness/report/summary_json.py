"""The document ``summary.json``: a summary without what was not measured, and without what lies in files of its own."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from harness.report.summary import Summary
from harness.report.words import rfc3339

FORMAT = 1
"""The version of summary.json."""

BESIDE = frozenset({"series", "samples", "source"})
"""Fields of a summary that lie in files of their own."""


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        named = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: _plain(v) for name, v in named if v is not None and name not in BESIDE}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        return float(f"{value:.12g}")  # fewer digits would round to something else than the value itself does
    return value


def to_json(summary: Summary) -> str:
    """The document summary.json."""
    return json.dumps({"format": FORMAT, **_plain(summary)}, indent=2, ensure_ascii=False) + "\n"
