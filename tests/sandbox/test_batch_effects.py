"""What each mode does to guests and orders, and what each code in the log stands for."""

from __future__ import annotations

from typing import Any

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.journal import Journal
from harness.sandbox.store import Store

from .client import PURCHASE, event
from .rules import Clock

BATCH = "12af3453-62da-4b31-a646-631b7b5f3009"
REF = "7ed103bd-08c2-47f4-8f69-91141ca3200d"
ADA = {"guestType": "customer", "email": "ada@example.org", "firstName": "Ada", "lastName": "Lovelace"}
ORDER = {
    "referenceId": "b_1",
    "channel": "OFFLINE",
    "pointOfSale": "shop",
    "status": "PURCHASED",
    "orderedAt": "2025-03-07T16:15:11.000Z",
    "currencyCode": "GBP",
    "price": 100.5,
    "paymentType": "Card",
    "cardType": "Visa",
    "contact": {"email": "ada@example.org", "firstName": "Ada"},
    "orderItems": [
        {
            "type": "SHOES",
            "productId": "EXACT_90",
            "name": "Exact 90",
            "price": 49.9,
            "currencyCode": "GBP",
            "quantity": 2,
        }
    ],
}


class Import:
    def __init__(self, store: Store) -> None:
        self.store = store
        store.advance()
        store.write("batch.open", ref=BATCH, checksum="0" * 32, size=1)

    def __call__(self, mode: str, schema: str = "guest", **value: Any) -> str:
        """Does a record; gives code and message of its line in the log, "" if there is none."""
        said: list[str] = []
        log = self.store.batches.get(BATCH).log
        log.add = lambda ref, code, text: said.append(f"{code} {text}")  # type: ignore
        record = {"ref": REF, "schema": schema, "mode": mode, "value": value}
        self.store.advance()
        self.store.write("batch.record", ref=BATCH, record=record, fails=False)
        return said[0] if said else ""

    def guests(self) -> list[Any]:
        return list(self.store.guests.values())


@pytest.fixture
def do(store: Store) -> Import:
    return Import(store)


def buys(store: Store, clock: Clock, closed: bool = True) -> None:
    """Ada buys something, in a session."""
    browser = store.create_browser()
    for each in PURCHASE:
        store.record(event(browser, each), b"{}")
    if closed:
        clock.now += 2000
        store.advance()


def test_upsert_makes_a_guest_and_changes_what_is_sent(do: Import) -> None:
    assert (
        do("upsert", **ADA, city="London", street=["1 A St"], extensions=[{"name": "ext", "key": "default", "a": 1}])
        == ""
    )
    assert (
        do("upsert", email="ADA@example.org", city="Dublin", street=["2 B St"], extensions=[{"name": "ext", "b": 2}])
        == ""
    )
    (ada,) = do.guests()
    assert (ada.guest_type, ada.name, ada.text("city")) == ("customer", "Ada Lovelace", "Dublin")
    assert ada.attributes["street"] == ["2 B St"]
    assert ada.extensions["ext"].values == {"a": 1, "b": 2}


def test_upsert_finds_by_any_identity_and_adds_identifiers(do: Import) -> None:
    do("upsert", **ADA, identifiers=[{"provider": "CRM", "id": "1"}])
    do("upsert", identifiers=[{"provider": "CRM", "id": "1"}, {"provider": "SHOP", "id": "2"}], firstName="Augusta")
    (ada,) = do.guests()
    assert [each["provider"] for each in ada.attributes["identifiers"]] == ["CRM", "SHOP"]
    assert (ada.text("firstname"), ada.email) == ("Augusta", "ada@example.org")


def test_create_is_refused_for_a_guest_who_exists(do: Import) -> None:
    assert do("create", **ADA) == ""
    assert do("create", **ADA) == "409 A guest with this identity exists."
    assert len(do.guests()) == 1


def test_insert_leaves_nothing_of_before(do: Import) -> None:
    do("upsert", **ADA, city="London", extensions=[{"name": "ext", "a": 1}])
    assert do("insert", email="ada@example.org", firstName="Augusta") == ""
    (ada,) = do.guests()
    assert (ada.name, ada.text("city"), ada.extensions) == ("Augusta", "", {})


def test_merge_adds_to_lists(do: Import) -> None:
    do("upsert", **ADA, phoneNumbers=["1"], city="London")
    assert do("merge", **ADA, phoneNumbers=["2"], city="Dublin") == ""
    (ada,) = do.guests()
    assert (ada.attributes["phoneNumbers"], ada.text("city")) == (["1", "2"], "Dublin")


def test_delete_keeps_orders_and_gdpr_delete_does_not(do: Import, store: Store, clock: Clock) -> None:
    buys(store, clock)
    assert do("delete", email="ada@example.org") == ""
    assert (do.guests(), [order.guest for order in store.orders.values()]) == ([], [None])
    store.write("order.delete", ref=next(iter(store.orders)))
    buys(store, clock)
    assert do("gdpr_delete", email="ada@example.org") == ""
    assert (do.guests(), list(store.orders)) == ([], [])
    assert do("delete", email="ada@example.org") == "404 Guest not found."


def test_a_guest_with_an_open_session_is_not_deleted(do: Import, store: Store, clock: Clock) -> None:
    buys(store, clock, closed=False)
    assert do("gdpr_delete", email="ada@example.org") == "403 Unable to delete Guest with open session."
    assert len(do.guests()) == 1


def test_of_several_guests_the_first_is_deleted(do: Import, store: Store) -> None:
    for name in ("Ada", "Augusta"):
        store.write("guest.create", attributes={"guestType": "customer", "email": "ada@example.org", "firstname": name})
    do("delete", email="ada@example.org")
    assert [guest.name for guest in do.guests()] == ["Augusta"]


def test_times_of_a_guest(do: Import) -> None:
    do("upsert", **ADA, firstSeen="2020-01-01T00:00:00Z", lastSeen="2021-01-01T00:00:00Z")
    (ada,) = do.guests()
    assert (ada.first_seen, ada.last_seen) == (1577836800.0, 1609459200.0)


def test_an_order_with_its_guest_and_items(do: Import, store: Store) -> None:
    assert do("insert", "order", **ORDER) == ""
    (order,) = store.orders.values()
    assert (order.number, str(order.price), order.currency, order.channel) == ("B_1", "100.5", "GBP", "OFFLINE")
    assert order.guest is do.guests()[0]
    assert [(line.item_id, int(line.quantity)) for line in order.lines] == [("EXACT_90", 2)]
    assert store.stats()["revenue"] == {"GBP": "100.50"}


def test_insert_and_upsert_of_an_order_that_is_there(do: Import, store: Store) -> None:
    do("insert", "order", **ORDER)
    assert (
        do(
            "upsert",
            "order",
            referenceId="b_1",
            channel="WEB",
            pointOfSale="shop",
            orderedAt=ORDER["orderedAt"],
            price=90,
        )
        == ""
    )
    (order,) = store.orders.values()
    assert (str(order.price), order.currency, order.channel, len(order.lines)) == ("90", "GBP", "WEB", 1)
    again = {**ORDER, "price": 80, "orderItems": []}
    assert do("insert", "order", **again) == ""
    assert (len(store.orders), str(order.price), order.lines) == (1, "80", ())
    assert store.stats()["revenue"] == {"GBP": "80.00"}
    assert do("insert", "order", **{**ORDER, "orderedAt": "2025-04-07T16:15:11.000Z"}) == ""
    assert len(store.orders) == 2


def test_an_order_that_upsert_makes_needs_a_price(do: Import) -> None:
    known = {"referenceId": "b_2", "channel": "WEB", "pointOfSale": "shop", "orderedAt": ORDER["orderedAt"]}
    assert do("upsert", "order", **known).startswith("400 currencyCode is missing")
    assert do("upsert", "order", **known, currencyCode="EUR", price=1) == ""


def test_orders_are_deleted_by_number_and_day(do: Import, store: Store) -> None:
    day, next_month = ORDER["orderedAt"], "2025-04-07T16:15:11.000Z"
    do("insert", "order", **ORDER)
    do("insert", "order", **{**ORDER, "orderedAt": next_month})
    assert do("delete", "order", referenceId="B_1").startswith("400 More than one order exists")
    assert do("delete", "order", referenceId="B_1", orderedAt="2024-01-01T00:00:00Z").startswith("404 No order found")
    assert do("delete", "order", referenceId="B_1", orderedAt=day) == ""
    assert do("delete", "order", referenceId="B_1") == ""
    assert list(store.orders) == []


def test_codes_of_what_is_wrong(do: Import) -> None:
    assert do("upsert", firstName="Ada").startswith("400 identity information")
    assert do("update", **ADA).startswith("402 mode")
    assert do("merge", "order", **ORDER).startswith("402 mode")
    assert do("upsert", **ADA, nickname="x").startswith("400 'nickname'")
    assert do("insert", "tracking", anything=1) == ""
    assert do.guests() == []


def test_it_comes_to_the_same_after_a_restart(tmp_path: Any, clock: Clock) -> None:
    def opened() -> Store:
        return Store(SandboxConfig(), clock, Journal(tmp_path / "sandbox.db", 1 << 30))

    store = opened()
    do = Import(store)
    do("upsert", **ADA)
    do("insert", "order", **ORDER)
    store.write("batch.record", ref=BATCH, record={"ref": REF}, fails=False)
    store.write("batch.move", ref=BATCH, status="processing", is_gzip=True)
    before = [guest.ref for guest in do.guests()]
    store.close()
    again = opened()
    assert [guest.ref for guest in again.guests.values()] == before
    assert [order.number for order in again.orders.values()] == ["B_1"]
    batch = again.batches.get(BATCH)
    assert (batch.status, batch.log.count) == ("error", 2)
    again.close()
