"""A small HTTP client and the events of a purchase, for the tests."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from harness.cdp.endpoints import BROWSER_CREATE, EVENT_CREATE

POS = "pastoral-witty-grill"
BASIC = "Basic " + base64.b64encode(b"sandbox:sandbox").decode()
PRODUCT = {
    "type": "SHOES",
    "item_id": "EXACT_90",
    "name": "Exact 90",
    "quantity": 3,
    "price": 49.90,
    "currency": "GBP",
}

VIEW = {"type": "VIEW"}
IDENTITY = {"type": "IDENTITY", "email": "ada@example.org", "firstname": "Ada", "lastname": "Lovelace"}
ADD = {"type": "ADD", "product": PRODUCT}
CONFIRM = {"type": "CONFIRM", "product": [{"item_id": "EXACT_90"}]}
CHECKOUT = {"type": "CHECKOUT", "status": "PURCHASED", "reference_id": "order_1"}
PAYMENT = {"type": "PAYMENT", "pay_type": "Card", "card_type": "Visa"}
CLEAR_CART = {"type": "CLEAR_CART"}
FORCE_CLOSE = {"type": "FORCE_CLOSE"}
ORDER = {
    "referenceId": "whole_1",
    "orderedAt": "2024-05-01T10:00:00Z",
    "status": "PURCHASED",
    "currencyCode": "GBP",
    "price": 120.5,
    "paymentType": "Card",
    "cardType": "Amex",
    "orderItems": [
        {"type": "SHOES", "productId": "EXACT_90", "name": "Exact 90", "quantity": 2, "price": 49.9},
        {"type": "MUGS", "productId": "MUG", "price": 20.7, "currencyCode": "GBP"},
    ],
}
PURCHASE = (VIEW, IDENTITY, ADD, CONFIRM, CHECKOUT)


def event(browser_id: str, attributes: dict[str, Any]) -> dict[str, Any]:
    common = {"channel": "WEB", "language": "EN", "currency": "GBP", "page": "home page", "pos": POS}
    return {**common, "browser_id": browser_id, **attributes}


class Client:
    def __init__(self, url: str) -> None:
        self.url = url
        self.address = (str(urlsplit(url).hostname), int(urlsplit(url).port or 0))
        self._connection = http.client.HTTPConnection(*self.address, timeout=10)

    @classmethod
    @contextlib.contextmanager
    def anew(cls, url: str) -> Iterator[Client]:
        """Of a sandbox that has forgotten everything and has no faults."""
        client = cls(url)
        client.request("DELETE", "/_sandbox/faults")
        client.request("POST", "/_sandbox/reset")
        yield client
        client.close()

    def request(self, method: str, path: str, **headers: str) -> tuple[int, Any]:
        self._connection.request(method, path, headers=headers)
        reply = self._connection.getresponse()
        body = reply.read()
        is_json = reply.headers.get("content-type") == "application/json"
        return reply.status, json.loads(body) if is_json else body

    def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        """Bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._connection.request("POST", path, content, {"content-type": "application/json", **headers})
        reply = self._connection.getresponse()
        return reply.status, json.loads(reply.read())

    def rest(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """A REST call with credentials: bytes as they are, anything else but None as JSON."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"authorization": BASIC, **({"content-type": "application/json"} if content else {}), **headers}
        self._connection.request(method, path.removeprefix(self.url), content, sent)
        reply = self._connection.getresponse()
        text = reply.read()
        return reply.status, json.loads(text) if text else None

    def read(self, path: str) -> Any:
        """What a REST call shows."""
        status, body = self.rest("GET", path)
        assert status == 200, (status, body)
        return body

    def faults(self, **document: Any) -> Any:
        """Sets faults."""
        status, body = self.rest("PUT", "/_sandbox/faults", document)
        assert status == 200, body
        return body

    def get(self, path: str, **headers: str) -> Any:
        status, body = self.request("GET", path, **headers)
        assert status == 200, (status, body)
        return body

    def browser(self) -> str:
        ref: str = self.get(f"{BROWSER_CREATE}?client_key=sandbox&message=%7B%7D")["ref"]
        return ref

    def message(self, encoded: str, key: str = "sandbox") -> tuple[int, Any]:
        return self.request("GET", f"{EVENT_CREATE}?client_key={key}&message={encoded}")

    def send(self, browser_id: str, *events: dict[str, Any]) -> None:
        for each in events:
            status, body = self.message(quote(json.dumps(event(browser_id, each)), safe=""))
            assert status == 201, body

    def stats(self) -> Any:
        return self.get("/_sandbox/stats")

    def guests(self, query: str = "") -> Any:
        return self.get(f"/_sandbox/guests?query={quote(query)}")

    def guest(self, query: str = "") -> Any:
        """The one guest that matches, whole."""
        (row,) = self.guests(query)["items"]
        return self.get(f"/_sandbox/guests/{row['ref']}")

    def orders(self, number: str) -> Any:
        return self.get(f"/v2.1/orders?referenceId={number}&expand=items", authorization=BASIC)["items"]

    def close(self) -> None:
        self._connection.close()
