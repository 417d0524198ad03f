"""Reading back from a target that shows as little as the reference promises, or is in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from harness.engine.ask import ask_all
from harness.engine.read_back import read_back
from harness.engine.target_errors import NotOfferedError, TargetError
from harness.engine.target_reader import TargetReader
from harness.scenario.model import CDP, Target
from harness.scenario.values import Secret
from harness.verify.expected import Expectation, ExpectedGuest, ExpectedPurchase, ExpectedSession
from harness.verify.found import FoundItem, FoundOrder
from tests.validate.shop import Shop, serving


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving() as made:
        yield made


def reader_of(shop: Shop, token: str | None = "t") -> TargetReader:
    target = Target(CDP, shop.url, "test", Secret("k"), None if token is None else Secret(token), "p")
    return TargetReader(shop.url, target, {})


def test_an_order_is_followed_from_link_to_link(shop: Shop) -> None:
    order = {
        "href": "https://elsewhere.example/v2.1/orders/o1",
        "referenceId": "N-1",
        "price": 49.9,
        "currencyCode": "GBP",
        "status": "PURCHASED",
        "orderItems": {"href": "https://elsewhere.example/v2.1/orders/o1/orderItems?x=1"},
        "contacts": {"href": "https://elsewhere.example/v2.1/orders/o1/contacts"},
    }
    shop.on("/v2.1/orders", {"items": [{"href": "https://elsewhere.example/v2.1/orders/o1"}]})
    shop.on("/v2.1/orders/o1", order)
    shop.on("/v2.1/orders/o1/orderItems?x=1", {"items": [{"href": "/v2.1/orderItems/i1"}]})
    shop.on("/v2.1/orderItems/i1", {"productId": "A", "quantity": 1, "price": 49.90, "currencyCode": "GBP"})
    shop.on("/v2.1/orders/o1/contacts", {"items": [{"href": "/v2.1/orderContacts/c1"}]})
    shop.on("/v2.1/orderContacts/c1", {"guest": {"href": "https://elsewhere.example/v2/guests/g1"}})
    item = FoundItem("A", Decimal(1), Decimal("49.9"), "GBP")
    wanted = FoundOrder("N-1", Decimal("49.9"), "GBP", "PURCHASED", "o1", "g1", (item,))
    assert reader_of(shop).orders_with("N-1") == (wanted,)
    # Whatever host a link names, credentials go to the target alone: all of it was asked here.
    assert len(shop.asked) == 6
    assert reader_of(shop).orders_with("n-1", items=False)[0].items is None


def test_each_of_several_orders_of_one_number_is_found(shop: Shop) -> None:
    items = [{"referenceId": number, "price": 1, "currencyCode": "GBP"} for number in ("N-1", "N-1", "N-10", "n-1")]
    shop.on("/v2.1/orders", {"items": items})
    assert len(reader_of(shop).orders_with("N-1")) == 3
    answers = dict(ask_all(["N-1", "N-2"], reader_of(shop).orders_with))
    assert answers["N-1"][0].price == 1
    assert [*answers] == ["N-1", "N-2"]


def test_guests_are_found_by_email_and_by_identifier(shop: Shop) -> None:
    shop.on("/v2/guests", {"items": [{"href": "/v2/guests/g1"}]})
    shop.on(
        "/v2/guests/g1",
        {
            "guestType": "customer",
            "href": f"{shop.url}/v2/guests/g1",
            "emails": ["a+b@example.com"],
            "email": "a+b@example.com",
            "street": ["1 High St", "Flat 2"],
            "identifiers": [{"provider": "harness", "id": "7"}, "nonsense"],
        },
    )
    (guest,) = reader_of(shop).guests(email="a+b@example.com")
    assert (guest.ref, guest.guest_type, guest.emails) == ("g1", "customer", ("a+b@example.com",))
    assert (guest.identifiers, guest.attribute("street")) == ((("harness", "7"),), "1 High St, Flat 2")
    reader_of(shop).guests(identifier=("harness", "7"))
    queries = [path.partition("?")[2] for path, _ in shop.asked if "?" in path]
    assert "email=a%2Bb%40example.com" in queries[0]
    assert "identifiers.provider=harness&identifiers.id=7" in queries[1]


def test_a_busy_target_is_asked_again_when_it_says(shop: Shop) -> None:
    shop.on("/v2.1/orders", {}, 429, Retry_After="0")
    shop.on("/v2.1/orders", {}, 503, Retry_After="0")
    shop.on("/v2.1/orders", {"items": []})
    assert reader_of(shop).orders_with("N-1") == ()
    assert len(shop.asked) == 3


def test_a_target_that_stays_busy_is_given_up(shop: Shop) -> None:
    shop.on("/v2.1/orders", {}, 503, Retry_After="0")
    with pytest.raises(TargetError, match="with 503"):
        reader_of(shop).orders_with("N-1")
    assert len(shop.asked) == 4


@pytest.mark.parametrize(
    "document",
    [
        b"<html>",
        b"[]",
        {"items": 3},
        {"items": [3]},
        {"items": [{"referenceId": "N-1"}]},
        {"items": [{"referenceId": "N-1", "price": "x"}]},
    ],
)
def test_a_reply_of_another_shape_is_said_to_be_one(shop: Shop, document: object) -> None:
    shop.on("/v2.1/orders", document)
    with pytest.raises(TargetError, match="cannot be read"):
        reader_of(shop).orders_with("N-1")


def test_what_is_not_offered_is_told_apart_from_what_fails(shop: Shop) -> None:
    reader = reader_of(shop)
    with pytest.raises(NotOfferedError):
        reader.guests(email="a@example.com")
    shop.on("/v2/guests", {}, 500)
    with pytest.raises(TargetError, match="with 500"):
        reader.guests(email="a@example.com")
    assert reader.sessions("g1") is None
    assert reader.guest("g1") is None
    assert reader.guest_behind("b1") is None
    with pytest.raises(TargetError, match="take an api_token, and there is none"):
        reader_of(shop, None).orders_with("N-1")


WANTED = Expectation(
    "b1",
    ExpectedGuest("a@example.com", ("a@example.com",), (), (), "identify"),
    (ExpectedSession("WEB", "p", ("VIEW",)),),
    (ExpectedPurchase("N-1", "PURCHASED", "GBP", Decimal(1), (), "checkout"),),
)


def test_everything_that_can_be_read_is_read_and_the_rest_is_explained(shop: Shop) -> None:
    shop.on("/v1.2/browser/b1/show.json", {"customer": {"ref": "g1"}})
    shop.on("/v2/guests", {"items": []})
    shop.on("/v2/guests/g1", {"href": "/v2/guests/g1", "guestType": "visitor"})
    shop.on("/v2.1/orders", {}, 500)
    found = read_back(WANTED, reader_of(shop))
    assert (found.behind, found.guests, found.sessions, found.orders) == ("g1", (), None, None)
    assert found.why_unread("sessions") == ("not verified: the target shows no timelines (guest contexts)", False)
    assert found.why_unread("orders")[1]
    shop.on(
        "/v2/guestContexts/g1",
        {"sessions": [{"status": "OPEN", "cartType": "BROWSED", "events": [{"type": "VIEW"}, 3]}]},
    )
    (session,) = read_back(WANTED, reader_of(shop)).sessions or ()
    assert (session.is_open, session.cart, session.events) == (True, "BROWSED", ("VIEW",))


def test_a_visitor_of_whom_the_target_knows_nothing_left_no_trace(shop: Shop) -> None:
    shop.on("/v1.2/browser/b1/show.json", {"customer": {"ref": "g1"}})
    shop.on("/v2/guests", {"items": []})
    shop.on("/v2.1/orders", {"items": []})
    # A guest of that ref is not there, so there is nothing to say about timelines either.
    assert read_back(WANTED, reader_of(shop)).sessions == ()


def test_without_a_token_nothing_is_asked(shop: Shop) -> None:
    found = read_back(WANTED, reader_of(shop, None))
    assert found.why_unread("orders") == ("not verified: the scenario's target has no api_token", False)
    assert shop.asked == []
