"""What a target's reading APIs reply, as values. JSON in, ``verify.found`` out; no sockets.

Shapes: Sitecore's developer pages "Guest REST API" and "Order REST API" (lists of ``items``, each whole or only its
``href``) and the guest context that its own published SDK tests read (``sessions`` with their ``events``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from harness.verify.found import FoundGuest, FoundItem, FoundOrder, FoundSession
from harness.verify.loose import decimal

_NOT_ATTRIBUTES = frozenset({"href", "ref", "guestType", "identifiers", "email", "emails"})
MOST_EVENTS = 5000
"""On one session's timeline; those beyond are left out."""


class ShapeError(ValueError):
    """A reply is not what the API's page says."""


def document(body: bytes) -> Any:
    """A JSON document, its numbers exact. Raises ShapeError."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError):
        raise ShapeError("no JSON") from None


def listed(found: Any) -> list[Mapping[str, Any]]:
    """The ``items`` of a list. Raises ShapeError."""
    items = found.get("items") if isinstance(found, Mapping) else None
    if not isinstance(items, list) or not all(isinstance(each, Mapping) for each in items):
        raise ShapeError("no list of items")
    return items


def last_part(href: object) -> str:
    """What an href ends in: the ref of what it points to. Empty when it is none."""
    return urlsplit(href).path.rstrip("/").rpartition("/")[2] if isinstance(href, str) else ""


def path_of(href: object) -> str:
    """Path and query of an href: where it points to, on the target we ask and on no other. Empty where it has none."""
    try:
        parts = urlsplit(href) if isinstance(href, str) else None
    except ValueError:
        return ""
    if parts is None or not parts.path.startswith("/"):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def order(found: Mapping[str, Any], items: Sequence[Mapping[str, Any]] | None) -> FoundOrder:
    """A whole order, and its items where they are known. Raises ShapeError."""
    price = decimal(found.get("price"))
    if price is None:
        raise ShapeError("an order without a price")
    return FoundOrder(
        number=_text(found.get("referenceId")),
        price=price,
        currency=_text(found.get("currencyCode")),
        status=_text(found.get("status")),
        ref=_text(found.get("ref")) or last_part(found.get("href")),
        guest=guest_of(found),
        items=None if items is None else tuple(_item(each) for each in items),
    )


def inline_items(found: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The items within an order, when they are there in full."""
    held = found.get("orderItems")
    items = held.get("items") if isinstance(held, Mapping) else held
    if not isinstance(items, list) or not all(
        isinstance(each, Mapping) and set(each) - {"href", "ref"} for each in items
    ):
        return None
    return items


def guest(found: Mapping[str, Any]) -> FoundGuest:
    """A whole guest."""
    emails = [*_texts(found.get("emails")), *_texts(found.get("email"))]
    given = found.get("identifiers")
    identifiers = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    return FoundGuest(
        ref=_text(found.get("ref")) or last_part(found.get("href")),
        guest_type=_text(found.get("guestType")),
        emails=tuple(dict.fromkeys(emails)),
        identifiers=tuple((_text(each.get("provider")), _text(each.get("id"))) for each in identifiers),
        attributes=tuple(
            (name, ", ".join(_texts(value)))
            for name, value in found.items()
            if name not in _NOT_ATTRIBUTES and _texts(value)
        ),
    )


def sessions(found: Any) -> tuple[FoundSession, ...]:
    """The sessions of a guest context, in the order in which they come. Raises ShapeError."""
    held = found.get("sessions") if isinstance(found, Mapping) else None
    if isinstance(held, Mapping):
        held = held.get("items")
    if not isinstance(held, list):
        raise ShapeError("a guest context without sessions")
    return tuple(_session(each) for each in held if isinstance(each, Mapping))


def _session(found: Mapping[str, Any]) -> FoundSession:
    held = found.get("events")
    if isinstance(held, Mapping):
        held = held.get("items")
    events = [each for each in held if isinstance(each, Mapping)] if isinstance(held, list) else []
    status = _text(found.get("status")).upper()
    return FoundSession(
        ref=_text(found.get("ref")) or last_part(found.get("href")),
        channel=_text(found.get("channel")),
        point_of_sale=_text(found.get("pointOfSale")),
        started=_text(found.get("startedAt")) or _text(found.get("createdAt")),
        is_open=None if not status else status == "OPEN",
        cart=_text(found.get("cartType")).upper(),
        browser_id=_text(found.get("browserId")),
        events=tuple(_text(each.get("type")) for each in events[:MOST_EVENTS]),
    )


def _item(found: Mapping[str, Any]) -> FoundItem:
    names = ("itemId", "item_id", "productId", "referenceId")
    return FoundItem(
        item_id=next((text for name in names if (text := _text(found.get(name)))), ""),
        quantity=decimal(found.get("quantity")),
        price=decimal(found.get("price")),
        currency=_text(found.get("currencyCode")),
    )


def guest_of(found: Mapping[str, Any]) -> str:
    """The ref of the guest of an order or a contact: named, or at the end of its href. Empty: not shown."""
    held = found.get("guest")
    if isinstance(held, Mapping):
        return _text(held.get("ref")) or last_part(held.get("href"))
    return _text(held) or _text(found.get("guestRef"))


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return str(value)


def _texts(value: object) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [text for each in many if (text := _text(each))]
