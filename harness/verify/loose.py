"""Values of JSON that came from outside, taken as far as they are what they ought to be. Numbers stay exact."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

MOST_DIGITS, LONGEST = 12, 30
"""Digits before the point, and characters of a number: products and sums of such stay exact."""


def text(value: object) -> str:
    """A text; empty for anything else."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list, or the one text; empty ones left out."""
    many = value if isinstance(value, list) else [value]
    return tuple(each for each in many if isinstance(each, str) and each)


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list, or the one object."""
    many = value if isinstance(value, list) else [value]
    return [each for each in many if isinstance(each, Mapping)]


def decimal(value: object) -> Decimal | None:
    """A number, also one that is written as a text, of a size that amounts and quantities have."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() <= MOST_DIGITS and len(str(number)) <= LONGEST else None
