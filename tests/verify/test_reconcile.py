"""Reconciliation: what is missing is named, what is unknown is not accused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from harness.verify.reconcile import ExpectedOrder, reconcile


@dataclass(frozen=True)
class Order:
    price: Decimal
    currency: str = "GBP"


def test_all_there():
    expected = [ExpectedOrder("A", Decimal("49.90")), ExpectedOrder("B", Decimal("0.10"))]
    outcome = reconcile(expected, {"A": Order(Decimal("49.90")), "B": Order(Decimal("0.10"))}, "GBP", 3)
    assert outcome.held
    assert (outcome.expected, outcome.found, outcome.missing, outcome.unknown) == (2, 2, (), 3)
    assert outcome.revenue_expected == outcome.revenue_found == Decimal("50.00")


def test_missing_mispriced_and_in_another_currency():
    expected = [ExpectedOrder(name, Decimal(10)) for name in "ABCD"]
    found = {"A": Order(Decimal(10)), "B": Order(Decimal(9)), "C": Order(Decimal(10), "EUR")}
    outcome = reconcile(expected, found, "GBP")
    assert not outcome.held
    assert outcome.missing == ("D",)
    assert outcome.mispriced == ("B", "C")
    assert outcome.revenue_found == 19


@given(st.dictionaries(st.text(max_size=5), st.tuples(st.decimals(0, 10**6, places=2), st.booleans())))
def test_expected_is_found_plus_missing(orders):
    expected = [ExpectedOrder(name, price) for name, (price, _) in orders.items()]
    found = {name: Order(price) for name, (price, there) in orders.items() if there}
    outcome = reconcile(expected, found, "GBP")
    assert outcome.expected == outcome.found + len(outcome.missing)
    assert outcome.held == (len(found) == len(orders))
    assert outcome.revenue_found == sum((o.price for o in found.values()), Decimal(0))
