"""What ought to be there, and what is made of what was found: tables, no network."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from harness.verify.checks import Check
from harness.verify.expectation import expectation
from harness.verify.expected import Expectation
from harness.verify.found import FoundGuest, FoundItem, FoundOrder, FoundSession, ReadBack
from harness.verify.outcome import judge_outcome
from harness.verify.sent import SentEvent, message_of

POS, BROWSER = "shop", "b-1"


def event(kind: str, **more: Any) -> SentEvent:
    common = {"channel": "WEB", "type": kind, "currency": "GBP", "pos": POS, "browser_id": BROWSER}
    return SentEvent(kind.lower(), kind, {**common, **more})


VIEW = event("VIEW")
IDENTITY = event(
    "IDENTITY",
    email="ann@example.com",
    identifiers=[{"provider": "harness", "id": "7"}],
    firstname="Ann",
    dob="1980-02-03T00:00",
    street=["1 High St"],
    phone="0123",
)
ADD = event("ADD", product={"item_id": "A", "quantity": 2, "price": Decimal("49.90"), "currency": "GBP"})
CONFIRM = event("CONFIRM", product=[{"item_id": "A"}])
CHECKOUT = event("CHECKOUT", status="PURCHASED", reference_id="n-1")
CLOSE = event("FORCE_CLOSE")
BOUGHT = [VIEW, IDENTITY, ADD, CONFIRM, CHECKOUT]

GUEST = FoundGuest(
    "g1",
    "customer",
    ("ann@example.com",),
    (("harness", "7"), ("other", "x")),
    (
        ("firstName", "ANN"),
        ("dateOfBirth", "1980-02-03T00:00:00.000Z"),
        ("street", "1 High  St"),
        ("phoneNumbers", "0123"),
    ),
)
ORDER = FoundOrder(
    "N-1", Decimal("99.8"), "GBP", "PURCHASED", "o1", "g1", (FoundItem("A", Decimal(2), Decimal("49.90"), "GBP"),)
)
SESSION = FoundSession(
    "s1", "WEB", POS, "2026-01-01", True, "CONVERTED", "", ("VIEW", "IDENTITY", "ADD", "CONFIRM", "CHECKOUT")
)
THERE = ReadBack("g1", (GUEST,), (SESSION,), {"N-1": (ORDER,)})


def judged(sent: list[SentEvent], found: ReadBack, shared: frozenset[str] = frozenset()) -> tuple[Check, ...]:
    return judge_outcome(expectation(sent, shared), found)


def findings(sent: list[SentEvent], found: ReadBack) -> list[tuple[str, str]]:
    return [(finding.kind, finding.cause.kind) for check in judged(sent, found) for finding in check.findings]


def test_a_purchase_that_arrived_whole_holds() -> None:
    checks = judged(BOUGHT, THERE)
    assert [(check.subject, check.held) for check in checks] == [
        ("guest", True),
        ("timeline", True),
        ("order N-1", True),
    ]
    assert checks[2].told == "PURCHASED, 99.80 GBP, 2 items, once"


def with_order(**changes: Any) -> ReadBack:
    return replace(THERE, orders={"N-1": (replace(ORDER, **changes),)})


def with_guest(**changes: Any) -> ReadBack:
    return replace(THERE, guests=(replace(GUEST, **changes),))


def with_events(*kinds: str) -> ReadBack:
    return replace(THERE, sessions=(replace(SESSION, events=kinds),))


NOTHING = ReadBack("g9", (), (), {"N-1": ()})
WHOLE = SESSION.events


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (
            NOTHING,
            [
                ("guest_missing", "wrong_point_of_sale"),
                ("events_missing", "wrong_point_of_sale"),
                ("order_missing", "wrong_point_of_sale"),
            ],
        ),
        (replace(THERE, orders={"N-1": (ORDER, replace(ORDER, ref="o2"))}), [("order_twice", "written_twice")]),
        (with_order(price=Decimal("9.98")), [("order_price", "wrong_price")]),
        (with_order(currency="USD"), [("order_currency", "currency_ignored")]),
        (with_order(status="PAYMENT_PENDING"), [("order_status", "not_processed")]),
        (with_order(guest="g2"), [("order_guest", "identity_merged")]),
        (with_order(items=()), [("order_items", "wrong_items")]),
        (with_order(items=(FoundItem("A", Decimal(1), Decimal("99.80")),)), [("order_items", "wrong_items")]),
        (with_order(items=(FoundItem("B"),)), [("order_items", "wrong_items")]),
        (replace(THERE, orders={"N-1": ()}), [("order_missing", "not_processed")]),
        (
            replace(with_events(*WHOLE[:2], *WHOLE[3:]), orders={"N-1": ()}),
            [("events_missing", "events_dropped"), ("order_missing", "events_dropped")],
        ),
        (with_events(*WHOLE, "ADD"), [("events_twice", "written_twice")]),
        (with_guest(guest_type="visitor"), [("guest_not_customer", "identity_rules")]),
        (with_guest(emails=("ann@example.com", "bob@example.com")), [("guest_merged", "identity_merged")]),
        (with_guest(identifiers=(("harness", "7"), ("harness", "8"))), [("guest_merged", "identity_merged")]),
        (
            with_guest(attributes=(("firstName", "Bob"), *GUEST.attributes[1:])),
            [("guest_attributes", "identity_merged")],
        ),
        (with_guest(attributes=GUEST.attributes[1:]), [("guest_attributes", "attributes_lost")]),
        (replace(THERE, guests=(GUEST, replace(GUEST, ref="g2"))), [("guest_twice", "identity_rules")]),
        (replace(THERE, behind="g2"), [("guest_other", "identity_merged")]),
        (replace(THERE, guests=()), [("guest_missing", "identity_rules")]),
        (
            replace(with_events("VIEW", "ADD", "CONFIRM", "CHECKOUT"), guests=()),
            [("guest_missing", "events_dropped"), ("events_missing", "events_dropped")],
        ),
    ],
)
def test_what_is_wrong_is_named(found: ReadBack, wanted: list[tuple[str, str]]) -> None:
    assert findings(BOUGHT, found) == wanted


@pytest.mark.parametrize(
    "found",
    [
        with_order(items=None),
        with_order(guest=""),
        with_order(items=(FoundItem("A", Decimal(1), Decimal("49.90")), FoundItem("A", Decimal(1), Decimal("49.90")))),
        with_order(items=(FoundItem("A"),)),
        with_guest(attributes=()),
        with_guest(guest_type=""),
        replace(THERE, behind=""),
        with_events(*WHOLE, "SOMETHING_OF_THE_TARGETS_OWN"),
        replace(THERE, sessions=(replace(SESSION, started="2025", events=("VIEW",)), SESSION)),
        replace(THERE, sessions=(SESSION, replace(SESSION, channel="EMAIL", events=("VIEW",) * 9))),
    ],
)
def test_what_a_target_shows_otherwise_or_not_at_all_is_no_finding(found: ReadBack) -> None:
    assert findings(BOUGHT, found) == []


@pytest.mark.parametrize(
    ("sent", "flaw"),
    [
        ([VIEW, IDENTITY, ADD, CHECKOUT], "no CONFIRM"),
        ([VIEW, IDENTITY, CONFIRM, ADD, CHECKOUT], "no CONFIRM"),
        ([VIEW, IDENTITY, CHECKOUT], "no ADD"),
        ([VIEW, ADD, IDENTITY, CONFIRM, CHECKOUT], "VIEW and IDENTITY"),
        ([IDENTITY, ADD, CONFIRM, CHECKOUT], "VIEW and IDENTITY"),
        ([VIEW, IDENTITY, ADD, CONFIRM, event("CLEAR_CART"), CHECKOUT], "no ADD"),
    ],
)
def test_events_out_of_order_are_the_cause_of_a_missing_order(sent: list[SentEvent], flaw: str) -> None:
    found = replace(THERE, sessions=(replace(SESSION, events=tuple(each.type for each in sent)),), orders={"N-1": ()})
    (missing,) = [finding for check in judged(sent, found) for finding in check.findings]
    assert missing.cause.kind == "out_of_order"
    assert flaw in missing.cause.text


def confirm(*names: str) -> SentEvent:
    return event("CONFIRM", product=[{"item_id": name} for name in names])


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([ADD, confirm("B")], "CONFIRM names B, which was never added (added: A)"),
        ([ADD, confirm("A", "B", "C")], "CONFIRM names B, C, which were never added (added: A)"),
        ([ADD, event("CONFIRM")], "CONFIRM names no item_id (added: A)"),
        ([ADD, event("CONFIRM", product=[{"id": "A"}])], "CONFIRM names no item_id (added: A)"),
        (
            [ADD, confirm("A", "B"), event("ADD", product={"item_id": "B", "price": 1})],
            "CONFIRM names B, which was not added before it",
        ),
    ],
)
def test_a_confirm_of_other_items_is_to_blame(sent: list[SentEvent], told: str) -> None:
    sent = [VIEW, IDENTITY, *sent, CHECKOUT]
    found = replace(THERE, sessions=(replace(SESSION, events=tuple(each.type for each in sent)),), orders={"N-1": ()})
    (missing,) = [finding for check in judged(sent, found) for finding in check.findings]
    assert (missing.cause.kind, missing.step) == ("wrong_confirm", "confirm")
    assert told in missing.cause.text and "no CONFIRM" not in missing.cause.text
    assert findings(sent, replace(found, orders={"N-1": (ORDER,)})) == [("wrong_confirm", "wrong_confirm")]


def test_a_confirm_that_was_mended_or_of_a_cart_that_was_emptied_is_forgotten() -> None:
    mended = expectation([VIEW, IDENTITY, ADD, confirm("B"), CONFIRM, CHECKOUT]).purchases
    emptied = expectation([VIEW, IDENTITY, ADD, confirm("B"), event("CLEAR_CART"), ADD, CONFIRM, CHECKOUT]).purchases
    assert [(each.flaw, each.price, each.step) for each in (*mended, *emptied)] == [
        ("", Decimal("99.80"), "checkout")
    ] * 2


def test_a_closed_session_with_a_cart_is_abandoned() -> None:
    sent = [VIEW, IDENTITY, ADD, CLOSE]
    closed = replace(SESSION, is_open=False, cart="ABANDONED", events=("VIEW", "IDENTITY", "ADD"))
    cart = judged(sent, ReadBack("g1", (GUEST,), (closed,), {}))[-1]
    assert (cart.subject, cart.held, cart.told) == ("cart", True, "session closed, 99.80 GBP abandoned")
    for changed, kind in ((replace(closed, is_open=True), "session_open"), (replace(closed, cart="BROWSED"), "cart")):
        assert findings(sent, ReadBack("g1", (GUEST,), (changed,), {})) == [(kind, "not_processed")]
    unsaid = judged(sent, ReadBack("g1", (GUEST,), (replace(closed, cart=""),), {}))[-1]
    assert unsaid.held is None


def test_a_session_goes_on_after_it_was_closed_as_another() -> None:
    sent = [VIEW, IDENTITY, ADD, CLOSE, VIEW]
    made = expectation(sent).sessions
    assert [(each.events, each.closed, each.cart) for each in made] == [
        (("VIEW", "IDENTITY", "ADD"), True, "ABANDONED"),
        (("VIEW",), False, "BROWSED"),
    ]
    first = replace(SESSION, started="1", is_open=False, cart="ABANDONED", events=("VIEW", "IDENTITY", "ADD"))
    second = replace(SESSION, started="2", is_open=True, cart="", events=("VIEW",))
    assert findings(sent, ReadBack("g1", (GUEST,), (second, first), {})) == []


def test_what_cannot_be_read_is_not_held_against_the_target_unless_reading_fails() -> None:
    shut = ReadBack("g1", None, None, None, (("guests", "not verified: x"), ("sessions", "not verified: y")))
    assert [check.held for check in judged(BOUGHT, shut)] == [None, None, None]
    broken = replace(shut, broken=frozenset({"guests"}))
    assert findings(BOUGHT, broken) == [("unreadable", "unreadable")]


def test_an_order_taken_back_has_its_new_status() -> None:
    back = event("CHECKOUT", status="REFUNDED", reference_id="N-1")
    made = expectation([*BOUGHT, back]).purchases
    assert [(each.number, each.status) for each in made] == [("N-1", "REFUNDED")]
    timeline = with_events(*WHOLE, "CHECKOUT").sessions
    assert findings([*BOUGHT, back], replace(with_order(status="REFUNDED"), sessions=timeline)) == []


def test_a_number_that_others_use_too_is_only_looked_for() -> None:
    other = with_order(guest="g2", price=Decimal(1))
    (order,) = [check for check in judged(BOUGHT, other, frozenset({"N-1"})) if check.subject == "order N-1"]
    assert order.held
    assert "fixed" in order.told


def test_an_order_in_one_event_comes_with_its_own_items() -> None:
    items = [{"item_id": "A", "quantity": 1, "price": Decimal("5.00")}, {"productId": "B", "quantity": 2, "price": 1}]
    order = {
        "referenceId": "n-1",
        "status": "PURCHASED",
        "currencyCode": "EUR",
        "price": Decimal(7),
        "orderItems": items,
    }
    (made,) = expectation([VIEW, IDENTITY, event("ORDER_CHECKOUT", order=order)]).purchases
    assert (made.number, made.currency, made.price, made.flaw) == ("N-1", "EUR", Decimal(7), "")
    assert [(item.item_id, item.quantity, item.price) for item in made.items] == [("A", 1, 5), ("B", 2, 1)]
    (visitor,) = expectation([VIEW, event("ORDER_CHECKOUT", order=order)]).purchases
    assert "IDENTITY" in visitor.flaw


def test_items_that_nobody_confirmed_leave_the_price_open() -> None:
    other = event("ADD", product={"item_id": "B", "quantity": 1, "price": 3})
    (made,) = expectation([VIEW, IDENTITY, ADD, other, CONFIRM, CHECKOUT]).purchases
    assert (made.price, made.items, made.flaw, made.unconfirmed) == (None, (), "", ("B",))
    sent = [VIEW, IDENTITY, ADD, other, CONFIRM, CHECKOUT]
    order = judged(sent, replace(THERE, sessions=(replace(SESSION, events=tuple(each.type for each in sent)),)))[-1]
    assert (order.held, order.told) == (True, "PURCHASED, once; price and items not verified: B not confirmed")


def test_a_second_identity_of_the_same_person_is_no_stranger() -> None:
    again = event("IDENTITY", email="ann@home.example", identifiers=[{"provider": "harness", "id": "7"}])
    sent = [VIEW, IDENTITY, again]
    both = replace(GUEST, emails=("ann@example.com", "ann@home.example"))
    timeline = replace(SESSION, events=("VIEW", "IDENTITY", "IDENTITY"))
    assert findings(sent, ReadBack("g1", (both,), (timeline,), {})) == []
    other = event("IDENTITY", email="bob@example.com")
    checks = judged([VIEW, IDENTITY, other], ReadBack("g1", (GUEST,), (timeline,), {}))
    assert [(check.subject, check.held) for check in checks] == [("guest", None), ("timeline", None)]


def test_people_who_were_there_before_may_have_other_identities() -> None:
    known = expectation(BOUGHT, known=True)
    met = with_guest(emails=("ann@example.com", "ann@old.example"), identifiers=(("harness", "7"), ("harness", "1")))
    assert [check.held for check in judge_outcome(known, met)] == [True, True, True]


def test_nothing_acknowledged_nothing_expected() -> None:
    assert expectation([]) == Expectation("", None, (), ())
    assert judged([], NOTHING) == ()


@pytest.mark.parametrize(
    ("method", "target", "body", "message"),
    [
        ("GET", "/v1.2/event/create.json?client_key=k&message=" + quote('{"a":1.10}'), None, {"a": Decimal("1.10")}),
        ("GET", '/v1.2/event/create.json?client_key=k&message={"a":"b%20c"}', None, {"a": "b c"}),
        ("POST", "/v1.2/events", b'{"a":1}', {"a": 1}),
        ("GET", "/v1.2/event/create.json?client_key=k&message=[1]", None, None),
        ("GET", "/v1.2/event/create.json?client_key=k", None, None),
        ("GET", "/elsewhere?message={}", None, None),
        ("POST", "/v1.2/events", b"\xff{", None),
    ],
)
def test_events_are_read_off_the_wire(method: str, target: str, body: bytes | None, message: object) -> None:
    assert message_of(method, target, body) == message


def test_hostile_messages_are_no_trouble() -> None:
    for value in (None, 1, [], {}, "x", [None], [[]], {"item_id": 1}, True, "NaN", Decimal("1e999999")):
        sent = [
            event("VIEW", channel=value),
            event("IDENTITY", email=value, identifiers=value, street=value, phone=value),
            event("ADD", product=value),
            event("ADD", product={"item_id": "A", "price": value, "quantity": value}),
            event("CONFIRM", product=value),
            event("CHECKOUT", status="PURCHASED", reference_id=value, currency=value),
            event("ORDER_CHECKOUT", order=value),
            event(
                "ORDER_CHECKOUT", order={"referenceId": "x", "status": "PURCHASED", "price": value, "orderItems": value}
            ),
            event("FORCE_CLOSE", pos=value),
        ]
        judged(sent, NOTHING)
