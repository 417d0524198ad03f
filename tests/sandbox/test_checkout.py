"""Orders by their status, and whole orders in one event."""

from decimal import Decimal
from typing import Any

import pytest

from harness.cdp.events import ORDER_CHECKOUT
from harness.sandbox.config import Limits, SandboxConfig
from harness.sandbox.store import Outcome, Store

from .client import ADD, CHECKOUT, CONFIRM, FORCE_CLOSE, IDENTITY, ORDER, PAYMENT, PURCHASE, VIEW
from .rules import Clock, entries, notes, send, titles


def whole(**order: Any) -> dict[str, Any]:
    return {"type": "ORDER_CHECKOUT", "order": {**ORDER, **order}}


def status(name: str, number: str = "order_1") -> dict[str, Any]:
    return {**CHECKOUT, "status": name, "reference_id": number}


@pytest.mark.parametrize(
    ("statuses", "last", "revenue"),
    [
        (("REFUNDED",), "REFUNDED", "0.00"),
        (("CANCELLED",), "CANCELLED", "0.00"),
        (("REFUNDED", "REFUNDED"), "REFUNDED", "0.00"),
        (("REFUNDED", "CANCELLED"), "CANCELLED", "0.00"),
        (("REFUNDED", "PURCHASED"), "REFUNDED", "0.00"),
        (("PAYMENT_PENDING",), "PURCHASED", "149.70"),
        (("CONFIRMED",), "PURCHASED", "149.70"),
        (("bought",), "PURCHASED", "149.70"),
        ((None,), "PURCHASED", "149.70"),
    ],
)
@pytest.mark.parametrize("in_one", [False, True])
def test_statuses_after_the_purchase(
    store: Store, statuses: tuple[Any, ...], last: str, revenue: str, in_one: bool
) -> None:
    later = [whole(referenceId="Order_1", status=s) if in_one else status(s) for s in statuses]
    send(store, store.create_browser(), *PURCHASE, *later)
    (order,) = store.orders.values()
    assert (order.status, store.stats()["revenue"]) == (last, {"GBP": revenue})
    assert (store.stats()["orders"], len(entries(store))) == (1, len(PURCHASE) + len(later))


def test_a_refund_comes_from_any_browser_and_shows(store: Store) -> None:
    send(store, store.create_browser(), *PURCHASE)
    send(store, store.create_browser(), VIEW, status("REFUNDED"), status("REFUNDED"), status("CANCELLED", "other"))
    assert titles(store)[-1] == "Order Refunded"
    assert notes(store) == [
        "Nothing changed: ORDER_1 is REFUNDED already.",
        "Nothing cancelled: OTHER is the number of no order.",
    ]


@pytest.mark.parametrize("name", ["PAYMENT_PENDING", "CONFIRMED", "REFUNDED", "CANCELLED", "bought", "", None, 7])
def test_only_purchased_makes_an_order(store: Store, name: Any) -> None:
    browser = store.create_browser()
    send(store, browser, *PURCHASE[:-1], status(name), whole(status=name))
    assert not store.orders
    assert store.stats()["revenue"] == {}
    assert len(notes(store)) == 2
    send(store, browser, status("PURCHASED"))
    assert [order.number for order in store.orders.values()] == ["ORDER_1"]


def test_a_whole_order(store: Store) -> None:
    send(store, store.create_browser(), IDENTITY, whole())
    (order,) = store.orders.values()
    assert (order.number, order.status, order.price, order.currency) == (
        "WHOLE_1",
        "PURCHASED",
        Decimal("120.5"),
        "GBP",
    )
    assert (order.payment_type, order.card_type, order.ordered_at) == ("Card", "Amex", 1714557600.0)
    assert [(line.item_id, line.quantity, line.price) for line in order.lines] == [
        ("EXACT_90", Decimal(2), Decimal("49.9")),
        ("MUG", Decimal(1), Decimal("20.7")),
    ]
    last = entries(store)[-1]
    assert (last.title, last.order_number, last.note) == (ORDER_CHECKOUT.title, "WHOLE_1", "")
    assert store.stats()["revenue"] == {"GBP": "120.50"}


@pytest.mark.parametrize(
    ("order", "price", "note"),
    [
        ({"price": "99.90"}, "99.90", ""),
        ({"price": 0}, "0", ""),
        ({"price": None}, "120.5", ""),
        ({"price": "?"}, "120.5", "taken as the sum"),
        ({"price": None, "orderItems": None}, "0", "taken as 0"),
        ({"price": None, "orderItems": [7, {"price": "5"}]}, "5", "left out"),
        ({"orderedAt": "yesterday"}, "120.5", "taken as now"),
        ({"orderedAt": "9999-12-31T23:59:59-14:00"}, "120.5", "taken as now"),
    ],
)
def test_the_price_of_a_whole_order(store: Store, order: dict[str, Any], price: str, note: str) -> None:
    send(store, store.create_browser(), VIEW, IDENTITY, whole(**order))
    (made,) = store.orders.values()
    assert made.price == Decimal(price)
    assert note in entries(store)[-1].note
    assert bool(note) == bool(entries(store)[-1].note)


@pytest.mark.parametrize(
    ("events", "note"),
    [
        ((VIEW, whole()), "the guest is a visitor"),
        ((VIEW, {"type": "IDENTITY", "firstname": "Ada"}, whole()), "the guest is a visitor"),
        ((VIEW, IDENTITY, whole(referenceId=" ")), "order.referenceId is missing"),
        ((VIEW, IDENTITY, {"type": "ORDER_CHECKOUT"}), "order is missing"),
        ((VIEW, IDENTITY, {"type": "ORDER_CHECKOUT", "order": [ORDER]}), "order is missing"),
        ((VIEW, IDENTITY, whole(status="REFUNDED")), "WHOLE_1 is the number of no order"),
    ],
)
def test_no_whole_order(store: Store, events: tuple[dict[str, Any], ...], note: str) -> None:
    assert send(store, store.create_browser(), *events) is Outcome.ACCEPTED
    assert not store.orders
    assert note in notes(store)[-1]


def test_order_numbers_are_shared_by_both_events(store: Store) -> None:
    send(store, store.create_browser(), *PURCHASE, whole(referenceId="ORDER_1"), whole(), whole())
    assert [order.number for order in store.orders.values()] == ["ORDER_1", "WHOLE_1"]
    assert ["is the number of an order already" in note for note in notes(store)] == [True, True]


def test_a_whole_order_empties_the_cart(store: Store) -> None:
    send(store, store.create_browser(), VIEW, IDENTITY, ADD, CONFIRM, whole(), CHECKOUT, FORCE_CLOSE)
    assert [order.number for order in store.orders.values()] == ["WHOLE_1"]
    assert store.stats()["abandoned"]["sessions"] == 0


@pytest.mark.parametrize(
    ("order", "paid"),
    [({}, ("Card", "Amex")), ({"paymentType": None, "cardType": None}, ("Card", "Visa"))],
)
def test_how_a_whole_order_is_paid(store: Store, order: dict[str, Any], paid: tuple[str, str]) -> None:
    send(store, store.create_browser(), VIEW, IDENTITY, PAYMENT, whole(**order))
    (made,) = store.orders.values()
    assert (made.payment_type, made.card_type) == paid


def test_the_lines_of_a_whole_order_are_bounded(clock: Clock) -> None:
    store = Store(SandboxConfig(limits=Limits(cart_lines=2)), clock)
    items = [{"productId": f"p{n}", "price": 1} for n in range(5)]
    send(store, store.create_browser(), IDENTITY, whole(price=None, orderItems=items))
    (order,) = store.orders.values()
    assert (len(order.lines), order.price) == (2, Decimal(5))
    assert "5 items" in notes(store)[-1]


def test_refunds_are_exact(store: Store) -> None:
    for n, price in enumerate((0.1, 0.2, "0.30")):
        send(store, store.create_browser(), IDENTITY, whole(referenceId=f"o{n}", price=price))
    send(store, store.create_browser(), status("REFUNDED", "o2"))
    assert store.stats()["revenue"] == {"GBP": "0.30"}
