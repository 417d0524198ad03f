"""The rules, without a socket."""

from decimal import Decimal
from typing import Any

import pytest

from harness.cdp.events import CHECKOUT as CHECKOUT_TYPE
from harness.cdp.events import CONFIRM as CONFIRM_TYPE
from harness.sandbox.config import Limits, SandboxConfig
from harness.sandbox.money import amount, text
from harness.sandbox.rejections import LONGEST_NAME, MOST_NAMES, NO_NAME, OTHER_NAMES
from harness.sandbox.state import OTHER_TYPES
from harness.sandbox.store import Outcome, Store

from .client import ADD, CHECKOUT, CONFIRM, IDENTITY, PRODUCT, PURCHASE, VIEW
from .rules import Clock, notes, send, titles


def test_purchase_makes_the_order(store: Store) -> None:
    send(store, store.create_browser(), *PURCHASE)
    (order,) = store.orders.values()
    assert (order.number, order.price, order.currency) == ("ORDER_1", Decimal("149.7"), "GBP")
    assert titles(store) == [CONFIRM_TYPE.title, CHECKOUT_TYPE.title]
    assert store.stats()["revenue"] == {"GBP": "149.70"}
    (session,) = store.open_sessions.values()
    assert session.cart == []
    assert session.timeline[-1].order_number == "ORDER_1"


@pytest.mark.parametrize(
    ("events", "note"),
    [
        ((VIEW, IDENTITY, ADD, CHECKOUT), "no CONFIRM came before"),
        ((VIEW, IDENTITY, CHECKOUT), "the cart is empty"),
        ((VIEW, IDENTITY, CONFIRM, ADD, CHECKOUT), "no CONFIRM came before"),
        ((VIEW, IDENTITY, ADD, CHECKOUT, CONFIRM), "no CONFIRM came before"),
        ((IDENTITY, ADD, CONFIRM, CHECKOUT), "before VIEW and IDENTITY"),
        ((VIEW, ADD, IDENTITY, CONFIRM, CHECKOUT), "before VIEW and IDENTITY"),
        ((VIEW, ADD, CONFIRM, CHECKOUT), "before VIEW and IDENTITY"),
        ((VIEW, {"type": "IDENTITY", "firstname": "Ada"}, ADD, CONFIRM, CHECKOUT), "before VIEW and IDENTITY"),
        ((VIEW, IDENTITY, ADD, CONFIRM, {**CHECKOUT, "status": "PAYMENT_PENDING"}), "PAYMENT_PENDING"),
        ((VIEW, IDENTITY, ADD, CONFIRM, {**CHECKOUT, "status": "bought"}), "unknown"),
        ((VIEW, IDENTITY, ADD, CONFIRM, {**CHECKOUT, "reference_id": ""}), "reference_id is missing"),
    ],
)
def test_no_order_otherwise(store: Store, events: tuple[dict[str, Any], ...], note: str) -> None:
    assert send(store, store.create_browser(), *events) is Outcome.ACCEPTED
    assert not store.orders
    assert any(note in each for each in notes(store)), notes(store)
    assert CHECKOUT_TYPE.title not in titles(store)


@pytest.mark.parametrize(
    "product",
    [None, [], {}, [{"item_id": "OTHER"}], [{"item_id": "EXACT_90"}, {"item_id": "OTHER"}], ["EXACT_90"]],
)
def test_confirm_of_what_was_not_added(store: Store, product: object) -> None:
    send(store, store.create_browser(), VIEW, IDENTITY, ADD, {**CONFIRM, "product": product}, CHECKOUT)
    assert titles(store) == []
    assert not store.orders


def test_confirmed_lines_are_what_is_bought(store: Store) -> None:
    mug = {**ADD, "product": {"item_id": "MUG", "price": "7.50"}}
    send(store, store.create_browser(), VIEW, IDENTITY, ADD, mug, CONFIRM, CHECKOUT)
    (order,) = store.orders.values()
    assert [line.item_id for line in order.lines] == ["EXACT_90"]
    assert "1 unconfirmed" in notes(store)[-1]


def test_an_order_number_is_used_once(store: Store) -> None:
    send(store, store.create_browser(), *PURCHASE)
    send(store, store.create_browser(), *PURCHASE[:-1], {**CHECKOUT, "reference_id": "ORDER_1"})
    assert store.stats()["orders"] == 1
    assert "ORDER_1 is the number of an order already" in notes(store)[-1]


def test_money_is_exact(store: Store) -> None:
    for n in range(10):
        dime = {**ADD, "product": {"item_id": "EXACT_90", "price": 0.1, "quantity": 3}}
        number = {**CHECKOUT, "reference_id": f"o{n}"}
        send(store, store.create_browser(), VIEW, IDENTITY, dime, CONFIRM, number)
    assert store.stats()["revenue"] == {"GBP": "3.00"}


@pytest.mark.parametrize(
    ("value", "exact"),
    [(49.90, "49.90"), ("49.90", "49.90"), (15, "15.00"), (0.005, "0.005"), (1e15, "1000000000000000.00")],
)
def test_amounts(value: object, exact: str) -> None:
    number = amount(value)
    assert number is not None
    assert text(number) == exact


@pytest.mark.parametrize("value", [None, True, "", "a lot", "NaN", "Infinity", [], {}, 1e300, "1e-999999"])
def test_no_amounts(value: object) -> None:
    assert amount(value) is None


@pytest.mark.parametrize("product", [{"item_id": "EXACT_90", "price": "?", "quantity": []}, {"item_id": "EXACT_90"}])
def test_a_line_without_price(store: Store, product: dict[str, Any]) -> None:
    send(store, store.create_browser(), VIEW, IDENTITY, {**ADD, "product": product}, CONFIRM, CHECKOUT)
    assert store.stats()["revenue"] == {"GBP": "0.00"}
    assert notes(store)[0].startswith("Price is missing")


@pytest.mark.parametrize(
    ("first", "second", "guests"),
    [
        ({"email": "Ada@Example.org"}, {"email": "ada@example.ORG "}, 1),
        ({"email": "ada@example.org"}, {"email": "bob@example.org"}, 2),
        ({"identifiers": [{"provider": "CRM", "id": 7}]}, {"identifiers": [{"provider": "CRM", "id": "7"}]}, 1),
        ({"identifiers": [{"provider": "CRM", "id": "7"}]}, {"identifiers": [{"provider": "ERP", "id": "7"}]}, 2),
        ({"email": ""}, {"email": ""}, 2),
        ({"identifiers": "CRM"}, {"identifiers": [7, {"provider": "CRM"}]}, 2),
    ],
)
def test_one_identity_is_one_guest(store: Store, first: dict[str, Any], second: dict[str, Any], guests: int) -> None:
    for each in (first, second):
        send(store, store.create_browser(), VIEW, {"type": "IDENTITY", "firstname": "Ada", **each})
    assert store.stats()["guests"] == guests == len(store.guests)
    assert store.stats()["sessions"]["open"] == 2


def test_merging_keeps_everything(store: Store) -> None:
    crm = {"type": "IDENTITY", "identifiers": [{"provider": "CRM", "id": "7"}], "city": "Leeds"}
    phone, laptop = store.create_browser(), store.create_browser()
    send(store, phone, VIEW, crm, ADD, CONFIRM, CHECKOUT)
    send(store, laptop, *PURCHASE[:-1], {**CHECKOUT, "reference_id": "order_2"})
    assert store.stats()["guests"] == 2
    send(store, laptop, {**crm, **IDENTITY, "city": "York"})
    (guest,) = store.guests.values()
    assert guest.attributes["city"] == "York"
    assert guest.name == "Ada Lovelace"
    assert {order.number for order in guest.orders.values()} == {"ORDER_1", "ORDER_2"}
    assert {session.browser_id for session in guest.sessions} == {phone, laptop} == set(guest.browsers)
    send(store, phone, VIEW)
    assert store.stats()["guests"] == 1


def test_another_customer_on_the_same_browser(store: Store) -> None:
    browser = store.create_browser()
    send(store, browser, VIEW, IDENTITY, {**IDENTITY, "email": "bob@example.org", "firstname": "Bob"})
    assert [guest.email for guest in store.guests.values()] == ["ada@example.org", "bob@example.org"]
    assert [len(guest.sessions) for guest in store.guests.values()] == [0, 1]


def test_a_session_closes_without_events(store: Store, clock: Clock) -> None:
    browser = store.create_browser()
    send(store, browser, VIEW)
    clock.now += 1199
    send(store, browser, VIEW)
    assert store.stats()["sessions"] == {"open": 1, "closed": 0}
    clock.now += 1200
    assert store.stats()["sessions"] == {"open": 0, "closed": 1}
    send(store, browser, VIEW)
    assert store.stats()["sessions"] == {"open": 1, "closed": 1}
    assert store.stats()["guests"] == 1


def test_the_cart_is_the_sessions(store: Store, clock: Clock) -> None:
    browser = store.create_browser()
    send(store, browser, VIEW, IDENTITY, ADD)
    clock.now += 1200
    send(store, browser, VIEW, CONFIRM)
    assert titles(store) == []


def test_channel_and_point_of_sale_part_sessions(clock: Clock) -> None:
    store = Store(SandboxConfig(points_of_sale=("a", "b")), clock)
    browser = store.create_browser()
    for pos, channel in (("a", "WEB"), ("b", "WEB"), ("a", "KIOSK"), ("a", "WEB")):
        send(store, browser, {**VIEW, "pos": pos, "channel": channel})
    assert store.stats()["sessions"]["open"] == 3


@pytest.mark.parametrize("pos", ["nowhere", "", None, 7, ["pastoral-witty-grill"]])
def test_an_unknown_point_of_sale_drops_the_event(store: Store, pos: object) -> None:
    assert send(store, store.create_browser(), {**VIEW, "pos": pos}) is Outcome.REJECTED
    stats = store.stats()
    assert (stats["rejected"], stats["guests"], stats["events"]) == (1, 0, {})
    assert stats["rejectedPointsOfSale"] == {"nowhere" if pos == "nowhere" else NO_NAME: 1}


def test_unknown_points_of_sale_are_told_once_and_counted_within_bounds(store: Store) -> None:
    told: list[str] = []
    store.on_rejected = told.append
    browser = store.create_browser()
    names = [f"shop/{number}" for number in range(MOST_NAMES + 5)]
    for name in [*names, "shop/0", "x" * 5000]:
        send(store, browser, {**VIEW, "pos": name})
    stats = store.stats()
    assert stats["rejected"] == MOST_NAMES + 7 == sum(stats["rejectedPointsOfSale"].values())
    assert told == names[:MOST_NAMES]
    assert len(stats["rejectedPointsOfSale"]) == MOST_NAMES + 1
    assert (stats["rejectedPointsOfSale"]["shop/0"], stats["rejectedPointsOfSale"][OTHER_NAMES]) == (2, 6)
    store.reset()
    assert store.stats()["rejectedPointsOfSale"] == {}
    send(store, browser, VIEW)
    send(store, store.create_browser(), {**VIEW, "pos": "y" * 5000})
    assert store.stats()["rejectedPointsOfSale"] == {"y" * LONGEST_NAME: 1}


def test_custom_events_are_kept_and_counted(store: Store) -> None:
    send(store, store.create_browser(), VIEW, {"type": "WISHLIST", "ext": {"source": "banner"}})
    assert store.stats()["events"] == {"VIEW": 1, "WISHLIST": 1}


def test_memory_is_bounded(clock: Clock) -> None:
    limits = Limits(
        browsers=9,
        guests=5,
        orders=3,
        open_sessions=4,
        sessions_per_guest=2,
        timeline_per_session=4,
        cart_lines=2,
        event_types=3,
    )
    store = Store(SandboxConfig(limits=limits), clock)
    first = store.create_browser()
    for n in range(20):
        browser = store.create_browser()
        mail = {**IDENTITY, "email": f"{n}@example.org"}
        send(store, browser, VIEW, mail, ADD, ADD, ADD, CONFIRM, {**CHECKOUT, "reference_id": f"o{n}"})
        send(store, browser, *({**VIEW, "channel": f"C{i}"} for i in range(4)), {"type": f"T{n}"})
    assert send(store, first, VIEW) is Outcome.UNKNOWN_BROWSER
    assert (len(store.browsers), len(store.guests), len(store.orders)) == (9, 5, 3)
    assert len(store.order_numbers) == 3
    assert len(store.open_sessions) <= 5
    assert len(store.identities) == 5
    assert OTHER_TYPES in store.events
    assert len(store.events) <= 4
    for guest in store.guests.values():
        assert len(guest.sessions) <= 2
        assert all(len(session.timeline) <= 4 for session in guest.sessions)
    stats = store.stats()
    assert (stats["browsers"], stats["guests"], stats["orders"]) == (21, 20, 20)
    assert stats["revenue"] == {"GBP": text(Decimal("49.9") * 3 * 2 * 20)}


def test_a_forgotten_guest_starts_anew(clock: Clock) -> None:
    store = Store(SandboxConfig(limits=Limits(guests=1)), clock)
    ada, bob = store.create_browser(), store.create_browser()
    send(store, ada, VIEW, IDENTITY)
    send(store, bob, VIEW)
    send(store, ada, VIEW)
    (guest,) = store.guests.values()
    assert (guest.guest_type, guest.browsers) == ("visitor", [ada])


@pytest.mark.parametrize(
    ("query", "found"), [("ADA L", 1), ("love", 1), ("example.org", 2), ("order_1", 1), ("nobody", 0), (" ", 2)]
)
def test_search(store: Store, query: str, found: int) -> None:
    send(store, store.create_browser(), *PURCHASE)
    send(store, store.create_browser(), VIEW, {"type": "IDENTITY", "email": "bob@example.org"})
    total, page = store.search(query, 0, 10)
    assert (total, len(page)) == (found, found)


def test_pages_are_newest_first(store: Store) -> None:
    browsers = [store.create_browser() for _ in range(5)]
    for browser in browsers:
        send(store, browser, VIEW)
    assert [g.browsers[0] for g in store.search("", 1, 2)[1]] == [browsers[3], browsers[2]]
    assert store.search(browsers[2], 0, 10)[0] == 1
    assert PRODUCT["price"] == 49.90
