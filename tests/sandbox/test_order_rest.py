"""Order REST, over real sockets: items and contacts read; orders made, replaced, deleted."""

from typing import Any

import pytest

from .client import IDENTITY, PURCHASE, VIEW, Client

ORDER: dict[str, Any] = {
    "referenceId": "B94TXY-1",
    "orderedAt": "2025-12-19T12:07:18.149Z",
    "currencyCode": "EUR",
    "price": 12.5,
    "status": "PURCHASED",
    "channel": "WEB",
    "pointOfSale": "spinair.com/france",
    "paymentType": "Card",
    "cardType": "Visa",
}
ITEM = {
    "name": "NewGen Mobile",
    "type": "Mobile",
    "productId": "M44124",
    "price": 10.5,
    "currencyCode": "EUR",
    "quantity": 2,
    "referenceId": "M62455331",
}


def made(client: Client, **fields: Any) -> Any:
    status, order = client.rest("POST", "/v2.1/orders", {**ORDER, **fields})
    assert status == 201, order
    return order


def test_an_order_of_events_has_items_and_a_contact(client: Client) -> None:
    mug = {**PURCHASE[2], "product": {"item_id": "MUG", "productId": "MUG_BLUE", "price": 7}}
    both = {"type": "CONFIRM", "product": [{"item_id": "EXACT_90"}, {"item_id": "MUG"}]}
    client.send(client.browser(), *PURCHASE[:3], mug, both, PURCHASE[4])
    (order,) = client.orders("ORDER_1")
    assert (order["channel"], order["pointOfSale"]) == ("WEB", "pastoral-witty-grill")
    items = client.read(order["orderItems"]["href"] + "?expand=true")["items"]
    assert items == order["orderItems"]["items"] == [client.read(each["href"]) for each in items]
    assert [(each["productId"], each["itemId"], each["price"]) for each in items] == [
        ("EXACT_90", "EXACT_90", 49.9),
        ("MUG_BLUE", "MUG", 7),
    ]
    assert all(each["order"] == {"href": order["href"]} for each in items)
    second = client.read(order["orderItems"]["href"] + "?offset=1&limit=1")
    assert second["items"] == [{"href": items[1]["href"]}]
    (contact,) = client.read(order["contacts"]["href"] + "?expand=true")["items"]
    assert (contact["firstName"], contact["guest"]) == ("Ada", order["guest"])
    assert client.read(contact["href"]) == contact
    for path in ("orderItems", "orderContacts"):
        for ref in ("x", order["ref"], contact["ref"][:-1] + "x"):
            assert client.rest("GET", f"/v2.1/{path}/{ref}")[0] == 404


def test_made_read_replaced_deleted(client: Client) -> None:
    order = made(client)
    assert {name: order[name] for name in ORDER} == ORDER
    assert ("guest" in order, order["orderItems"]["items"]) == (False, [])
    assert client.read(order["href"]) == order
    assert client.read("/v2.1/orders?referenceId=b94txy-1&expand=true")["items"] == [order]
    assert client.stats()["revenue"] == {"EUR": "12.50"}

    fields = {name: value for name, value in ORDER.items() if name != "cardType"}
    status, changed = client.rest("PUT", order["href"], {**fields, "price": 20, "status": "REFUNDED"})
    assert (status, changed["price"], changed["status"], "cardType" in changed) == (200, 20, "REFUNDED", False)
    assert client.stats()["revenue"] == {"EUR": "0.00"}
    status, changed = client.rest("PUT", order["href"], {**changed, "status": "PURCHASED"})
    assert (status, client.stats()["revenue"]) == (200, {"EUR": "20.00"})
    assert client.rest("PUT", order["href"], {**ORDER, "referenceId": "other"})[0] == 400

    assert client.rest("DELETE", order["href"]) == (200, None)
    assert (client.stats()["orders"], client.stats()["revenue"]) == (0, {"EUR": "0.00"})
    for method in ("GET", "PUT", "DELETE"):
        assert client.rest(method, order["href"], ORDER if method == "PUT" else None)[0] == 404


def test_items_are_added(client: Client) -> None:
    order = made(client)
    status, item = client.rest("POST", order["href"] + "/orderItems", ITEM)
    assert (status, item["price"], item["quantity"]) == (201, 10.5, 2)
    assert client.read(order["href"])["orderItems"]["items"] == [item]
    assert client.read(order["href"])["price"] == 12.5
    for wrong in ({**ITEM, "price": "a lot"}, {**ITEM, "quantity": None}, {"name": "x"}):
        assert client.rest("POST", order["href"] + "/orderItems", wrong)[0] == 400


def test_a_contact_makes_it_somebodys_order(client: Client) -> None:
    client.send(client.browser(), VIEW, IDENTITY)
    order = made(client)
    status, contact = client.rest("POST", order["href"] + "/contacts", {"emails": ["ADA@example.org"], "city": "Leeds"})
    assert (status, contact["firstName"], contact["city"]) == (201, "Ada", "Leeds")
    ada = contact["guest"]["href"].rpartition("/")[2]
    assert [each["ref"] for each in client.read(f"/v2.1/orders?guestRef={ada}")["items"]] == [order["ref"]]

    someone = {"identifiers": [{"provider": "CRM", "id": "8"}], "firstName": "Bob"}
    status, contact = client.rest("POST", order["href"] + "/contacts", someone)
    assert (status, contact["firstName"]) == (201, "Bob")
    assert client.read(f"/v2.1/orders?guestRef={ada}")["items"] == []
    assert client.stats()["guests"] == 2
    assert client.rest("POST", order["href"] + "/contacts", {"firstName": "Bob"})[0] == 400


def test_two_orders_of_one_number(client: Client) -> None:
    first, second = made(client), made(client, orderedAt="2024-01-01T00:00:00Z")
    assert client.orders("B94TXY-1") == [first, second]
    by_time = client.read("/v2.1/orders?referenceId=B94TXY-1&sort=orderedAt&expand=true")["items"]
    assert by_time == [second, first]
    client.rest("DELETE", first["href"])
    assert client.orders("B94TXY-1") == [second]
    # An event does not use the number again.
    client.send(client.browser(), *PURCHASE[:4], {**PURCHASE[4], "reference_id": "B94TXY-1"})
    assert client.orders("B94TXY-1") == [second]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"referenceId": None}, "referenceId: referenceId may not be null"),
        ({"price": None}, "price: price may not be null"),
        ({"price": "a lot"}, "price: is no number"),
        ({"orderedAt": "yesterday"}, "orderedAt: is no ISO 8601 time"),
        ({"currencyCode": ""}, "currencyCode: currencyCode may not be null"),
        ({"status": "BOUGHT"}, "status: must be one of BROWSED"),
        ({"channel": "FAX"}, "channel: must be one of WEB"),
        ({"total": 7}, "total: is not a field of an order"),
    ],
)
def test_refusals(client: Client, change: dict[str, Any], told: str) -> None:
    status, error = client.rest("POST", "/v2.1/orders", {**ORDER, **change})
    assert (status, told in error["developerMessage"]) == (400, True), error
    assert client.stats()["orders"] == 0
