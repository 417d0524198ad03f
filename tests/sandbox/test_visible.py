"""Events that are acknowledged at once and visible only later."""

import json
import time
from collections import Counter
from typing import Any

import pytest

from harness.sandbox.config import Limits, SandboxConfig
from harness.sandbox.faults_read import read_faults
from harness.sandbox.process import SandboxProcess
from harness.sandbox.store import Outcome, Store
from harness.sandbox.twister import Twister

from .client import FORCE_CLOSE, IDENTITY, PURCHASE, VIEW, Client, event
from .rules import Clock, entries, send


def late(clock: Clock, delay_s: float = 5.0, limits: Limits | None = None, **document: Any) -> Store:
    store = Store(SandboxConfig(limits=limits or Limits()), clock)
    store.use_twister(Twister.of(read_faults(document, 1), delay_s, Counter()))
    return store


def test_effects_come_later_and_in_order(clock: Clock) -> None:
    store = late(clock)
    browser = store.create_browser()
    for each in PURCHASE:
        assert send(store, browser, each) is Outcome.ACCEPTED
        clock.now += 1
    assert (store.stats()["events"], store.waiting_count) == ({"VIEW": 1}, 4)
    clock.now += 3
    assert (store.stats()["orders"], store.stats()["events"]) == (0, {"VIEW": 1, "IDENTITY": 1, "ADD": 1, "CONFIRM": 1})
    clock.now += 1
    assert (store.stats()["orders"], store.waiting_count) == (1, 0)
    # The timeline has the times at which they were sent.
    assert [entry.at - entries(store)[0].at for entry in entries(store)] == [0, 1, 2, 3, 4]


def test_what_is_refused_is_refused_at_once(clock: Clock) -> None:
    store = late(clock)
    assert send(store, "nobody", VIEW) is Outcome.UNKNOWN_BROWSER
    assert send(store, store.create_browser(), {**VIEW, "pos": "nowhere"}) is Outcome.REJECTED
    assert (store.rejections.count, store.waiting_count) == (1, 0)


def test_later_for_one_type_means_later_for_what_follows(clock: Clock) -> None:
    store = late(clock, 0.0, visible_after={"delay": "5s", "only": ["ADD"]})
    browser = store.create_browser()
    send(store, browser, *PURCHASE)
    assert store.stats()["events"] == {"VIEW": 1, "IDENTITY": 1}
    clock.now += 5
    assert store.stats()["orders"] == 1
    send(store, browser, VIEW)
    assert store.stats()["events"]["VIEW"] == 2


def test_faults_that_are_switched_off_leave_what_waits(clock: Clock) -> None:
    store = late(clock)
    browser = store.create_browser()
    send(store, browser, VIEW)
    store.use_twister(None)
    send(store, browser, IDENTITY)
    assert (store.stats()["guests"], store.waiting_count) == (0, 2)
    clock.now += 5
    assert store.stats()["events"] == {"VIEW": 1, "IDENTITY": 1}
    send(store, browser, VIEW)
    assert store.stats()["events"]["VIEW"] == 2


def test_a_session_does_not_run_out_over_events_that_wait(clock: Clock) -> None:
    store = late(clock, 1500.0)
    browser = store.create_browser()
    for _ in range(5):
        send(store, browser, VIEW)
        clock.now += 1000
    assert store.stats()["sessions"] == {"open": 1, "closed": 0}
    clock.now += 1500
    assert store.stats()["sessions"] == {"open": 0, "closed": 1}
    assert len(entries(store)) == 5


def test_what_waits_is_bounded(clock: Clock) -> None:
    store = late(clock, limits=Limits(waiting_events=3))
    browser = store.create_browser()
    send(store, browser, *[VIEW] * 10)
    assert (store.waiting_count, store.stats()["events"]) == (3, {"VIEW": 7})


def test_a_browser_forgotten_meanwhile(clock: Clock) -> None:
    store = late(clock, limits=Limits(browsers=1))
    send(store, store.create_browser(), VIEW)
    store.create_browser()
    clock.now += 5
    assert store.stats()["events"] == {}


def test_a_reset_forgets_what_waits(clock: Clock) -> None:
    store = late(clock)
    send(store, store.create_browser(), VIEW)
    store.reset()
    clock.now += 5
    assert (store.stats()["events"], store.waiting_count) == ({}, 0)


@pytest.mark.parametrize("by_fault", [False, True])
def test_over_the_wire(by_fault: bool) -> None:
    with SandboxProcess(SandboxConfig(visible_after_s=0.0 if by_fault else 1.0)) as process:
        client = Client(process.url)
        if by_fault:
            client.faults(visible_after="1s")
        sent = time.monotonic()
        browser = client.browser()
        client.send(browser, *PURCHASE, FORCE_CLOSE)
        acknowledged = time.monotonic()
        while not client.orders("ORDER_1"):
            assert time.monotonic() < acknowledged + 20
        assert time.monotonic() >= sent + 1.0
        # The rest was sent within the same moment, and is there within the same.
        while client.get("/_sandbox/faults")["waiting"]:
            assert time.monotonic() < acknowledged + 20
            client.stats()
        (session,) = client.guest()["sessions"]
        assert (session["status"], len(session["timeline"])) == ("closed", 6)
        client.close()


def test_the_raw_event_is_kept(clock: Clock) -> None:
    store = late(clock)
    browser = store.create_browser()
    raw = json.dumps(event(browser, VIEW)).encode() + b"  "
    store.record(json.loads(raw), raw)
    clock.now += 5
    store.advance()
    assert entries(store)[0].raw == raw
