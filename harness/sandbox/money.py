"""Amounts of money, exact: from JSON to Decimal and back, and their sums by currency."""

from collections.abc import Mapping
from decimal import Context, Decimal, DecimalException

_CONTEXT = Context(prec=60)
"""Wide enough that no sum of a run is ever rounded."""

ZERO = Decimal(0)

NO_CURRENCY = "XXX"
"""ISO 4217's code for an amount whose currency nobody named."""

OTHER_CURRENCIES = "(other)"
"""Under this name is summed what comes in currencies beyond the ceiling."""


class Sums:
    """Amounts added up by currency, of which it keeps so many apart."""

    def __init__(self, most_currencies: int) -> None:
        self.totals: dict[str, Decimal] = {}
        self._most = most_currencies

    def add(self, currency: str, value: Decimal) -> None:
        """Adds ``value``, which may be negative."""
        is_room = currency in self.totals or len(self.totals) < self._most
        name = currency if is_room else OTHER_CURRENCIES
        self.totals[name] = add(self.totals.get(name, ZERO), value)


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


def texts(totals: Mapping[str, Decimal]) -> dict[str, str]:
    """Every amount as ``text``, by currency."""
    return {currency: text(total) for currency, total in totals.items()}
