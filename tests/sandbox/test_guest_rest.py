"""Guest REST, over real sockets: found, read, made, replaced, updated, deleted; data extensions; guest contexts."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .client import CHECKOUT, FORCE_CLOSE, IDENTITY, PURCHASE, VIEW, Client

JANE: dict[str, Any] = {
    "guestType": "customer",
    "title": "Ms",
    "firstName": "Jane",
    "lastName": "Doe",
    "gender": "female",
    "dateOfBirth": "1976-10-28T00:00:00.000Z",
    "emails": ["jane@example.org", "doe@example.org"],
    "phoneNumbers": ["0851234567"],
    "nationality": "Irish",
    "passportNumber": "PZ4A9565",
    "passportExpiry": "2033-01-01T00:00:00.000Z",
    "street": ["Apartment 15", "West Drive Avenue"],
    "city": "Dublin",
    "state": "Dublin",
    "country": "IE",
    "postCode": "D2",
    "language": "en",
    "identifiers": [{"provider": "CRM", "id": "7", "expiryDate": "2033-08-23T16:17:16.000Z"}],
}
FULL_IDENTITY = {
    **IDENTITY,
    "title": "Ms",
    "gender": "FEMALE",
    "dob": "1815-12-10T00:00",
    "street": ["12 St James's Square"],
    "city": "London",
    "country": "GB",
    "postal_code": "SW1Y",
    "phone": "1",
    "mobile": "2",
    "identifiers": [{"provider": "CRM", "id": 7, "expiry_date": "2033-01-01T00:00:00.000Z"}],
}


def made(client: Client, **fields: Any) -> Any:
    status, guest = client.rest("POST", "/v2/guests", {"guestType": "customer", **fields})
    assert status == 201, guest
    return guest


def emails(client: Client, query: str) -> list[str]:
    return [each["email"] for each in client.read(f"/v2/guests?expand=true&{query}")["items"]]


def test_a_guest_and_an_order_are_of_the_time_of_the_call(client: Client) -> None:
    client.read("/v2/guests")
    time.sleep(0.01)
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    fields = {"referenceId": "O-TIME", "orderedAt": "2024-05-01T10:00:00Z", "currencyCode": "GBP", "price": 1}
    status, order = client.rest("POST", "/v2.1/orders", fields)
    assert status == 201
    for moment in (made(client, email="now@example.org")["firstSeen"], order["createdAt"]):
        assert datetime.fromisoformat(moment) >= before


def test_an_identified_guest_is_read(client: Client) -> None:
    browser = client.browser()
    client.send(browser, VIEW, FULL_IDENTITY)
    behind = client.get(f"/v1.2/browser/{browser}/show.json?client_key=sandbox&api_token=sandbox")
    listed = client.read("/v2/guests?email=Ada@Example.org")
    (item,) = listed["items"]
    guest = client.read(item["href"])
    assert item == {"href": f"{client.url}/v2/guests/{behind['customer']['ref']}"}
    assert client.read("/v2/guests?email=ada@example.org&expand=items")["items"] == [guest]
    assert client.read("/v2.1/guests?identifiers.provider=CRM&identifiers.id=7&expand=true")["items"] == [
        {**guest, "href": guest["href"].replace("/v2/", "/v2.1/")}
    ]
    assert {
        name: guest[name] for name in guest if name not in ("createdAt", "modifiedAt", "firstSeen", "lastSeen")
    } == {
        "href": item["href"],
        "ref": behind["customer"]["ref"],
        "guestType": "customer",
        "title": "Ms",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "gender": "female",
        "dateOfBirth": "1815-12-10T00:00",
        "email": "ada@example.org",
        "emails": ["ada@example.org"],
        "phoneNumbers": ["1", "2"],
        "street": ["12 St James's Square"],
        "city": "London",
        "country": "GB",
        "postCode": "SW1Y",
        "language": "EN",
        "identifiers": [{"provider": "CRM", "id": "7", "expiryDate": "2033-01-01T00:00:00.000Z"}],
    }
    assert guest["firstSeen"] <= guest["modifiedAt"] <= guest["lastSeen"]


def test_pages(client: Client) -> None:
    for n in range(5):
        made(client, email=f"{n}@example.org", lastName="Doe" if n % 2 else "Roe")
    first = client.read("/v2/guests?limit=2")
    assert (first["offset"], first["limit"], len(first["items"])) == (0, 2, 2)
    hrefs, page = [], first
    while True:
        hrefs += [each["href"] for each in page["items"]]
        if "next" not in page:
            break
        page = client.read(page["next"]["href"])
    assert len(set(hrefs)) == 5
    assert client.read(first["last"]["href"])["items"][0]["href"] == hrefs[4]
    assert client.read(first["first"]["href"]) == first
    assert client.read("/v2/guests?limit=1000")["limit"] == 100
    assert client.read("/v2/guests?offset=99")["items"] == []
    assert emails(client, "lastName=DOE&limit=1") == ["1@example.org"]
    for wrong in ("limit=x", "offset=1.5"):
        assert client.rest("GET", f"/v2/guests?{wrong}")[0] == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email=JANE@example.org", 1),
        ("email=doe@example.org", 1),
        ("email.untouched=jane@example.org", 1),
        ("email.untouched=Jane@example.org", 0),
        ("firstName=jane&lastName=doe", 1),
        ("firstName=jane&lastName=roe", 0),
        ("phoneNumber=0851234567", 1),
        ("guestType=customer", 1),
        ("guestType=visitor", 1),
        ("identifiers.id=7", 1),
        ("identifiers.provider=CRM", 1),
        ("identifiers.provider=ERP&identifiers.id=7", 0),
        ("email=jane@example.org&identifiers.provider=CRM&identifiers.id=7", 1),
        ("", 2),
    ],
)
def test_search(client: Client, query: str, found: int) -> None:
    made(client, **JANE)
    client.send(client.browser(), VIEW)
    assert len(client.read(f"/v2/guests?{query}")["items"]) == found


def test_made_replaced_updated_deleted(client: Client) -> None:
    guest = made(client, **JANE)
    own = {name: value for name, value in guest.items() if name in (*JANE, "email")}
    assert own == {**JANE, "email": "jane@example.org"}
    assert client.read(guest["href"]) == guest

    status, changed = client.rest("PATCH", guest["href"], {"city": "Cork", "state": None})
    assert status == 200
    assert (changed["city"], changed["lastName"], changed["emails"]) == ("Cork", "Doe", guest["emails"])
    assert "state" not in changed
    assert changed["modifiedAt"] >= guest["modifiedAt"]

    # What was read can be sent back.
    for method in ("PUT", "POST"):
        status, same = client.rest(method, guest["href"], {**changed, "emails": ["new@example.org"], "email": None})
        assert (status, same["emails"], same["city"]) == (200, ["new@example.org"], "Cork")
    status, bare = client.rest("PUT", guest["href"], {"lastName": "Roe"})
    assert (status, bare["guestType"], bare["lastName"]) == (200, "customer", "Roe")
    assert {"emails", "identifiers", "city"}.isdisjoint(bare)
    assert emails(client, "email=jane@example.org") == []

    assert client.rest("DELETE", guest["href"]) == (200, None)
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        status, error = client.rest(method, guest["href"], None if method in ("GET", "DELETE") else {})
        assert (status, error["code"], error["message"]) == (404, 404, "The specified resource does not exist.")


def test_nobody_looks_for_duplicates(client: Client) -> None:
    first, second = made(client, email="jane@example.org"), made(client, email="jane@example.org")
    assert first["ref"] != second["ref"]
    assert len(client.read("/v2/guests?email=jane@example.org")["items"]) == 2
    # An event is about the one who was there first; when they are gone, about the other.
    client.send(client.browser(), VIEW, {**IDENTITY, "email": "jane@example.org"})
    assert client.read(first["href"])["firstName"] == "Ada"
    client.rest("DELETE", first["href"])
    client.send(client.browser(), VIEW, {**IDENTITY, "email": "jane@example.org", "firstname": "Jane"})
    assert client.read(second["href"])["firstName"] == "Jane"
    assert client.stats()["guests"] == 1


def test_a_deleted_guest_leaves_nothing(client: Client) -> None:
    browser, other = client.browser(), client.browser()
    client.send(browser, *PURCHASE, FORCE_CLOSE, VIEW, PURCHASE[2], FORCE_CLOSE, VIEW)
    client.send(other, VIEW, {**IDENTITY, "email": "bob@example.org"})
    (guest,) = client.read("/v2/guests?email=ada@example.org")["items"]
    assert client.stats()["abandoned"]["sessions"] == 1
    client.rest("DELETE", guest["href"])
    stats = client.stats()
    assert (stats["guests"], stats["orders"], stats["revenue"]) == (1, 0, {"GBP": "0.00"})
    assert stats["sessions"] == {"open": 1, "closed": 0}
    assert stats["abandoned"] == {"sessions": 0, "revenue": {"GBP": "0.00"}}
    assert client.orders("ORDER_1") == []
    # The browser starts anew, and the order number is free again.
    client.send(browser, *PURCHASE)
    assert len(client.orders("ORDER_1")) == 1
    assert client.guest("ada@")["sessionCount"] == 1


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"lastName": "Doe"}, 400, "guestType: guestType may not be null"),
        ({"guestType": "friend"}, 400, "guestType: must be one of visitor, customer, traveller"),
        ({"guestType": "customer", "firstname": "Jane"}, 400, "firstname: is not a field"),
        ({"guestType": "customer", "firstName": 7}, 400, "firstName: must be text"),
        ({"guestType": "customer", "emails": "x"}, 400, "emails: must be a list of texts"),
        ({"guestType": "customer", "emails": ["x"] * 101}, 400, "emails: has more than 100"),
        ({"guestType": "customer", "dateOfBirth": "yesterday"}, 400, "dateOfBirth: is no ISO 8601"),
        ({"guestType": "customer", "dateOfBirth": "2999-01-01"}, 400, "dateOfBirth: must be in the past"),
        ({"guestType": "customer", "identifiers": [{"id": "7"}]}, 400, "provider and id may not be null"),
        ({"guestType": "customer", "identifiers": ["7"]}, 400, "identifiers: must be a list of objects"),
        ([], 400, "not a JSON object"),
        (b"{", 400, "is not JSON"),
        (b"\xff", 400, "is not JSON"),
        (b" " * 70_000, 413, "longer than 64 KiB"),
    ],
)
def test_refusals(client: Client, body: object, status: int, told: str) -> None:
    for path in ("/v2/guests", "/v2.1/guests"):
        got, error = client.rest("POST", path, body)
        assert (got, error["code"], error["status"]) == (status, status, status)
        assert told in error["developerMessage"]
        assert list(error) == ["status", "code", "message", "moreInfoUrl", "developerMessage"]
    assert client.stats()["guests"] == 0


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v2/guests/x", "/v2.1/guests/x/extensions/ext", "/v2/guestContexts/x"])
def test_credentials_come_first(client: Client, method: str, path: str) -> None:
    for wrong in ("", "Basic c2FuZGJveDp3cm9uZw=="):
        status, error = client.rest(method, path, b"{", authorization=wrong)
        if status != 405:
            assert (status, error["status"], "developerMessage" in error) == (401, "UNAUTHORIZED", False)


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain", "application/xml"])
def test_only_json_is_taken(client: Client, media_type: str) -> None:
    status, error = client.rest("POST", "/v2/guests", {"guestType": "customer"}, **{"content-type": media_type})
    assert (status, error["code"]) == (415, 415)
    for good in ("application/json; charset=utf-8", "application/vnd.api+json", ""):
        assert client.rest("POST", "/v2/guests", {"guestType": "customer"}, **{"content-type": good})[0] == 201


# -- data extensions ------------------------------------------------------------------------------


def test_extensions(client: Client) -> None:
    guest = made(client, email="jane@example.org")
    path = guest["href"] + "/extensions"
    status, made_one = client.rest(
        "POST", path, {"name": "ext", "vipMember": True, "tier": "level2", "points": 5012.25}
    )
    assert status == 201
    assert (made_one["name"], made_one["key"], made_one["vipMember"]) == ("ext", "default", True)
    assert made_one["guest"] == {"href": guest["href"]}
    assert client.read(made_one["href"]) == made_one
    assert client.read(path)["items"] == [{"href": path + "/ext"}]
    assert client.read(path + "?expand=true")["items"] == [made_one]
    assert client.read(guest["href"])["extensions"] == [
        {"name": "ext", "key": "default", "vipMember": True, "tier": "level2", "points": 5012.25}
    ]

    status, changed = client.rest("PATCH", path + "/ext", {"tier": "level3"})
    assert (status, changed["tier"], changed["vipMember"], changed["ref"]) == (200, "level3", True, made_one["ref"])
    status, changed = client.rest("DELETE", path + "/ext/fields?name=tier|points")
    assert (status, "tier" in changed, changed["vipMember"]) == (200, False, True)
    status, changed = client.rest("PUT", path + "/ext", {"other": 1})
    assert (status, "vipMember" in changed, changed["other"]) == (200, False, 1)
    status, changed = client.rest("DELETE", path + "/ext/fields")
    assert (status, "other" in changed) == (200, False)
    assert client.rest("DELETE", path + "/ext") == (200, None)
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert client.rest(method, path + "/ext", None if method in ("GET", "DELETE") else {})[0] == 404


def test_extensions_have_bounds(client: Client) -> None:
    path = made(client)["href"] + "/extensions"
    assert client.rest("POST", path, {"name": "ext", **{f"k{n}": n for n in range(100)}})[0] == 201
    for body, told in (
        ({"name": "ext"}, "has a data extension ext already"),
        ({"name": "ext6"}, "must be one of ext, ext1"),
        ({"name": "ext1", **{f"a{n}": n for n in range(101)}}, "100 key-value pairs at most, not 101"),
        ({"name": "ext1", "k7": 1}, "k7: the data extension ext has this key already"),
        ({"name": "ext1", "a b": 1}, "a b: a key is alphanumeric"),
        ({"name": "ext1", "a": {}}, "a: a value is text, a number or a boolean"),
        ({"name": "ext1", "a": None}, "a: a value is text"),
    ):
        status, error = client.rest("POST", path, body)
        assert (status, told in error["developerMessage"]) == (400, True), error
    status, error = client.rest("PATCH", path + "/ext", {"more": 1})
    assert (status, "not 101" in error["developerMessage"]) == (400, True)
    for n in range(1, 6):
        assert client.rest("POST", path, {"name": f"ext{n}", f"a{n}": n})[0] == 201
    assert len(client.read(path)["items"]) == 6


# -- guest contexts -------------------------------------------------------------------------------

EXPAND = "expand=items.sessions(offset:0,limit:100)&source=all&timeout=30000"


def context(client: Client, expand: str = EXPAND) -> Any:
    (guest,) = client.read("/v2/guests?guestType=customer")["items"]
    return client.read(guest["href"].replace("guests", "guestContexts") + "?" + expand)


def test_a_guest_context_has_sessions_events_and_orders(client: Client) -> None:
    browser = client.browser()
    client.send(browser, *PURCHASE, FORCE_CLOSE)
    client.send(browser, VIEW, PURCHASE[2], FORCE_CLOSE)
    client.send(browser, VIEW, PURCHASE[2])
    client.send(browser, {**VIEW, "channel": "MOBILE_APP"})
    shown = context(client)
    assert (shown["clientKey"], shown["email"]) == ("sandbox", "ada@example.org")
    assert [(s["status"], s["cartType"], s["sessionType"], len(s["events"])) for s in shown["sessions"]] == [
        ("OPEN", "BROWSED", "MOBILE", 1),
        ("OPEN", "ABANDONED", "WEB", 2),
        ("CLOSED", "ABANDONED", "WEB", 3),
        ("CLOSED", "CONVERTED", "WEB", 6),
    ]
    assert [("endedAt" in s, s.get("abandoned")) for s in shown["sessions"]] == [
        (False, None),
        (False, None),
        (True, {"GBP": "149.70"}),
        (True, None),
    ]
    events = shown["sessions"][3]["events"]
    assert [each["type"] for each in events] == ["VIEW", "IDENTITY", "ADD", "CONFIRM", "CHECKOUT", "FORCE_CLOSE"]
    assert events[4]["arbitraryData"]["reference_id"] == CHECKOUT["reference_id"]
    assert [order["referenceId"] for order in shown["orders"]] == ["ORDER_1"]
    assert [line["productId"] for line in shown["sessions"][1]["cart"]] == ["EXACT_90"]


def test_a_guest_context_is_bounded(client: Client) -> None:
    client.send(client.browser(), *PURCHASE, *[VIEW] * 150)
    assert [len(each["events"]) for each in context(client)["sessions"]] == [100]
    assert context(client)["sessions"][0]["events"][0]["type"] == "VIEW"
    assert context(client, "expand=items.sessions(offset:1,limit:5)")["sessions"] == []
    both = "expand=items.sessions(offset:0,limit:5)&expand=items.events(offset:0,limit:10000)"
    assert [len(each["events"]) for each in context(client, both)["sessions"]] == [155]
    assert client.rest("GET", "/v2/guestContexts/x")[0] == 404


def test_extensions_in_a_guest_context(client: Client) -> None:
    guest = made(client)
    client.rest("POST", guest["href"] + "/extensions", {"name": "ext", "vip": True})
    assert context(client)["dataExtensions"] == [{"name": "ext", "key": "default", "values": {"vip": True}}]
