"""Orders, their items and contacts as the Order REST API shows them."""

from decimal import Decimal
from typing import Any

import orjson

from harness.cdp.endpoints import GUESTS, ORDER_CONTACTS, ORDER_ITEMS, ORDERS
from harness.sandbox import money
from harness.sandbox.guest_fields import guest_json
from harness.sandbox.model import Line, Order
from harness.sandbox.refs import contact_ref, item_ref
from harness.sandbox.rest import iso


def order_json(order: Order, base: str) -> dict[str, Any]:
    """A whole order. ``price`` is a JSON number with the exact decimals; times are UTC."""
    href = order_href(order, base)
    return {
        "href": href,
        "ref": order.ref,
        "createdAt": iso(order.created or order.ordered_at),
        "modifiedAt": iso(order.modified or order.created or order.ordered_at),
        "referenceId": order.number,
        "status": order.status,
        "orderedAt": iso(order.ordered_at),
        "currencyCode": order.currency,
        "price": _number(order.price),
        **_given(channel=order.channel, pointOfSale=order.pos),
        **payment_json(order.payment_type, order.card_type),
        **({} if order.guest is None else {"guest": {"href": f"{base}{GUESTS}/{order.guest.ref}"}}),
        "contacts": {"href": f"{href}/contacts"},
        "orderItems": {
            "href": f"{href}/orderItems",
            "items": [item_json(order, index, base) for index in range(len(order.lines))],
        },
    }


def item_json(order: Order, index: int, base: str) -> dict[str, Any]:
    """An order's item."""
    href = item_href(order, index, base)
    return {
        "href": href,
        "ref": href.rpartition("/")[2],
        **line_json(order.lines[index]),
        "order": {"href": order_href(order, base)},
    }


def contact_json(order: Order, base: str) -> dict[str, Any]:
    """An order's contact, with what is known of the guest."""
    assert order.guest is not None
    ref = contact_ref(order.ref)
    shown = guest_json(order.guest, f"{base}{ORDER_CONTACTS}/{ref}")
    for name in ("firstSeen", "lastSeen", "guestType", "extensions"):
        shown.pop(name, None)
    return {
        **shown,
        "ref": ref,
        "guest": {"href": f"{base}{GUESTS}/{order.guest.ref}"},
        "order": {"href": order_href(order, base)},
    }


def payment_json(payment_type: str, card_type: str) -> dict[str, str]:
    """``paymentType`` and ``cardType``, each of them only if it is known (sandbox's choice)."""
    return _given(paymentType=payment_type, cardType=card_type)


def line_json(line: Line) -> dict[str, Any]:
    """A line of an order or a cart. ``itemId``, which the API does not have, is what ADD calls ``item_id``."""
    return {
        **_given(referenceId=line.reference_id),
        "productId": line.product_id or line.item_id,
        "itemId": line.item_id,
        "name": line.name,
        "type": line.type,
        "quantity": orjson.Fragment(format(line.quantity, "f")),
        "price": _number(line.price),
        "currencyCode": line.currency,
    }


def _given(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _number(value: Decimal) -> orjson.Fragment:
    return orjson.Fragment(money.text(value))


def order_href(order: Order, base: str) -> str:
    """Where the order is."""
    return f"{base}{ORDERS}/{order.ref}"


def item_href(order: Order, index: int, base: str) -> str:
    """Where an item of it is."""
    return f"{base}{ORDER_ITEMS}/{item_ref(order.ref, index)}"
