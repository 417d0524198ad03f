"""What is wrong with a record, as a table."""

from __future__ import annotations

import pytest

from harness.cdp.batch import MODES
from harness.cdp.batch_rules import flaw, identities

REF = "7ed103bd-08c2-47f4-8f69-91141ca3200d"
GUEST = {"guestType": "customer", "email": "ada@example.com"}
ORDER = {
    "referenceId": "ORDER_1",
    "channel": "WEB",
    "pointOfSale": "shop",
    "status": "PURCHASED",
    "orderedAt": "2025-03-07T16:15:11.000Z",
    "currencyCode": "GBP",
    "price": 49.9,
    "paymentType": "Card",
    "cardType": "Visa",
}
ITEM = {"type": "SHOES", "productId": "EXACT_90", "name": "Exact 90", "price": 49.9, "currencyCode": "GBP"}


def guest(mode="upsert", **value):
    return {"ref": REF, "schema": "guest", "mode": mode, "value": {**GUEST, **value}}


def order(mode="insert", without=(), **value):
    whole = {name: each for name, each in {**ORDER, **value}.items() if name not in without}
    return {"ref": REF, "schema": "order", "mode": mode, "value": whole}


RIGHT = [
    *(guest(mode) for mode in MODES["guest"]),
    guest(email=None, identifiers=[{"provider": "CRM", "id": "1"}]),
    guest(dateOfBirth="1985-12-24T00:00Z", street=["a", "b"], phoneNumbers=["1"], extensions=[{"name": "ext", "a": 1}]),
    guest(firstSeen="2025-03-07T16:15:11.000Z"),
    order(),
    order(orderItems=[ITEM], contact={"email": "ada@example.com"}),
    order("upsert", without=("status", "currencyCode", "price", "paymentType", "cardType")),
    order(without=("cardType",), paymentType="Paypal"),
    {"ref": REF, "schema": "order", "mode": "delete", "value": {"referenceId": "ORDER_1"}},
    {"ref": REF, "schema": "tracking", "mode": "insert", "value": {}},
]
WRONG = [
    ([], 400, "json", "no JSON object"),
    ({**guest(), "ref": "1"}, 400, "ref", "ref '1' is no UUID"),
    ({**guest(), "ref": 5}, 400, "ref", "no UUID"),
    ({**guest(), "schema": "guests"}, 400, "schema", "none of guest, order, tracking"),
    ({**guest(), "schema": ["guest"]}, 400, "schema", "none of"),
    (guest("update"), 402, "mode", "not for guests, which have upsert"),
    (order("gdpr_delete"), 402, "mode", "not for orders"),
    ({**guest(), "value": []}, 400, "value", "no JSON object"),
    ({**guest(), "values": {}}, 400, "field", "'values' does not belong"),
    (guest(email=None), 400, "identity", "identity information is missing"),
    (guest(email=None, identifiers=[{"provider": "CRM"}]), 400, "field", "identifiers is not a list of {provider, id}"),
    (guest("delete", email=None, firstName="Ada"), 400, "identity", "identity"),
    (guest(email="ada"), 400, "field", "no address"),
    (guest(nickname="Ada"), 400, "field", "'nickname' is not a field"),
    (guest(firstName=5), 400, "field", "firstName is not a text"),
    (guest(street="a"), 400, "field", "street is not a list"),
    (guest(dateOfBirth="1985-12-24T00:00:00.000Z"), 400, "field", "fractions"),
    (guest(dateOfBirth="2999-12-24T00:00Z"), 400, "field", "past"),
    (guest(dateOfBirth="24.12.1985"), 400, "field", "ISO 8601"),
    (guest(guestType="friend"), 400, "field", "guestType"),
    (guest(extensions=[{"name": "mine"}]), 400, "field", "'mine' is none of ext"),
    (guest(extensions=[{"name": "ext", "a": {"b": 1}}]), 400, "field", "not flat"),
    *((order(without=(name,)), 400, "required", f"{name} is missing") for name in ORDER),
    (order(orderedAt="yesterday"), 400, "field", "orderedAt"),
    (order(status="BOUGHT"), 400, "field", "status"),
    (order(price="much"), 400, "field", "price is no number"),
    (order(contact={"firstName": "Ada"}), 400, "identity", "contact"),
    (order(orderItems={}), 400, "field", "no list"),
    (order(orderItems=[ITEM, {**ITEM, "name": ""}]), 400, "required", "name is missing in item 2"),
    ({"ref": REF, "schema": "order", "mode": "delete", "value": {}}, 400, "required", "referenceId"),
]


@pytest.mark.parametrize("record", RIGHT)
def test_right(record):
    assert flaw(record) is None


@pytest.mark.parametrize(("record", "code", "sort", "words"), WRONG)
def test_wrong(record, code, sort, words):
    found = flaw(record)
    assert found is not None
    assert (found.code, found.sort) == (code, sort)
    assert words in found.message


def test_identities():
    value = {"email": " Ada@X.org ", "emails": ["b@x.org"], "identifiers": [{"provider": "CRM", "id": 5}]}
    assert identities(value) == [("", "ada@x.org"), ("", "b@x.org"), ("CRM", "5")]
