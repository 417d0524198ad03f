"""Durations, shares and rates as people write them: "200ms", "0.1%", "100/s"; a bare number is seconds, a share
from 0 to 1, or so many a second."""

import math
import re
from typing import Any

LONGEST_S = 86_400.0
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|m|h)")
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%")
_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*/\s*s")


def duration_s(value: Any) -> float:
    """A duration in seconds, a day at most. Raises ValueError."""
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        seconds = float(match[1]) * _UNITS_S[match[2]]
    else:
        seconds = _number(value)
    if not 0 <= seconds <= LONGEST_S:
        raise ValueError(value)
    return seconds


def share(value: Any) -> float:
    """A share from 0 to 1. Raises ValueError."""
    match = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    part = float(match[1]) / 100 if match else _number(value)
    if not 0 <= part <= 1:
        raise ValueError(value)
    return part


def per_second(value: Any) -> float:
    """A rate in 1/s, more than none. Raises ValueError."""
    match = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    rate = float(match[1]) if match else _number(value)
    if not 0 < rate <= 1e9:
        raise ValueError(value)
    return rate


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)
