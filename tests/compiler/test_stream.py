"""Events as a body: what is sent is, decoded, what the URL would have said, and is no slower to make."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.compiler import compile_scenario
from harness.engine.http_reply import Reply
from harness.engine.walk import Walker
from harness.engine.worker import Worker
from harness.scenario.loader import loads
from harness.verify.sent import message_of

SCENARIO = """\
scenario: both
target: {{url: sandbox, point_of_sale: 'Grill "90%" & Söhne', client_key: 'k"e y%', stream: {stream}}}
defaults: {{channel: MOBILE_APP, language: EN, currency: GBP, page: 'home "page" 100%'}}
guests: {{locales: {{ja_JP: 50%, de_DE: 50%}}, seed: 3}}
catalog:
  - {{item_id: 'A"1%', type: 'S\\ö', name: 'Ex%act "90" & 茶', price: 49.90}}
  - {{item_id: B2, type: B, name: b, price: 0.05}}
journeys:
  way:
    steps:
      - browse: {{page: 'of ${{guest.lastname}} 5%', uri: 'https://x.example/?a=b&c="d"'}}
        capture: {{offer: $.offer}}
      - identify
      - search: {{product: '茶 + "tea"', size: 41, deep: {{a: [1, 2.50, null, true]}}}}
      - add: {{item: any, quantity: 1..3}}
      - add: B2
      - confirm
      - payment: {{pay_type: Card, card_type: 'V"isa'}}
      - checkout
      - order_checkout: {{item: any, quantity: 2}}
      - clear_cart
      - event: {{type: WISHLIST, ext: {{note: '${{offer}}', raw: '${{cart.total}}', of: 'x ${{offer}}'}}}}
        set: {{channel: KIOSK, utm_source: 'a&b=c'}}
load: {{users: 1, iterations: 1}}
"""
HOSTILE = 'o"f\\fer 100% & 茶\n'


class Keeper:
    """Answers everything, and keeps it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, bytes, bytes | None]] = []

    def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes | None = None) -> Reply:
        self.sent.append((method, target, headers, body))
        reply = {"ref": "b-1"} if b"browser/create" in target else {"offer": HOSTILE}
        return Reply(200, json.dumps(reply).encode(), 1, 1, 1)

    def pause(self, seconds: float) -> None: ...

    def check_stop(self) -> None: ...

    def request_done(self, *_: Any) -> None: ...

    def close(self) -> None: ...


def sent(stream: str, guests: int = 5) -> list[tuple[str, bytes, bytes, bytes | None]]:
    plan = compile_scenario(loads(SCENARIO.format(stream=stream)))
    worker, keeper = Worker(plan, 'k"e y%', 3, "R1"), Keeper()
    for _ in range(guests):
        Walker(worker, keeper, keeper, keeper).walk(plan.journeys[0])
    return keeper.sent


def messages(stream: str) -> list[dict[str, Any]]:
    found = [message_of(method, target.decode(), body) for method, target, _, body in sent(stream)]
    made = [dict(each) for each in found if each is not None]
    for each in made:
        for name in ("product", "order"):
            if isinstance(each.get(name), dict):
                each[name] = {k: v for k, v in each[name].items() if k != "orderedAt"}
    return made


def test_the_body_says_what_the_url_would():
    by_url, by_body = messages("get"), messages("post")
    assert len(by_url) == 5 * 11
    assert {each.pop("client_key") for each in by_body} == {'k"e y%'}
    assert by_body == by_url
    assert HOSTILE in {each["ext"]["note"] for each in by_body if each["type"] == "WISHLIST"}


def test_each_is_the_call_that_is_documented():
    for method, target, headers, body in sent("post"):
        if b"browser" in target:
            assert (method, body) == ("GET", None)
            query = parse_qs(urlsplit(target.decode()).query)
            assert query == {"client_key": ['k"e y%'], "message": ["{}"]}
            continue
        assert (method, target) == ("POST", b"/v1.2/events")
        assert headers == b"Content-Type: application/json\r\nX-Library-Version: 1.4.3\r\n"
        assert b": " not in body.replace(HOSTILE.encode(), b"")
        json.loads(body.decode())
    assert {method for method, *_ in sent("get")} == {"GET"}


@pytest.mark.parametrize("stream", ["get", "post"])
def test_a_request_is_joined_from_pieces_that_were_encoded_before(stream):
    plan = compile_scenario(loads(SCENARIO.format(stream=stream)))
    computed = [send.name for _, send in plan.steps if send.request.computed]
    assert computed == ["browse", "event"], "all others need nothing but their gaps filled"
