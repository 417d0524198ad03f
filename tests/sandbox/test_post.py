"""The two calls that are POSTs, over real sockets: events as the JavaScript library sends them, call flows."""

import json
import socket
from typing import Any

import pytest

from harness.cdp.endpoints import CALL_FLOWS, EVENTS
from harness.sandbox.app import create_app
from harness.sandbox.config import GUEST_KNOWN, SandboxConfig, SandboxError
from harness.sandbox.process import MAX_EXPERIENCES, SandboxProcess

from .client import BASIC, FORCE_CLOSE, IDENTITY, ORDER, PAYMENT, PURCHASE, VIEW, Client, event

UNKNOWN = "7ed103bd-08c2-47f4-8f69-91141ca3200d"
LARGEST = 64 * 1024


def body(browser: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {**event(browser, attributes), "client_key": "sandbox"}


def padded(value: dict[str, Any], length: int) -> bytes:
    text = json.dumps({**value, "page": ""})
    return json.dumps({**value, "page": "x" * (length - len(text))}).encode()


def raw(client: Client, *parts: bytes) -> bytes:
    with socket.create_connection(client.address, timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        reply = b""
        while got := connection.recv(65536):
            reply += got
    return reply


# -- events ---------------------------------------------------------------------------------------


def test_an_event(client: Client) -> None:
    status, reply = client.post(EVENTS, body(client.browser(), VIEW), **{"x-library-version": "1.4.6"})
    assert status == 201
    assert list(reply) == ["ref", "status", "version", "client_key"]
    assert (reply["status"], reply["version"], reply["client_key"]) == ("OK", "1.2", "sandbox")
    (entry,) = client.guest()["sessions"][0]["timeline"]
    assert (entry["type"], entry["libraryVersion"]) == ("VIEW", "1.4.6")
    assert entry["attributes"]["page"] == "home page"


def test_both_transports_share_a_session(client: Client) -> None:
    browser = client.browser()
    events: list[dict[str, Any]] = [*PURCHASE[:-1], PAYMENT, PURCHASE[-1]]
    for number, each in enumerate(events):
        if number % 2:
            assert client.post(EVENTS, body(browser, each))[0] == 201
        else:
            client.send(browser, each)
    (order,) = client.orders("ORDER_1")
    assert (order["paymentType"], order["cardType"]) == ("Card", "Visa")
    (session,) = client.guest()["sessions"]
    assert len(session["timeline"]) == 6
    assert session["payment"] == {"paymentType": "Card", "cardType": "Visa"}


@pytest.mark.parametrize("firstname", ["Zoë", "王小明", "👩‍🚀", 'a "b" \\ c', "\u0000\n"])
def test_text_arrives_exactly(client: Client, firstname: str) -> None:
    for ascii_only in (True, False):
        sent = json.dumps(body(client.browser(), {**IDENTITY, "firstname": firstname}), ensure_ascii=ascii_only)
        assert client.post(EVENTS, sent.encode())[0] == 201
        assert client.guest()["attributes"]["firstname"] == firstname


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"\xff", 400),
        (b"{}", 401),
        ({"client_key": "wrong", "browser_id": UNKNOWN, "type": "VIEW"}, 401),
        ({"client_key": ["sandbox"], "browser_id": UNKNOWN, "type": "VIEW"}, 401),
        ({"client_key": "sandbox", "type": "VIEW"}, 400),
        ({"client_key": "sandbox", "browser_id": UNKNOWN}, 400),
        ({"client_key": "sandbox", "browser_id": UNKNOWN, "type": ""}, 400),
        ({"client_key": "sandbox", "browser_id": UNKNOWN, "type": "VIEW"}, 404),
    ],
)
def test_refusals(client: Client, content: object, status: int) -> None:
    got, reply = client.post(EVENTS, content)
    assert (got, reply["status"]) == (status, status)
    assert list(reply) == ["status", "code", "error_msg", "moreInfo"]
    assert client.stats()["events"] == {}


def test_unknown_point_of_sale_is_201_and_nothing(client: Client) -> None:
    assert client.post(EVENTS, {**body(client.browser(), VIEW), "pos": "nowhere"})[0] == 201
    assert (client.stats()["rejected"], client.stats()["events"]) == (1, {})


@pytest.mark.parametrize("path", [EVENTS, CALL_FLOWS])
def test_only_post(client: Client, path: str) -> None:
    assert client.request("GET", path)[0] == 405


@pytest.mark.parametrize("path", [EVENTS, CALL_FLOWS])
def test_the_body_is_bounded(client: Client, path: str) -> None:
    flow = {"clientKey": "sandbox", "channel": "WEB", "friendlyId": "harness_offer", "browserId": UNKNOWN}
    value: dict[str, Any]
    value, done = (body(client.browser(), VIEW), 201) if path == EVENTS else (flow, 200)
    assert client.post(path, padded(value, LARGEST))[0] == done
    # The connection survives: the next request goes through it.
    assert client.post(path, padded(value, LARGEST + 1))[0] == 413
    assert client.post(path, padded(value, 2_000_000))[0] == 413
    assert client.post(path, value)[0] == done

    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
    assert raw(client, head, chunk, chunk, chunk, b"0\r\n\r\n").startswith(b"HTTP/1.1 413 ")
    content = json.dumps(value).encode()
    small = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    assert raw(client, head, small).startswith(b"HTTP/1.1 %d " % done)


def test_expect_100_continue_is_answered_at_once(client: Client) -> None:
    content = json.dumps(body(client.browser(), VIEW)).encode()
    head = f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(client.address, timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(content)
        assert connection.recv(1000).startswith(b"HTTP/1.1 201 ")


def test_who_asks_before_sending_too_much_is_told_at_once(client: Client) -> None:
    head = f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(client.address, timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_abandoned_revenue_is_told(client: Client) -> None:
    browser = client.browser()
    client.send(browser, *PURCHASE[:3], FORCE_CLOSE)
    client.send(browser, VIEW, {"type": "ORDER_CHECKOUT", "order": ORDER})
    client.send(browser, {**PURCHASE[-1], "status": "REFUNDED", "reference_id": "whole_1"})
    assert client.stats()["abandoned"] == {"sessions": 1, "revenue": {"GBP": "149.70"}}
    guest = client.guest()
    assert (guest["abandoned"], guest["revenue"]) == ({"GBP": "149.70"}, {})
    assert [session["abandoned"] for session in guest["sessions"]] == [None, {"GBP": "149.70"}]
    assert guest["sessions"][1]["timeline"][-1]["value"] == "GBP 149.70"
    (order,) = client.orders("whole_1")
    assert (order["status"], order["price"], order["orderedAt"]) == ("REFUNDED", 120.5, "2024-05-01T10:00:00.000Z")
    assert client.get(f"/v2.1/orders/{order['ref']}", authorization=BASIC) == order


# -- call flows -----------------------------------------------------------------------------------


def flow(**attributes: Any) -> dict[str, Any]:
    call = {
        "clientKey": "sandbox",
        "channel": "WEB",
        "language": "EN",
        "currencyCode": "GBP",
        "pointOfSale": "pastoral-witty-grill",
        "friendlyId": "harness_offer",
        "params": {"page": "home"},
        **attributes,
    }
    return {name: value for name, value in call.items() if value is not None}


def test_an_offer_for_those_who_are_known_and_those_who_are_not(client: Client) -> None:
    visitor, customer = client.browser(), client.browser()
    crm = {"provider": "CRM", "id": "7"}
    client.send(visitor, VIEW)
    client.send(customer, VIEW, {**IDENTITY, "identifiers": [crm]})
    for named, known in (
        ({"browserId": visitor}, False),
        ({"browserId": client.browser()}, False),
        ({"browserId": UNKNOWN}, False),
        ({"email": "bob@example.org"}, False),
        ({"identifiers": {**crm, "provider": "ERP"}}, False),
        ({"browserId": customer}, True),
        ({"email": "ADA@example.org"}, True),
        ({"identifiers": crm}, True),
    ):
        status, reply = client.post(CALL_FLOWS, flow(**named))
        assert (status, reply) == (200, {"offer": {"id": "OFFER_10", "discount": 10}, "guest": {"known": known}})
    # A call is no event.
    assert (client.stats()["guests"], sum(client.stats()["events"].values())) == (2, 3)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"clientKey=sandbox", 400),
        (b"[]", 400),
        (b"{}", 401),
        (flow(clientKey="wrong", browserId=UNKNOWN), 401),
        (flow(friendlyId=None, browserId=UNKNOWN), 400),
        (flow(friendlyId={}, browserId=UNKNOWN), 400),
        (flow(channel=None, browserId=UNKNOWN), 400),
        (flow(), 400),
        (flow(browserId="", email=" "), 400),
        (flow(browserId=[], identifiers={"id": "7"}), 400),
        (flow(friendlyId="nothing", browserId=UNKNOWN), 404),
    ],
)
def test_call_flow_refusals(client: Client, content: object, status: int) -> None:
    got, reply = client.post(CALL_FLOWS, content)
    assert (got, reply["status"]) == (status, status)
    assert list(reply) == ["status", "code", "error_msg", "moreInfo"]


def test_experiences_reach_the_process() -> None:
    texts = [f'say "{GUEST_KNOWN}"', "ö", 0.1, None]
    reply = {"is": [GUEST_KNOWN, *texts], GUEST_KNOWN: 1}
    with SandboxProcess(SandboxConfig(experiences={"a": reply, "b": "text"})) as process:
        client = Client(process.url)
        assert client.post(CALL_FLOWS, flow(friendlyId="a", email="x")) == (200, {**reply, "is": [False, *texts]})
        assert client.post(CALL_FLOWS, flow(friendlyId="b", email="x")) == (200, "text")
        assert client.post(CALL_FLOWS, flow(email="x"))[0] == 404
        client.close()


def test_experiences_that_are_no_json() -> None:
    config = SandboxConfig(experiences={"bad": object()})
    with pytest.raises(SandboxError, match="cannot be written as JSON"):
        create_app(config)
    with pytest.raises(SandboxError, match="cannot be written as JSON"):
        SandboxProcess(config)
    with pytest.raises(SandboxError, match="are longer than"):
        SandboxProcess(SandboxConfig(experiences={"long": "x" * MAX_EXPERIENCES}))
