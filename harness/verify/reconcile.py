"""Reconciliation of orders: expected against found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class Found(Protocol):
    """An order as the target holds it."""

    @property
    def price(self) -> Decimal:
        """Its value."""

    @property
    def currency(self) -> str:
        """ISO 4217."""


@dataclass(frozen=True, slots=True)
class ExpectedOrder:
    """An order that the target acknowledged."""

    number: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Orders acknowledged and found, the numbers of those missing, and both revenues in ``currency``.

    ``unknown`` orders got no reply: they may exist, and are neither expected nor missing. ``mispriced`` are
    numbers of orders that were found with another value or currency.
    """

    expected: int
    found: int
    missing: tuple[str, ...]
    mispriced: tuple[str, ...]
    revenue_expected: Decimal
    revenue_found: Decimal
    currency: str
    unknown: int

    @property
    def held(self) -> bool:
        """Whether everything is as it ought to be."""
        return not self.missing and not self.mispriced and self.revenue_expected == self.revenue_found


def reconcile(
    expected: Iterable[ExpectedOrder], found: Mapping[str, Found], currency: str, unknown: int = 0
) -> Reconciliation:
    """Compare. Only what was found in ``currency`` counts as revenue found."""
    count = 0
    missing: list[str] = []
    mispriced: list[str] = []
    revenue_expected = revenue_found = Decimal("0.00")
    for order in expected:
        count += 1
        revenue_expected += order.value
        there = found.get(order.number)
        if there is None:
            missing.append(order.number)
            continue
        if there.currency == currency:
            revenue_found += there.price
        if there.currency != currency or there.price != order.value:
            mispriced.append(order.number)
    return Reconciliation(
        expected=count,
        found=count - len(missing),
        missing=tuple(missing),
        mispriced=tuple(mispriced),
        revenue_expected=revenue_expected,
        revenue_found=revenue_found,
        currency=currency,
        unknown=unknown,
    )
