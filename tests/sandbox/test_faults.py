"""Faults: their document, those behind the reply (rules alone), those that a client sees (over real sockets)."""

import json
import time
from collections import Counter
from decimal import Decimal
from random import Random
from statistics import median
from typing import Any

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.faults import FaultError, Only
from harness.sandbox.faults_options import document_of
from harness.sandbox.faults_read import read_faults
from harness.sandbox.process import SandboxProcess
from harness.sandbox.store import Store
from harness.sandbox.twister import Twister
from harness.sandbox.wire_faults import draw_latency_s, stalled_for

from .client import ADD, CHECKOUT, CONFIRM, IDENTITY, ORDER, PURCHASE, VIEW, Client, event
from .rules import Clock, notes, send, titles

# -- the document ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "The faults are one JSON object."),
        ({"latncy": "5ms"}, "latncy is no fault; did you mean latency?"),
        ({"x": 1}, "x is no fault; there are latency, errors, resets"),
        ({"seed": -1}, "seed: must be a whole number, not negative."),
        ({"seed": "1"}, "seed: must be a whole number, not negative."),
        ({"drop": "a lot"}, 'drop.rate: must be a share from 0 to 1, like 0.01 or "1%".'),
        ({"drop": 1.5}, 'drop.rate: must be a share from 0 to 1, like 0.01 or "1%".'),
        ({"drop": "101%"}, 'drop.rate: must be a share from 0 to 1, like 0.01 or "1%".'),
        ({"drop": float("nan")}, 'drop.rate: must be a share from 0 to 1, like 0.01 or "1%".'),
        ({"drop": {"only": ["ADD"]}}, 'drop: rate is missing: a share from 0 to 1, like 0.01 or "1%".'),
        ({"drop": {"rate": 1, "of": "ADD"}}, "drop: of is not known here."),
        ({"drop": {"rate": 1, "only": ["/v2"]}}, 'drop.only: must be a list of event types, like ["CHECKOUT"].'),
        ({"drop": [{"rate": 1}, {"rate": "x"}]}, "drop[1].rate: must be"),
        ({"drop": [0.1] * 51}, "drop: has more than 50 rules."),
        ({"latency": "soon"}, 'latency.fixed: must be a duration, like "200ms" or "5s".'),
        ({"latency": {"uniform": ["5s", "1s"]}}, 'latency.uniform: must be two durations, like ["10ms", "80ms"].'),
        ({"latency": {"uniform": "5s"}}, 'latency.uniform: must be two durations, like ["10ms", "80ms"].'),
        ({"latency": {"lognormal": {"sigma": 1}}}, "latency.lognormal: median is missing"),
        (
            {"latency": {"lognormal": {"median": 1, "sigma": 9}}},
            "latency.lognormal.sigma: must be a number from 0 to 5.",
        ),
        ({"latency": {"fixed": 1, "max": "2m"}}, "latency.max: must be 60s at most."),
        ({"errors": {"rate": 1, "status": 200}}, "errors.status: must be a status from 400 to 599."),
        ({"errors": {"rate": 1, "stored": "yes"}}, "errors.stored: must be true or false."),
        ({"errors": {"rate": 1, "only": []}}, "errors.only: must be a list of event types"),
        ({"stall": {"for": "2s", "every": "1s"}}, "stall.every: must be longer than for."),
        ({"rate_limit": "0/s"}, 'rate_limit.rate: must be a rate, like "100/s".'),
        ({"rate_limit": {"rate": 1, "burst": 0}}, "rate_limit.burst: must be a whole number"),
        ({"wrong_price": {}}, "wrong_price: factor or add is missing"),
        ({"wrong_price": {"add": "a bit"}}, "wrong_price.add: must be a number."),
        ({"ignore_currency": ""}, "ignore_currency.currency: must be a currency, like EUR."),
        ({"confirm_before_add": 1}, "confirm_before_add: must be true or false."),
        ({"visible_after": "2d"}, 'visible_after.delay: must be a duration, like "200ms" or "5s".'),
    ],
)
def test_mistakes_have_a_place_and_a_way_out(document: object, told: str) -> None:
    with pytest.raises(FaultError) as wrong:
        read_faults(document, 0)
    assert str(wrong.value).startswith(told)
    assert "\n" not in str(wrong.value)


def test_short_and_long_are_the_same() -> None:
    short = read_faults({"drop": "0.1%", "latency": "50ms", "stall": "2s", "wrong_price": 1.1, "errors": 0.5}, 7)
    long = read_faults(
        {
            "seed": 7,
            "drop": [{"rate": 0.001}],
            "latency": {"fixed": 0.05},
            "stall": {"for": 2},
            "wrong_price": {"factor": "1.1"},
            "errors": {"rate": "50%", "status": 503, "stored": False},
        },
        0,
    )
    for name in ("seed", "drop", "latency", "stall", "wrong_price", "errors"):
        assert getattr(short, name) == getattr(long, name)
    assert short.on_the_wire
    assert not read_faults({"drop": 1, "errors": None}, 0).on_the_wire


@pytest.mark.parametrize(
    ("latency", "faults", "document"),
    [
        (None, (), {}),
        ("50ms", (), {"latency": "50ms"}),
        ("10ms..80ms", (), {"latency": {"uniform": ["10ms", "80ms"]}}),
        ("lognormal:40ms:0.7", (), {"latency": {"lognormal": {"median": "40ms", "sigma": 0.7}}}),
        (None, ("drop=0.1%",), {"drop": "0.1%"}),
        (None, ("drop=0.1%@ADD,CONFIRM",), {"drop": {"rate": "0.1%", "only": ["ADD", "CONFIRM"]}}),
        (None, ("stall=2s@/v2",), {"stall": {"for": "2s", "only": ["/v2"]}}),
        (None, ("drop=1%", "drop=2%"), {"drop": ["1%", "2%"]}),
        (None, ("confirm-before-add",), {"confirm_before_add": True}),
        (None, ("wrong_price=1.1",), {"wrong_price": 1.1}),
        (None, ('errors={"rate":1,"status":429}',), {"errors": {"rate": 1, "status": 429}}),
    ],
)
def test_options(latency: str | None, faults: tuple[str, ...], document: dict[str, Any]) -> None:
    assert document_of(latency, faults) == document
    read_faults(document_of(latency, faults), 0)


@pytest.mark.parametrize(
    ("latency", "faults", "told"),
    [
        ("gamma:1", (), "--latency: gamma is no distribution"),
        ("lognormal:1s:x", (), "--latency: x is no number"),
        (None, ("errors={",), "--fault errors is not JSON"),
        (None, ("@/nowhere/faults.json",), "/nowhere/faults.json cannot be read"),
    ],
)
def test_options_that_are_wrong(latency: str | None, faults: tuple[str, ...], told: str) -> None:
    with pytest.raises(FaultError, match=told):
        document_of(latency, faults)


def test_a_file_of_faults(tmp_path: Any) -> None:
    file = tmp_path / "faults.json"
    file.write_text('{"drop": 0.5, "seed": 3}')
    assert document_of("1s", (f"@{file}", "errors=1%")) == {"drop": 0.5, "seed": 3, "errors": "1%", "latency": "1s"}
    file.write_text("[1]")
    with pytest.raises(FaultError, match="one JSON object"):
        document_of(None, (f"@{file}",))
    file.write_text(" " * 70_000)
    with pytest.raises(FaultError, match="longer than 64 KiB"):
        document_of(None, (f"@{file}",))


@pytest.mark.parametrize(
    ("only", "path", "kind", "fits"),
    [
        (Only(), "/v2/guests", "", True),
        (Only(frozenset({"ADD"})), "/x", "ADD", True),
        (Only(frozenset({"ADD"})), "/x", "VIEW", False),
        (Only(paths=("/v2/",)), "/v2/guests", "", True),
        (Only(paths=("/v2/",)), "/v2.1/orders", "", False),
        (Only(frozenset({"ADD"}), ("/v2/",)), "/v1.2/events", "ADD", True),
    ],
)
def test_what_a_rule_is_about(only: Only, path: str, kind: str, fits: bool) -> None:
    assert only.fits(path, kind) is fits


@pytest.mark.parametrize(
    ("stall", "stalled"),
    [
        ({"for": "2s"}, {0: 2, 1: 1, 2: 0, 50: 0}),
        ({"for": "2s", "after": "3s"}, {0: 0, 3: 2, 4.5: 0.5, 5: 0}),
        ({"for": "2s", "after": "3s", "every": "10s"}, {0: 0, 3: 2, 5: 0, 13: 2, 14: 1, 99: 0, 103.5: 1.5}),
    ],
)
def test_stall_windows(stall: dict[str, Any], stalled: dict[float, float]) -> None:
    (rule,) = read_faults({"stall": stall}, 0).stall
    assert {at: stalled_for(rule, at) for at in stalled} == stalled


def test_latencies() -> None:
    stream = Random(1)
    fixed, uniform, lognormal = read_faults(
        {
            "latency": [
                {"fixed": "50ms"},
                {"uniform": ["10ms", "80ms"]},
                {"lognormal": {"median": "40ms", "sigma": 0.5}, "max": "100ms"},
            ]
        },
        0,
    ).latency
    assert draw_latency_s(fixed, stream) == 0.05
    drawn = [draw_latency_s(uniform, stream) for _ in range(2000)]
    assert (min(drawn) >= 0.01, max(drawn) <= 0.08, abs(median(drawn) - 0.045) < 0.003) == (True, True, True)
    drawn = [draw_latency_s(lognormal, stream) for _ in range(2000)]
    assert (max(drawn), abs(median(drawn) - 0.04) < 0.003) == (0.1, True)


# -- behind the reply, by the rules alone -------------------------------------------------------------


def twisted(store: Store, seed: int = 1, **document: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    store.use_twister(Twister.of(read_faults(document, seed), 0.0, counts))
    return counts


def purchase(store: Store, number: int, email: str = "") -> str:
    browser = store.create_browser()
    identity = {**IDENTITY, "email": email or f"{number}@example.org"}
    send(store, browser, VIEW, identity, ADD, CONFIRM, {**CHECKOUT, "reference_id": f"o{number}"})
    return browser


def test_without_faults_there_is_no_twister() -> None:
    assert Twister.of(read_faults({}, 1), 0.0, Counter()) is None
    assert Twister.of(read_faults({"latency": "1s"}, 1), 0.0, Counter()) is None


def test_dropped_events(store: Store) -> None:
    counts = twisted(store, drop={"rate": 0.3, "only": ["CHECKOUT"]})
    for number in range(200):
        purchase(store, number)
    stats = store.stats()
    assert stats["events"]["CHECKOUT"] + counts["drop"] == 200
    assert stats["orders"] == stats["events"]["CHECKOUT"]
    assert 30 < counts["drop"] < 90
    assert stats["events"]["ADD"] == 200


def test_the_same_seed_drops_the_same(clock: Clock) -> None:
    def orders(seed: int, **more: Any) -> list[str]:
        store = Store(SandboxConfig(), clock)
        twisted(store, seed, drop=0.1, **more)
        for number in range(50):
            purchase(store, number)
        return [order.number for order in store.orders.values()]

    assert orders(1) == orders(1) == orders(1, wrong_price=2) != orders(2)


def test_an_order_written_twice(store: Store) -> None:
    twisted(store, duplicate_orders=1)
    purchase(store, 1)
    first, second = store.ledger.of_number("O1")
    assert (first.ref != second.ref, first.price, first.guest) == (True, second.price, second.guest)
    assert (store.stats()["orders"], store.stats()["revenue"]) == (2, {"GBP": "299.40"})
    assert store.guests[next(iter(store.guests))].orders == {first.ref: first, second.ref: second}


@pytest.mark.parametrize(
    ("fault", "price"),
    [(1.1, "164.67"), ({"add": "0.01"}, "149.71"), ({"factor": 2, "add": -1}, "298.4"), ({"factor": 0}, "0")],
)
def test_a_wrong_price(store: Store, fault: Any, price: str) -> None:
    twisted(store, wrong_price=fault)
    purchase(store, 1)
    (order,) = store.orders.values()
    assert order.price == Decimal(price)
    assert [line.price for line in order.lines] == [Decimal("49.9")]


def test_a_currency_ignored(store: Store) -> None:
    twisted(store, ignore_currency="eur")
    purchase(store, 1)
    send(
        store,
        store.create_browser(),
        {**IDENTITY, "email": "x@example.org"},
        {"type": "ORDER_CHECKOUT", "order": ORDER},
    )
    assert store.stats()["revenue"] == {"EUR": "270.20"}
    for order in store.orders.values():
        assert {order.currency, *(line.currency for line in order.lines)} == {"EUR"}


def test_an_identity_merged_into_the_wrong_guest(store: Store) -> None:
    purchase(store, 1)
    twisted(store, merge_identities=1)
    browser = purchase(store, 2)
    (guest,) = store.guests.values()
    assert guest.email == "1@example.org"
    assert {order.number for order in guest.orders.values()} == {"O1", "O2"}
    assert store.identities.get(("", "2@example.org")) is guest is store.browsers[browser]


def test_confirm_before_add_accepted(store: Store) -> None:
    out_of_order = (VIEW, IDENTITY, CONFIRM, ADD, CHECKOUT)
    twisted(store, confirm_before_add=True)
    send(store, store.create_browser(), *out_of_order)
    (order,) = store.orders.values()
    assert ([line.name for line in order.lines], order.price) == (["Exact 90"], Decimal("149.7"))
    assert notes(store) == []
    send(store, store.create_browser(), VIEW, IDENTITY, CONFIRM, {**CHECKOUT, "reference_id": "o2"})
    assert store.order_numbers["O2"].price == 0

    twisted(store)
    send(store, store.create_browser(), *out_of_order[:4], {**CHECKOUT, "reference_id": "o3"})
    assert "O3" not in store.order_numbers
    assert titles(store).count("Order Confirmed") == 2


def test_rest_writes_have_no_faults(store: Store) -> None:
    twisted(store, wrong_price=2, duplicate_orders=1)
    purchase(store, 1)
    fields = {"referenceId": "x", "orderedAt": "2024-01-01T00:00:00Z", "currencyCode": "GBP", "price": 1}
    store.advance()
    assert store.write("order.create", fields=fields).price == 1
    assert len(store.ledger.of_number("X")) == 1


# -- what a client sees -------------------------------------------------------------------------------


def view(client: Client, browser: str, **attributes: Any) -> tuple[int, Any]:
    return client.post("/v1.2/events", {**event(browser, {**VIEW, **attributes}), "client_key": "sandbox"})


def test_set_shown_and_taken_away(client: Client) -> None:
    shown = client.faults(drop=0.5, seed=3)
    assert shown == {"faults": {"drop": 0.5}, "seed": 3, "injected": {}, "waiting": 0}
    assert client.get("/_sandbox/faults") == shown
    # One that is wrong changes nothing.
    for wrong in ({"drop": 2}, [], b"{", b" " * 70_000):
        status, error = client.rest("PUT", "/_sandbox/faults", wrong)
        assert status == (413 if wrong == b" " * 70_000 else 400)
        assert error["error_msg"]
    assert client.get("/_sandbox/faults") == shown
    browser = client.browser()
    client.send(browser, *[VIEW] * 40)
    first = client.get("/_sandbox/faults")["injected"]["drop"]
    # A reset forgets what arrived, not what goes wrong, which begins anew.
    client.request("POST", "/_sandbox/reset")
    assert client.get("/_sandbox/faults") == shown
    client.send(client.browser(), *[VIEW] * 40)
    assert client.get("/_sandbox/faults")["injected"]["drop"] == first == 40 - client.stats()["events"]["VIEW"]
    assert client.request("DELETE", "/_sandbox/faults")[0] == 204
    assert client.get("/_sandbox/faults")["faults"] == {}


def test_errors(client: Client) -> None:
    browser = client.browser()
    client.faults(errors=[{"rate": 1, "status": 429, "retry_after": "1.5s", "only": ["ADD"]}, {"rate": 0}])
    assert view(client, browser)[0] == 201
    assert client.message(json.dumps(event(browser, ADD)).replace(" ", "%20").replace('"', "%22"))[0] == 429
    assert view(client, browser, type="ADD") == (
        429,
        {
            "status": 429,
            "code": 429,
            "error_msg": "A fault that the sandbox was told to have.",
            "moreInfo": "https://doc.sitecore.com/cdp",
        },
    )
    client._connection.request("POST", "/v1.2/events", json.dumps(event(browser, ADD)))
    reply = client._connection.getresponse()
    reply.read()
    assert (reply.status, reply.headers["retry-after"]) == (429, "2")
    assert client.stats()["events"] == {"VIEW": 1}
    client.faults(errors={"rate": 1, "only": ["/v2/"]})
    assert client.rest("GET", "/v2/guests")[0] == 503
    assert client.rest("GET", "/v2.1/orders/x")[0] == 404


def test_errors_after_the_work_is_done(client: Client) -> None:
    browser = client.browser()
    client.faults(errors={"rate": 1, "stored": True, "only": ["CHECKOUT"]})
    client.send(browser, *PURCHASE[:-1])
    assert view(client, browser, **CHECKOUT)[0] == 503
    assert len(client.orders("ORDER_1")) == 1


def test_bodies_that_are_too_long_are_so_still(client: Client) -> None:
    client.faults(errors={"rate": 0, "only": ["ADD"]})
    assert client.post("/v1.2/events", b" " * 70_000)[0] == 413


@pytest.mark.parametrize("stored", [False, True])
def test_resets(client: Client, stored: bool) -> None:
    browser = client.browser()
    client.faults(resets={"rate": 1, "stored": stored, "only": ["/v1.2/events"]})
    with pytest.raises(ConnectionResetError):
        view(client, browser)
    client.close()
    assert client.stats()["events"] == ({"VIEW": 1} if stored else {})
    assert client.get("/_sandbox/faults")["injected"] == {"resets": 1}


def test_latency_is_added(client: Client) -> None:
    browser = client.browser()
    client.faults(latency={"fixed": "300ms", "only": ["VIEW"]})
    started = time.monotonic()
    assert view(client, browser)[0] == 201
    assert time.monotonic() - started >= 0.3


def test_latency_comes_after_the_work(client: Client) -> None:
    client.send(client.browser(), VIEW)
    client.faults(latency={"fixed": "50s", "only": ["SEARCH"]})
    browser, other = client.browser(), Client(client.url)
    body = json.dumps({**event(browser, {"type": "SEARCH"}), "client_key": "sandbox"})
    client._connection.request("POST", "/v1.2/events", body)
    # The event is there, long before its reply is.
    deadline = time.monotonic() + 20
    while other.stats()["events"] != {"VIEW": 1, "SEARCH": 1}:
        assert time.monotonic() < deadline
    other.close()


def test_a_stall_holds_everything(client: Client) -> None:
    browser = client.browser()
    started = time.monotonic()
    client.faults(stall="600ms")
    assert view(client, browser)[0] == 201
    assert time.monotonic() - started >= 0.6
    assert client.get("/_sandbox/faults")["injected"] == {"stall": 1}


def test_a_rate_limit(client: Client) -> None:
    browser = client.browser()
    client.faults(rate_limit={"rate": 0.001, "burst": 3, "retry_after": "7s"})
    assert [view(client, browser)[0] for _ in range(5)] == [201, 201, 201, 429, 429]
    assert client.stats()["events"] == {"VIEW": 3}


def test_the_process_takes_faults_from_its_start() -> None:
    config = SandboxConfig(faults={"drop": 1}, visible_after_s=1.0, session_timeout_s=1.5)
    with SandboxProcess(config) as process:
        client = Client(process.url)
        client.send(client.browser(), VIEW)
        assert client.get("/_sandbox/faults")["injected"] == {"drop": 1}
        client.close()
