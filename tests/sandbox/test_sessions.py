"""How sessions end and what is abandoned in them, how guests pay, and events without an effect."""

from typing import Any

import pytest

from harness.cdp.events import ABANDONED_REVENUE, LARGEST_EXT
from harness.cdp.events import CLEAR_CART as CLEAR_CART_TYPE
from harness.cdp.events import FORCE_CLOSE as FORCE_CLOSE_TYPE
from harness.sandbox.config import Limits, SandboxConfig
from harness.sandbox.money import OTHER_CURRENCIES
from harness.sandbox.store import Outcome, Store

from .client import ADD, CHECKOUT, CLEAR_CART, CONFIRM, FORCE_CLOSE, IDENTITY, PAYMENT, PRODUCT, PURCHASE, VIEW
from .rules import Clock, entries, notes, send, titles

MUG = {"type": "ADD", "product": {"item_id": "MUG", "price": "7.50", "currency": "EUR"}}
NOTHING: dict[str, Any] = {"sessions": 0, "revenue": {}}
ONE = {"sessions": 1, "revenue": {"GBP": "149.70"}}


def test_force_close_abandons_the_cart(store: Store) -> None:
    browser = store.create_browser()
    send(store, browser, VIEW, IDENTITY, ADD, MUG, FORCE_CLOSE)
    stats = store.stats()
    assert stats["abandoned"] == {"sessions": 1, "revenue": {"GBP": "149.70", "EUR": "7.50"}}
    assert stats["sessions"] == {"open": 0, "closed": 1}
    last = entries(store)[-1]
    assert (last.title, last.effect.value) == (ABANDONED_REVENUE, "GBP 149.70 · EUR 7.50")

    send(store, browser, VIEW, CONFIRM)
    assert store.stats()["sessions"] == {"open": 1, "closed": 1}
    (guest,) = store.guests.values()
    assert [len(session.timeline) for session in guest.sessions] == [5, 2]
    assert "no ADD before" in notes(store)[-1]


@pytest.mark.parametrize(
    ("events", "note"),
    [
        ((VIEW, IDENTITY), "the cart is empty"),
        ((), "the cart is empty"),
        ((VIEW, ADD), "not identified"),
        ((VIEW, IDENTITY, ADD, CLEAR_CART), "the cart is empty"),
        (PURCHASE, "the cart is empty"),
        ((*PURCHASE, ADD), "a purchase in this session"),
    ],
)
def test_force_close_that_abandons_nothing(store: Store, events: tuple[dict[str, Any], ...], note: str) -> None:
    send(store, store.create_browser(), *events, FORCE_CLOSE)
    assert store.stats()["abandoned"] == NOTHING
    assert store.stats()["sessions"] == {"open": 0, "closed": 1}
    assert (titles(store)[-1], note in notes(store)[-1]) == (FORCE_CLOSE_TYPE.title, True)


@pytest.mark.parametrize(
    ("events", "abandoned"),
    [
        ((VIEW, IDENTITY, ADD), ONE),
        ((VIEW, ADD), ONE),
        ((VIEW, IDENTITY, ADD, CONFIRM, {**CHECKOUT, "status": "PAYMENT_PENDING"}), ONE),
        ((VIEW, IDENTITY), NOTHING),
        ((VIEW, IDENTITY, ADD, CLEAR_CART), NOTHING),
        ((VIEW, IDENTITY, ADD, CLEAR_CART, ADD), ONE),
        (PURCHASE, NOTHING),
        ((*PURCHASE, ADD), NOTHING),
    ],
)
def test_a_session_that_runs_out(
    store: Store, clock: Clock, events: tuple[dict[str, Any], ...], abandoned: object
) -> None:
    send(store, store.create_browser(), *events)
    clock.now += 1199
    assert store.stats()["abandoned"] == NOTHING
    clock.now += 1
    assert store.stats()["abandoned"] == abandoned


def test_a_forced_end_leaves_other_sessions_alone(store: Store) -> None:
    one, other = store.create_browser(), store.create_browser()
    for browser in (one, other):
        send(store, browser, VIEW, IDENTITY, ADD)
    send(store, one, {**VIEW, "channel": "KIOSK"}, FORCE_CLOSE)
    assert store.stats()["sessions"] == {"open": 2, "closed": 1}
    assert store.stats()["abandoned"] == ONE


def test_clearing_the_cart(store: Store) -> None:
    send(store, store.create_browser(), VIEW, IDENTITY, ADD, CONFIRM, CLEAR_CART, CHECKOUT, CLEAR_CART)
    assert not store.orders
    assert titles(store)[-1] == CLEAR_CART_TYPE.title
    assert ["the cart is empty" in note for note in notes(store)] == [True, True]


def test_a_forgotten_guest_closes_only_sessions_of_their_own(clock: Clock) -> None:
    store = Store(SandboxConfig(limits=Limits(guests=2)), clock)
    tablet = store.create_browser()
    send(store, tablet, VIEW, IDENTITY, FORCE_CLOSE)
    send(store, tablet, VIEW, {**IDENTITY, "email": "bob@example.org"})
    send(store, store.create_browser(), VIEW)
    assert store.stats()["sessions"] == {"open": 2, "closed": 1}


def test_sums_of_made_up_currencies_are_bounded(clock: Clock) -> None:
    store = Store(SandboxConfig(limits=Limits(currencies=2)), clock)
    for number in range(5):
        lines = {**ADD, "product": {**PRODUCT, "currency": f"C{number}", "price": 1, "quantity": 1}}
        named = {"currency": f"C{number}"}
        checkout = {**CHECKOUT, **named, "reference_id": f"o{number}"}
        send(store, store.create_browser(), VIEW, IDENTITY, lines, CONFIRM, checkout)
        send(store, store.create_browser(), VIEW, IDENTITY, lines, FORCE_CLOSE)
    bounded = {"C0": "1.00", "C1": "1.00", OTHER_CURRENCIES: "3.00"}
    assert store.stats()["revenue"] == store.stats()["abandoned"]["revenue"] == bounded
    send(store, store.create_browser(), {**CHECKOUT, "status": "REFUNDED", "reference_id": "o4"})
    assert store.stats()["revenue"] == {**bounded, OTHER_CURRENCIES: "2.00"}


@pytest.mark.parametrize(
    ("payments", "paid"),
    [
        ((), ("", "")),
        ((PAYMENT,), ("Card", "Visa")),
        ((PAYMENT, {"type": "PAYMENT", "pay_type": "Cash"}), ("Cash", "")),
        ((PAYMENT, {"type": "PAYMENT", "pay_type": [], "card_type": ""}), ("Card", "Visa")),
    ],
)
def test_payment_shows_on_the_order(store: Store, payments: tuple[dict[str, Any], ...], paid: tuple[str, str]) -> None:
    send(store, store.create_browser(), *PURCHASE[:-1], *payments, CHECKOUT)
    (order,) = store.orders.values()
    assert (order.payment_type, order.card_type) == paid
    assert [entry.type for entry in entries(store)].count("PAYMENT") == len(payments)


def test_payment_after_the_order_is_for_the_next_one(store: Store) -> None:
    browser = store.create_browser()
    send(store, browser, *PURCHASE, PAYMENT, ADD, CONFIRM, {**CHECKOUT, "reference_id": "order_2"})
    assert [order.payment_type for order in store.orders.values()] == ["", "Card"]
    send(store, browser, FORCE_CLOSE, *PURCHASE[:-1], {**CHECKOUT, "reference_id": "order_3"})
    assert store.order_numbers["ORDER_3"].payment_type == ""


FLAT = {f"a{n}": n for n in range(LARGEST_EXT)}


@pytest.mark.parametrize(
    ("sent", "note"),
    [
        ({"type": "SEARCH", "search_type": "PRODUCT", "product_name": "shoe"}, ""),
        ({"type": "FORM", "ext": {"formId": "f", "interactionType": "SUBMITTED"}}, ""),
        ({"type": "WISHLIST", "ext": FLAT}, ""),
        ({"type": "WISHLIST", "ext": {**FLAT, "one": "more"}}, "ext has 51 attributes, more than 50."),
        ({"type": "FORM", "ext": {"a": 1, "b": {"c": 1}, "d": [1]}}, "ext is not flat: b, d."),
        ({"type": "VIEW", "ext": {"b": {}}}, "ext is not flat: b."),
        ({"type": "WISHLIST", "ext": "text"}, "ext is no JSON object."),
        ({"type": "wishlist"}, "Taken as a custom event: its type is not in upper case."),
    ],
)
def test_events_without_an_effect(store: Store, sent: dict[str, Any], note: str) -> None:
    assert send(store, store.create_browser(), sent) is Outcome.ACCEPTED
    (entry,) = entries(store)
    assert (entry.type, entry.title, entry.note) == (sent["type"], "", note)
    assert store.stats()["events"] == {sent["type"]: 1}


@pytest.mark.parametrize("channel", [None, ""])
def test_an_event_without_channel_joins_the_open_session(store: Store, channel: object) -> None:
    browser = store.create_browser()
    form = {"type": "FORM", "channel": channel, "ext": {"formId": "f"}}
    send(store, browser, VIEW, form)
    assert store.stats()["sessions"]["open"] == 1
    send(store, browser, FORCE_CLOSE, form, form)
    assert store.stats()["sessions"] == {"open": 1, "closed": 1}
