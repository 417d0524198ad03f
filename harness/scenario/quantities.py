"""Quantities as the language writes them, read: durations, shares, rates, whole numbers, amounts. None: it is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

NUMBER = r"[0-9]+(?:\.[0-9]+)?"
SECONDS: Mapping[str, Decimal] = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}
"""Units of durations."""
PER: Mapping[str, int] = {"s": 1, "min": 60, "h": 3600}
"""Units of rates, in seconds."""
LONGEST_S = 7 * 24 * 3600
FASTEST_PER_S = 10_000_000


def seconds(text: str) -> float | None:
    """``200ms``, ``5s``, ``2m``, ``1h`` as seconds."""
    match = re.fullmatch(rf"({NUMBER})(ms|s|m|h)", text)
    if not match:
        return None
    value = float(Decimal(match[1]) * SECONDS[match[2]])
    return value if value <= LONGEST_S else None


def share(text: str) -> float | None:
    """``25%`` as 0.25."""
    match = re.fullmatch(rf"({NUMBER})%", text)
    value = Decimal(match[1]) / 100 if match else None
    return float(value) if value is not None and value <= 1 else None


def rate(text: str) -> float | None:
    """``20/s``, ``300/min``, ``1000/h`` as so many per second."""
    match = re.fullmatch(rf"({NUMBER})/(s|min|h)", text)
    value = float(Decimal(match[1]) / PER[match[2]]) if match else None
    return value if value is not None and value <= FASTEST_PER_S else None


def whole(low: int, high: int) -> Callable[[str], int | None]:
    """A parser of whole numbers from ``low`` to ``high``."""

    def parse(text: str) -> int | None:
        if not re.fullmatch(r"[0-9]{1,12}", text) or (len(text) > 1 and text[0] == "0"):
            return None
        return int(text) if low <= int(text) <= high else None

    return parse


def money(text: str) -> Decimal | None:
    """``49.90``: four decimals at most."""
    return Decimal(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", text) else None


def weight(text: str) -> float | None:
    """``2.5``: from 0 to a million."""
    value = float(text) if re.fullmatch(NUMBER, text) else -1.0
    return value if 0 <= value <= 1_000_000 else None
