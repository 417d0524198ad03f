"""Whatever happens, the counts agree with what is there, and a restart changes nothing."""

import json
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cdp.events import PURCHASED
from harness.sandbox.config import Limits, SandboxConfig
from harness.sandbox.faults_read import read_faults
from harness.sandbox.journal import Journal
from harness.sandbox.store import Store
from harness.sandbox.twister import Twister
from harness.sandbox.writes import WRITES

from .client import ADD, CLEAR_CART, CONFIRM, FORCE_CLOSE, IDENTITY, ORDER, PAYMENT, VIEW, event
from .rules import Clock
from .test_data import everything

MAILS = [f"{name}@example.org" for name in ("ada", "bob", "eve")]
NUMBERS = ["o1", "o2", "o3"]
BROWSERS = st.integers(0, 3)
SOME_MAILS = st.lists(st.sampled_from(MAILS), min_size=1, max_size=2, unique=True)

EVENTS = st.one_of(
    st.sampled_from([VIEW, ADD, CONFIRM, CLEAR_CART, FORCE_CLOSE, PAYMENT, {"type": "WISHLIST"}]),
    st.builds(lambda mail: {**IDENTITY, "email": mail}, st.sampled_from(MAILS)),
    st.builds(
        lambda status, number: {"type": "CHECKOUT", "status": status, "reference_id": number},
        st.sampled_from(["PURCHASED", "PURCHASED", "REFUNDED", "CANCELLED", "CONFIRMED"]),
        st.sampled_from(NUMBERS),
    ),
    st.builds(
        lambda number: {"type": "ORDER_CHECKOUT", "order": {**ORDER, "referenceId": number}}, st.sampled_from(NUMBERS)
    ),
)
STEPS = st.one_of(
    st.tuples(st.just("event"), BROWSERS, EVENTS),
    st.tuples(st.just("event"), BROWSERS, EVENTS),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 30.0, 1300.0]), st.none()),
    st.tuples(st.just("guest.create"), SOME_MAILS, st.none()),
    st.tuples(st.just("guest.update"), st.integers(0, 5), SOME_MAILS),
    st.tuples(st.just("guest.delete"), st.integers(0, 5), st.none()),
    st.tuples(st.just("order.create"), st.sampled_from(NUMBERS), st.none()),
    st.tuples(st.just("order.delete"), st.integers(0, 5), st.none()),
    st.tuples(st.just("order.contact"), st.integers(0, 5), st.sampled_from(MAILS)),
)
FAULTS = st.fixed_dictionaries(
    {},
    optional={
        "drop": st.just(0.2),
        "duplicate_orders": st.just(0.5),
        "wrong_price": st.just({"factor": 1.1, "rate": 0.5}),
        "ignore_currency": st.just({"currency": "EUR", "rate": 0.5}),
        "merge_identities": st.just(0.3),
        "confirm_before_add": st.booleans(),
        "visible_after": st.sampled_from(["10s", {"delay": "40s", "only": ["ADD", "IDENTITY"]}]),
    },
)


def nth(there: Any, n: int) -> str:
    return list(there)[n % len(there)]


def do(store: Store, clock: Clock, browsers: list[str], step: tuple[str, Any, Any]) -> None:
    what, a, b = step
    if what == "event":
        sent = event(browsers[a], b)
        store.record(sent, json.dumps(sent).encode())
        return
    if what == "wait":
        clock.now += a
        return
    store.advance()
    if what == "guest.create":
        store.write(what, attributes={"guestType": "customer", "emails": a})
    elif what == "order.create":
        fields = {"referenceId": a, "orderedAt": "2024-01-01T00:00:00Z", "currencyCode": "GBP", "price": 9.99}
        store.write(what, fields=fields)
    elif what.startswith("guest") and store.guests:
        more = {"attributes": {"emails": b}, "whole": False} if what == "guest.update" else {}
        store.write(what, ref=nth(store.guests, a), **more)
    elif what.startswith("order") and store.orders:
        more = {"attributes": {"email": b}} if what == "order.contact" else {}
        store.write(what, ref=nth(store.orders, a), **more)


def check(store: Store) -> None:
    """What is counted is what is there."""
    stats = store.stats()
    people = store.people
    assert stats["guests"] == len(store.guests) == len(people.came)
    assert set(store.guests) == set(people.came)
    assert stats["orders"] == len(store.orders)
    revenue: Counter[str] = Counter()
    for order in store.orders.values():
        if order.status == PURCHASED:
            revenue[order.currency] += order.price
        assert order in store.ledger.of_number(order.number)
        assert order.guest is None or order.guest.orders[order.ref] is order
        assert order.guest is None or order.guest is store.guests[order.guest.ref]
    assert {c: Decimal(v) for c, v in stats["revenue"].items() if Decimal(v)} == {c: v for c, v in revenue.items() if v}
    sessions = [session for guest in store.guests.values() for session in guest.sessions]
    assert stats["sessions"]["open"] == sum(session.is_open for session in sessions)
    assert stats["sessions"]["closed"] == sum(not session.is_open for session in sessions)
    assert stats["abandoned"]["sessions"] == sum(session.abandoned is not None for session in sessions)
    for guest in store.guests.values():
        assert guest.session_count == len(guest.sessions)
        assert len(set(guest.identities)) == len(guest.identities)
        assert all(guest in store.identities.all(each) for each in guest.identities)
        assert all(session.guest is guest for session in guest.sessions)
        assert all(order.guest is guest for order in guest.orders.values())
    known = {each for guest in store.guests.values() for each in guest.identities}
    assert len(store.identities) == len(known)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=60), FAULTS)
def test_counts_agree_and_a_restart_changes_nothing(steps: list[tuple[str, Any, Any]], faults: dict[str, Any]) -> None:
    clock = Clock()
    config = SandboxConfig(limits=Limits(waiting_events=5))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "data.db")
        kept = Store(config, clock, Journal(file, 1 << 30))
        plain = Store(config, clock)
        browsers = {store: [store.create_browser() for _ in range(4)] for store in (kept, plain)}
        for store in browsers:
            store.use_twister(Twister.of(read_faults(faults, 7), 0.0, Counter()))
        for step in steps:
            for store, ids in browsers.items():
                do(store, clock, ids, step)
                if step[0] == "wait" and store is kept:
                    clock.now -= step[1]
            check(kept)
        # A file makes no difference but that it stays.
        assert kept.stats() == plain.stats()
        before = everything(kept)
        kept.close()
        again = Store(config, clock, Journal(file, 1 << 30))
        assert everything(again) == before
        check(again)
        again.close()


def test_every_write_is_among_the_steps() -> None:
    # Those of extensions and items change nothing that is counted.
    assert set(WRITES) - {"extension.put", "extension.delete", "order.item", "order.replace"} == {
        "guest.create",
        "guest.update",
        "guest.delete",
        "order.create",
        "order.delete",
        "order.contact",
    }
