"""Amounts of money, exact: from JSON to Decimal and back."""

from decimal import Context, Decimal, DecimalException

_CONTEXT = Context(prec=60)
"""Wide enough that no sum of a run is ever rounded."""

ZERO = Decimal(0)


def amount(value: object) -> Decimal | None:
    """The exact decimal that ``value`` was written as, None if it is no finite number.

    The shortest text that reads back as the same float is what the client sent, so 49.9 stays 49.9.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except DecimalException:
        return None
    # A price of 1E+999999 would be a megabyte of digits when shown.
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None


def add(a: Decimal, b: Decimal) -> Decimal:
    """a + b."""
    return _CONTEXT.add(a, b)


def multiply(a: Decimal, b: Decimal) -> Decimal:
    """a × b."""
    return _CONTEXT.multiply(a, b)


def text(value: Decimal) -> str:
    """Plain decimal notation with at least two places: "49.90", "0.005"."""
    whole, _, places = format(value, "f").partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"
