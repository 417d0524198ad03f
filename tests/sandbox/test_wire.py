"""The documented calls, over real sockets."""

import json
import shutil
import socket
import subprocess
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.cdp.endpoints import BROWSER_CREATE, EVENT_CREATE

from .client import BASIC, IDENTITY, PURCHASE, VIEW, Client, event

NAMES = [
    "Zoë",
    'Ann "Annie" O\'Hara',
    "100 % & more + more",
    "👩‍🚀 Ünal",
    "王小明",
    "محمد",
    "a\\b/c#d?e=f;g",
    "\u0000\t\n",
]
UNKNOWN = "7ed103bd-08c2-47f4-8f69-91141ca3200d"


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def raw(client: Client, target: bytes) -> int:
    """Sends the request line as it is and returns the status."""
    with socket.create_connection(client.address, timeout=10) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        reply = b""
        while got := connection.recv(65536):
            reply += got
    return int(reply.split(b" ", 2)[1])


def target(message: str) -> bytes:
    return f"{EVENT_CREATE}?client_key=sandbox&message={message}".encode()


def test_browser_id(client: Client) -> None:
    status, body = client.request("GET", f"{BROWSER_CREATE}?client_key=sandbox&message={{}}")
    assert status == 200
    assert list(body) == ["ref", "status", "version", "client_key"]
    assert (body["status"], body["version"], body["client_key"]) == ("OK", "1.2", "sandbox")


def test_event(client: Client) -> None:
    status, body = client.message(quote(compact(event(client.browser(), VIEW))))
    assert status == 201
    assert list(body) == ["ref", "status", "version", "client_key"]


@pytest.mark.parametrize("name", NAMES)
def test_names_arrive_exactly(client: Client, name: str) -> None:
    message = compact(event(client.browser(), {**IDENTITY, "firstname": name}))
    for encoded in (quote(message, safe=""), quote(message, safe=":,")):
        assert client.message(encoded)[0] == 201
        assert client.guest()["attributes"]["firstname"] == name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_any_text_arrives_exactly(client: Client, name: str) -> None:
    client.request("POST", "/_sandbox/reset")
    client.send(client.browser(), {**IDENTITY, "firstname": name})
    guest = client.guest()
    assert guest["attributes"]["firstname"] == name
    assert guest["sessions"][0]["timeline"][0]["attributes"]["firstname"] == name


def test_raw_json_in_the_request_line(client: Client) -> None:
    browser = client.browser()
    for each in PURCHASE:
        message = compact(event(browser, each)).replace(" ", "%20")
        assert raw(client, target(message)) == 201
    assert [order["referenceId"] for order in client.orders("ORDER_1")] == ["ORDER_1"]


def test_raw_utf8_in_the_request_line_is_refused(client: Client) -> None:
    message = compact(event(client.browser(), {**IDENTITY, "firstname": "Zoë"})).replace(" ", "%20")
    # Beyond ASCII a request line has to be percent-encoded; servlet containers refuse it, too.
    assert raw(client, target(message)) == 400


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on the path")
def test_curl_with_raw_json(client: Client) -> None:
    message = compact(event(client.browser(), VIEW)).replace(" ", "%20")
    url = client.url + target(message).decode()
    got = subprocess.run(
        ["curl", "-g", "-s", "-o", "-", "-w", " %{http_code}", url],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert got.stdout.endswith(" 201"), got
    assert client.stats()["events"] == {"VIEW": 1}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on the path")
def test_the_command_of_the_empty_page_works(client: Client) -> None:
    command = client.get("/_sandbox/about")["firstEvent"]
    subprocess.run(["sh", "-c", command], capture_output=True, timeout=10, check=True)
    assert client.stats()["events"] == {"VIEW": 1}


def test_plus_is_a_space_and_percent_2b_a_plus(client: Client) -> None:
    message = compact(event(client.browser(), {**IDENTITY, "firstname": "A", "phone": "PHONE"}))
    encoded = quote(message, safe="").replace("home%20page", "home+page").replace("PHONE", "%2B44+1")
    assert client.message(encoded)[0] == 201
    attributes = client.guest()["sessions"][0]["timeline"][0]["attributes"]
    assert (attributes["page"], attributes["phone"]) == ("home page", "+44 1")


@pytest.mark.parametrize("path", [BROWSER_CREATE, EVENT_CREATE])
@pytest.mark.parametrize("query", ["", "?client_key=wrong&message=%7B%7D", "?message=%7B%7D"])
def test_wrong_client_key(client: Client, path: str, query: str) -> None:
    status, body = client.request("GET", path + query)
    assert status == 401
    assert list(body) == ["status", "code", "error_msg", "moreInfo"]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "%7B",
        "[]",
        "7",
        "null",
        "%22text%22",
        "%FF",
        "%7B%7D",
        '%7B"type":"VIEW"%7D',
        '%7B"browser_id":"x"%7D',
        '%7B"browser_id":"x","type":""%7D',
        '%7B"browser_id":7,"type":"VIEW"%7D',
        "%7B%22a%22:NaN%7D",
    ],
)
def test_bad_messages(client: Client, message: str) -> None:
    status, body = client.message(message)
    assert (status, body["status"]) == (400, 400)
    assert client.request("GET", f"{EVENT_CREATE}?client_key=sandbox")[0] == 400


def test_unknown_browser(client: Client) -> None:
    status, body = client.message(quote(compact(event(UNKNOWN, VIEW))))
    assert (status, body["status"]) == (404, 404)


@pytest.mark.parametrize("extra", [{"pos": "nowhere"}, {"pos": None}])
def test_unknown_point_of_sale_is_201_and_nothing(client: Client, extra: dict[str, Any]) -> None:
    client.send(client.browser(), {**VIEW, **extra})
    stats = client.stats()
    assert (stats["rejected"], stats["events"], stats["guests"]) == (1, {}, 0)


def test_only_get(client: Client) -> None:
    assert client.request("POST", EVENT_CREATE)[0] == 405
    assert client.request("POST", BROWSER_CREATE)[0] == 405
    assert client.request("GET", "/v9/nothing")[0] == 404


def test_endless_urls_and_headers_are_refused(client: Client) -> None:
    assert raw(client, target("x" * 70_000)) == 414
    assert raw(client, b"/ HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\nY:") == 431


def test_pipelined_requests(client: Client) -> None:
    line = b"GET " + BROWSER_CREATE.encode() + b"?client_key=sandbox HTTP/1.1\r\nHost: x\r\n"
    with socket.create_connection(client.address, timeout=10) as connection:
        connection.sendall((line + b"\r\n") * 4 + line + b"Connection: close\r\n\r\n")
        reply = b""
        while got := connection.recv(65536):
            reply += got
    assert reply.count(b"HTTP/1.1 200 OK") == 5 == reply.count(b'"status":"OK"')


def test_stats(client: Client) -> None:
    assert client.stats() == {
        "browsers": 0,
        "guests": 0,
        "sessions": {"open": 0, "closed": 0},
        "events": {},
        "orders": 0,
        "revenue": {},
        "abandoned": {"sessions": 0, "revenue": {}},
        "rejected": 0,
        "rejectedPointsOfSale": {},
    }
    client.send(client.browser(), *PURCHASE)
    assert client.stats() == {
        "browsers": 1,
        "guests": 1,
        "sessions": {"open": 1, "closed": 0},
        "events": {"VIEW": 1, "IDENTITY": 1, "ADD": 1, "CONFIRM": 1, "CHECKOUT": 1},
        "orders": 1,
        "revenue": {"GBP": "149.70"},
        "abandoned": {"sessions": 0, "revenue": {}},
        "rejected": 0,
        "rejectedPointsOfSale": {},
    }
    assert client.request("POST", "/_sandbox/reset")[0] == 204
    assert client.stats()["browsers"] == client.guests()["total"] == 0


def test_same_email_on_two_browsers(client: Client) -> None:
    client.send(client.browser(), VIEW, IDENTITY)
    client.send(client.browser(), VIEW, {**IDENTITY, "email": "ADA@EXAMPLE.ORG", "city": "London"})
    guest = client.guest("ada@example.org")
    assert (guest["sessionCount"], len(guest["browserIds"]), guest["attributes"]["city"]) == (2, 2, "London")
    assert guest["guestType"] == "customer"


def test_order_rest(client: Client) -> None:
    browser = client.browser()
    client.send(browser, *PURCHASE)
    guest = client.get(f"/v1.2/browser/{browser}/show.json?client_key=sandbox&api_token=sandbox")["customer"]["ref"]

    (order,) = client.orders("order_1")
    assert (order["referenceId"], order["status"], order["currencyCode"]) == ("ORDER_1", "PURCHASED", "GBP")
    assert order["price"] == 149.70
    assert order["guest"]["href"].endswith(guest)
    (line,) = order["orderItems"]["items"]
    assert (line["itemId"], line["quantity"], line["price"]) == ("EXACT_90", 3, 49.90)

    listed = client.get(f"/v2.1/orders?guestRef={guest}", authorization=BASIC)
    assert list(listed) == ["href", "offset", "limit", "first", "last", "items"]
    assert listed["items"] == [{"href": order["href"], "ref": order["ref"]}]
    assert client.get(f"/v2.1/orders/{order['ref']}", authorization=BASIC) == order
    assert client.orders("ORDER_2") == []
    assert client.request("GET", "/v2.1/orders", authorization=BASIC)[0] == 400
    assert client.request("GET", "/v2.1/orders?referenceId=x&limit=x", authorization=BASIC)[0] == 400
    assert client.request("GET", "/v2.1/orders/x", authorization=BASIC)[0] == 404


@pytest.mark.parametrize("authorization", ["", "Basic c2FuZGJveDp3cm9uZw==", "Basic ?", "Bearer sandbox", BASIC[:-4]])
def test_order_rest_wants_credentials(client: Client, authorization: str) -> None:
    status, body = client.request("GET", "/v2.1/orders?referenceId=x", authorization=authorization)
    assert (status, body["code"], body["status"]) == (401, 401, "UNAUTHORIZED")
    assert client.request("GET", "/v2.1/orders/x", authorization=authorization)[0] == 401


def test_show_browser_refuses(client: Client) -> None:
    path = f"/v1.2/browser/{UNKNOWN}/show.json"
    assert client.request("GET", f"{path}?client_key=sandbox&api_token=wrong")[0] == 401
    assert client.request("GET", f"{path}?client_key=sandbox&api_token=sandbox")[0] == 404
    assert client.get(path.replace(UNKNOWN, client.browser()) + "?client_key=sandbox&api_token=sandbox")
    assert client.stats()["guests"] == 0


@pytest.mark.parametrize("path", ["", "mend.js", "parts.js", "app.js", "style.css"])
def test_page_files(client: Client, path: str) -> None:
    assert client.get(f"/_sandbox/{path}")
