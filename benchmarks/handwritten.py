"""The purchase journey as a user of Locust writes it by hand: the side to be compared with."""

from __future__ import annotations

import json
import os
import uuid
from urllib.parse import quote

from locust import FastHttpUser, HttpUser, constant

COMMON = {
    "channel": "WEB",
    "language": "EN",
    "currency": "GBP",
    "page": "home page",
    "pos": "pastoral-witty-grill",
}


class _Buyer:
    wait_time = constant(float(os.environ.get("BENCH_WAIT", "0")))

    def event(self, browser: str, kind: str, **attributes: object) -> None:
        message = json.dumps({**COMMON, "type": kind, "browser_id": browser, **attributes}, separators=(",", ":"))
        url = f"/v1.2/event/create.json?client_key=sandbox&message={quote(message)}"
        with self.client.get(url, name=kind, catch_response=True) as reply:
            if reply.status_code != 201:
                reply.failure(f"status {reply.status_code}")

    def buy(self) -> None:
        with self.client.get(
            "/v1.2/browser/create.json?client_key=sandbox&message={}", name="browser id", catch_response=True
        ) as reply:
            browser = reply.json()["ref"]
        number = uuid.uuid4().hex
        self.event(browser, "VIEW")
        self.event(
            browser, "IDENTITY", email=f"{number}@example.com", firstname="Ada", lastname="Lovelace",
            identifiers=[{"provider": "bench", "id": number}], city="London", country="GB", street=["1 High Street"],
        )  # fmt: skip
        product = {"type": "SHOES", "item_id": "EXACT_90", "name": "Exact 90", "quantity": 1, "price": 49.9,
                   "productId": "EXACT_90", "currency": "GBP", "referenceId": number}  # fmt: skip
        self.event(browser, "ADD", product=product)
        self.event(browser, "CONFIRM", product=[{"item_id": "EXACT_90"}])
        self.event(browser, "CHECKOUT", status="PURCHASED", reference_id=number.upper())


if os.environ.get("BENCH_USER") == "HttpUser":

    class Buyer(_Buyer, HttpUser):
        tasks = [_Buyer.buy]

else:

    class Buyer(_Buyer, FastHttpUser):  # type: ignore[no-redef]
        tasks = [_Buyer.buy]
