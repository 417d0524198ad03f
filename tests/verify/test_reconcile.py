"""Reconciliation: what is missing is named, what is unknown is not accused, and sums conserve."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.verify.reconcile import (
    ACKNOWLEDGED,
    MOST_EXAMPLES,
    MOST_NAMED,
    REFUSED,
    UNKNOWN,
    ExpectedOrder,
    OrderFound,
    Reconciliation,
    Tally,
    wilson,
)


@dataclass(frozen=True)
class Order:
    price: Decimal
    currency: str = "GBP"


TEN = Decimal("10.00")
SENT = ExpectedOrder("A", TEN, "GBP", ACKNOWLEDGED, "ada@example.com", "buy/checkout")


def reconciled(*orders: tuple[ExpectedOrder, list[Order]]) -> Reconciliation:
    tally = Tally()
    for order, found in orders:
        if found:
            tally.found(order, found)
        else:
            tally.not_found(order)
    return tally.result(sum(order.outcome == ACKNOWLEDGED for order, _ in orders))


def test_all_there():
    outcome = reconciled((SENT, [Order(TEN)]), (replace(SENT, value=Decimal("0.10")), [Order(Decimal("0.10"))]))
    assert outcome.held and outcome.interval is None
    assert (outcome.expected, outcome.found, outcome.missing) == (2, 2, 0)
    assert outcome.revenue_expected == outcome.revenue_found == {"GBP": Decimal("10.10")}


@pytest.mark.parametrize(
    ("kind", "outcome", "found"),
    [
        ("missing", ACKNOWLEDGED, []),
        ("duplicated", ACKNOWLEDGED, [Order(TEN), Order(TEN)]),
        ("mispriced", ACKNOWLEDGED, [Order(Decimal("9.99"))]),
        ("mispriced", ACKNOWLEDGED, [Order(TEN, "EUR")]),
        ("unexpected", REFUSED, [Order(TEN)]),
    ],
)
def test_each_problem_is_named_with_guest_and_step(kind: str, outcome: str, found: list[Order]):
    result = reconciled((replace(SENT, outcome=outcome), found))
    assert not result.held
    assert {name for name, count in result.counts.items() if count} == {kind}
    (problem,) = result.problems
    assert (problem.kind, problem.order, problem.guest, problem.step) == (kind, "A", "ada@example.com", "buy/checkout")


def test_an_order_of_which_nobody_says_what_it_comes_to_is_in_no_revenue():
    open_price = replace(SENT, value=None)
    result = reconciled((open_price, [Order(Decimal(7))]), (SENT, [Order(TEN)]))
    assert result.held and (result.expected, result.found, result.unpriced) == (2, 2, 1)
    assert result.revenue_expected == result.revenue_found == {"GBP": TEN}
    other = reconciled((open_price, [Order(TEN, "EUR")]), (open_price, []), (open_price, [Order(TEN), Order(TEN)]))
    assert [(problem.kind, problem.expected) for problem in other.problems] == [
        ("missing", "an order in GBP"),
        ("duplicated", "one order"),
        ("mispriced", "an order in GBP"),
    ]


def test_a_few_orders_that_exist_are_named_with_what_the_target_says_of_them():
    orders = [(replace(SENT, number=str(n)), [Order(Decimal(n), "EUR")] if n else []) for n in range(MOST_EXAMPLES + 3)]
    examples = reconciled((replace(SENT, outcome=UNKNOWN), [Order(TEN)]), *orders).examples
    assert [each.order for each in examples] == [str(n) for n in range(1, MOST_EXAMPLES + 1)]
    assert examples[0] == OrderFound("1", "ada@example.com", Decimal(1), "EUR")


def test_what_got_no_reply_is_never_missing():
    there, gone = replace(SENT, outcome=UNKNOWN), replace(SENT, outcome=UNKNOWN)
    result = reconciled((there, [Order(TEN)]), (gone, []))
    assert result.held and result.expected == 0
    assert (result.unknown, result.unknown_found) == (2, 1)
    assert result.revenue_expected == result.revenue_found == {}


def test_a_refused_order_that_is_not_there_is_as_it_ought_to_be():
    result = reconciled((replace(SENT, outcome=REFUSED), []))
    assert result.held and (result.expected, result.unknown) == (0, 0)


def test_only_the_first_of_many_are_named_and_all_are_counted():
    result = reconciled(*((replace(SENT, number=str(n)), []) for n in range(MOST_NAMED + 50)))
    assert (result.missing, len(result.problems)) == (MOST_NAMED + 50, MOST_NAMED)


def test_a_sample_comes_with_an_interval():
    tally = Tally()
    tally.found(SENT, [Order(TEN)])
    tally.not_found(replace(SENT, number="B"))
    result = tally.result(of=100)
    assert result.interval == wilson(1, 2)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 100, 0.0, 0.03699), (1, 10, 0.01788, 0.40415), (50, 100, 0.40383, 0.59617), (10, 10, 0.72247, 1.0)],
)
def test_wilson_agrees_with_published_values(part: int, whole: int, low: float, high: float):
    assert wilson(part, whole) == pytest.approx((low, high), abs=1e-4)


outcomes = st.sampled_from((ACKNOWLEDGED, REFUSED, UNKNOWN))
prices = st.decimals(0, 10**6, places=2)


@given(st.lists(st.tuples(prices, outcomes, st.integers(0, 2))))
def test_sums_conserve_and_a_tally_goes_on_where_it_stopped(sent: list[tuple[Decimal, str, int]]):
    tally = Tally()
    for number, (price, outcome, times) in enumerate(sent):
        order = ExpectedOrder(str(number), price, "GBP", outcome)
        if times:
            tally.found(order, [Order(price)] * times)
        else:
            tally.not_found(order)
        tally = Tally.from_json(json.loads(json.dumps(tally.to_json())))
    result = tally.result(sum(outcome == ACKNOWLEDGED for _, outcome, _ in sent))
    assert result.expected == result.found + result.missing == result.of
    assert result.unknown == sum(outcome == UNKNOWN for _, outcome, _ in sent)
    acknowledged = [(price, times) for price, outcome, times in sent if outcome == ACKNOWLEDGED]
    assert sum(result.revenue_expected.values()) == sum(price for price, _ in acknowledged)
    assert sum(result.revenue_found.values()) == sum(price * times for price, times in acknowledged)
    assert result.held == (not any(result.counts.values()))
