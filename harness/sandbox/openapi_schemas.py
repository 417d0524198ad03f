"""The schemas of the sandbox's OpenAPI description: what its calls take and reply, made from the CDP's tables."""

from collections.abc import Iterable
from typing import Any

from harness.cdp.endpoints import STREAM_VERSION
from harness.cdp.events import COMMON, EVENT_TYPES
from harness.cdp.guests_api import DATE, EXTENSION_NAMES, FIELDS, GUEST_TYPES, IDENTIFIERS, TEXT, TEXTS
from harness.cdp.orders_api import ITEM_REQUIRED, OPTIONAL, ORDER_CHANNELS, ORDER_STATUSES, REQUIRED

Json = dict[str, Any]

STRING: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
AMOUNT: Json = {"type": "number"}
LINK: Json = {"type": "object", "required": ["href"], "properties": {"href": STRING}}
ANY: Json = {"type": "object"}


def _object(required: Iterable[str] = (), **properties: Json) -> Json:
    made: Json = {"type": "object", "properties": properties}
    return {**made, "required": list(required)} if required else made


def schemas() -> dict[str, Json]:
    """Each by its name."""
    texts: Json = {"type": "array", "items": STRING}
    pair: Json = {"type": ["string", "number", "boolean"]}
    identifier = _object(("provider", "id"), provider=STRING, id=STRING, expiryDate=STRING)
    kinds: dict[str, Json] = {
        TEXT: STRING,
        TEXTS: texts,
        DATE: {"type": "string", "description": "ISO 8601"},
        IDENTIFIERS: {"type": "array", "items": identifier},
    }
    guest = {name: kinds[field.kind] for name, field in FIELDS.items()}
    nullable = {name: {"anyOf": [kind, {"type": "null"}]} for name, kind in guest.items()}
    made = {"createdAt": STRING, "modifiedAt": STRING}
    whole = {"href": STRING, "ref": STRING, **made}
    orders: dict[str, Json] = dict.fromkeys((*REQUIRED, *OPTIONAL), STRING)
    orders |= {"price": AMOUNT, "status": {"enum": list(ORDER_STATUSES)}, "channel": {"enum": list(ORDER_CHANNELS)}}
    types = {"type": {"enum": list(GUEST_TYPES)}}
    items: dict[str, Json] = {**dict.fromkeys(ITEM_REQUIRED, STRING), "price": AMOUNT, "quantity": AMOUNT}
    list_keys = ("href", "offset", "limit", "first", "last", "items")
    shown_item = {**items, "itemId": STRING, "referenceId": STRING, "order": LINK}
    shown_order = {
        **orders,
        "status": STRING,
        "channel": STRING,
        **whole,
        "guest": LINK,
        "orderItems": ANY,
        "contacts": LINK,
    }
    return {
        "Reply": _object(
            ("ref", "status", "version", "client_key"),
            ref=STRING, status={"const": "OK"}, version={"const": STREAM_VERSION}, client_key=STRING,
        ),
        "StreamError": _object(
            ("status", "code", "error_msg", "moreInfo"), status=WHOLE, code=WHOLE, error_msg=STRING, moreInfo=STRING
        ),
        "RestError": _object(
            ("status", "code", "message", "moreInfoUrl"),
            status={"type": ["integer", "string"]}, code=WHOLE, message=STRING, developerMessage=STRING, moreInfoUrl=STRING,
        ),
        "Event": {
            **_object(("client_key", "browser_id", "type"), client_key={**STRING, "examples": ["sandbox"]}, **{
                name: {"examples": list(EVENT_TYPES), **STRING} if name == "type" else STRING for name in COMMON
            }),
            "description": "What every event carries, and what its type has beyond. Others are kept.",
        },
        "Browser": _object(("customer",), customer=_object(("ref",), ref=STRING)),
        "CallFlow": _object(
            ("clientKey", "channel", "friendlyId"),
            clientKey=STRING, channel=STRING, language=STRING, currencyCode=STRING, pointOfSale=STRING, browserId=STRING,
            email=STRING, friendlyId=STRING, identifiers=_object(("provider", "id"), provider=STRING, id=STRING), params=ANY,
        ),
        "GuestFields": {**_object(guestType=types["type"], **nullable), "additionalProperties": False},
        "NewGuest": {**_object(("guestType",), guestType=types["type"], **nullable), "additionalProperties": False},
        "Guest": _object(("href", "ref", "guestType", "firstSeen", "lastSeen"), guestType=types["type"], **whole, **guest),
        "Context": _object(
            ("ref", "guestType", "sessions", "orders", "clientKey"), sessions={"type": "array"}, orders={"type": "array"}
        ),
        "Contact": _object(("href", "ref", "guest", "order"), guest=LINK, order=LINK, **whole, **guest),
        "List": _object(
            list_keys,
            href=STRING, offset=WHOLE, limit=WHOLE, first=LINK, last=LINK, next=LINK,
            items={"type": "array", "items": LINK},
        ),
        "Pairs": {"type": "object", "propertyNames": {"pattern": "^[A-Za-z0-9]{1,100}$"}, "additionalProperties": pair},
        "NewExtension": {**_object(("name",), name={"enum": list(EXTENSION_NAMES)}), "additionalProperties": pair},
        "Extension": _object(("href", "ref", "name", "guest"), name=STRING, guest=LINK, **whole),
        "OrderFields": {**_object(REQUIRED, **orders), "additionalProperties": False},
        "Order": _object(("href", "ref", "referenceId", "status", "currencyCode", "price"), **shown_order),
        "NewItem": _object(ITEM_REQUIRED, itemId=STRING, referenceId=STRING, **items),
        "Item": _object(("href", "ref", "productId", "quantity", "price"), href=STRING, ref=STRING, **shown_item),
        "NewBatch": _object(("checksum", "size"), checksum={**STRING, "pattern": "^[0-9a-f]{32}$"}, size=WHOLE),
        "Batch": _object(("href", "ref", "checksum", "size", "status"), href=STRING, ref=STRING, checksum=STRING, size=WHOLE),
        "Stats": _object(
            ("browsers", "guests", "sessions", "events", "orders", "revenue", "abandoned", "rejected",
             "rejectedPointsOfSale"),
            browsers=WHOLE, guests=WHOLE, sessions=_object(("open", "closed"), open=WHOLE, closed=WHOLE),
            events={"type": "object", "additionalProperties": WHOLE}, orders=WHOLE,
            revenue={"type": "object", "additionalProperties": STRING}, abandoned=ANY, rejected=WHOLE,
            rejectedPointsOfSale={"type": "object", "additionalProperties": WHOLE},
        ),
        "About": _object(("clientKey", "pointsOfSale", "firstEvent"), clientKey=STRING, pointsOfSale=texts, firstEvent=STRING),
        "Rows": _object(
            ("total", "offset", "limit", "items"),
            total=WHOLE, offset=WHOLE, limit=WHOLE, items={"type": "array", "items": ANY},
        ),
        "Faults": _object(("faults", "seed", "injected", "waiting"), faults=ANY, seed=WHOLE, injected=ANY, waiting=WHOLE),
    }  # fmt: skip
