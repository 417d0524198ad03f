"""How each action speaks to the CDP: its event, attribute for attribute, in the order of the CDP's examples."""

from __future__ import annotations

from typing import Any

from harness.cdp import endpoints, events
from harness.cdp.guests_api import OWN_PROVIDER
from harness.compiler.plan import Line, Request, amount
from harness.compiler.template import (
    IN_BODY,
    IN_QUERY,
    Message,
    Piece,
    Slots,
    Writing,
    ascii_bytes,
    gap,
    in_query,
    template,
)
from harness.scenario import actions, model
from harness.scenario.values import JsonObject, Words

JSON_HEADERS = template((["Content-Type: application/json\r\n"], ascii_bytes))


def browser_id() -> Request:
    """The request for a new browser id."""
    prefix: list[Piece] = [f"{endpoints.BROWSER_CREATE}?client_key=", gap("client_key"), "&message="]
    return Request("GET", template((prefix, ascii_bytes), (["{}"], in_query)), "BROWSER")


def writing_of(stream: str) -> Writing:
    """How the values of a visit are written, for the way in which events travel."""
    return IN_BODY if stream == endpoints.POST else IN_QUERY


def event(action: actions.Action, attributes: JsonObject, scenario: model.Scenario, slots: Slots) -> Request:
    """The event of an action, as the target's stream wants it; ``attributes`` replace or extend its own."""
    kind, own = _attributes(action, scenario.defaults)
    common = {
        "channel": scenario.defaults.channel,
        "type": kind,
        "language": scenario.defaults.language,
        "currency": scenario.defaults.currency,
        "page": scenario.defaults.page,
        "pos": scenario.target.point_of_sale,
        "browser_id": gap("browser_id"),
    }
    assert tuple(common) == events.COMMON
    made = Message(slots)
    whole = {**common, **own, **dict(attributes.items)}
    if scenario.target.stream == endpoints.POST:
        pieces = made.json({**whole, "client_key": gap("client_key.json")}, IN_BODY)
        version = f"{endpoints.LIBRARY_VERSION_HEADER}: {scenario.target.library_version}\r\n"
        headers = template(([f"Content-Type: application/json\r\n{version}"], ascii_bytes))
        target, body = template(([endpoints.EVENTS], ascii_bytes)), template((pieces, str.encode))
        return Request("POST", target, kind, headers, body, tuple(made.computed))
    prefix: list[Piece] = [f"{endpoints.EVENT_CREATE}?client_key=", gap("client_key"), "&message="]
    pieces = made.json(whole, IN_QUERY)
    return Request("GET", template((prefix, ascii_bytes), (pieces, in_query)), kind, computed=tuple(made.computed))


def personalize(action: actions.Personalize, scenario: model.Scenario, slots: Slots) -> Request:
    """The call of a full-stack experience (Sitecore's developer page "Personalize", flow execution)."""
    made = Message(slots)
    body = {
        "clientKey": gap("client_key.json"),
        "channel": scenario.defaults.channel,
        "language": scenario.defaults.language,
        "currencyCode": scenario.defaults.currency,
        "pointOfSale": scenario.target.point_of_sale,
        "browserId": gap("browser_id"),
        "friendlyId": action.friendly_id,
        "params": action.params,
    }
    pieces = made.json(body, IN_BODY)
    return Request(
        "POST",
        template(([endpoints.CALL_FLOWS], ascii_bytes)),
        "PERSONALIZE",
        JSON_HEADERS,
        template((pieces, str.encode)),
        tuple(made.computed),
    )


def _attributes(action: actions.Action, defaults: model.Defaults) -> tuple[str, dict[str, Any]]:
    """The event's type, and its attributes beside the common ones."""
    match action:
        case actions.Browse():
            return events.VIEW.name, _given(page=action.page, referrer=action.referrer, uri=action.uri)
        case actions.Identify():
            return events.IDENTITY.name, _identity()
        case actions.Search(attributes):
            return events.SEARCH.name, dict(attributes.items)
        case actions.Add():
            return events.ADD.name, {"product": _product(defaults.currency)}
        case actions.Confirm(items):
            chosen: list[Any] = [{"item_id": item} for item in items] or [gap("cart.confirm", raw=True)]
            return events.CONFIRM.name, {"product": chosen}
        case actions.Payment():
            return events.PAYMENT.name, _given(pay_type=action.pay_type, card_type=action.card_type)
        case actions.Checkout(status=status):
            return events.CHECKOUT.name, {"status": status, "reference_id": gap("order")}
        case actions.OrderCheckout():
            return events.ORDER_CHECKOUT.name, {"order": _order(action, defaults.currency)}
        case actions.ClearCart():
            return events.CLEAR_CART.name, {}
        case actions.ForceClose():
            return events.FORCE_CLOSE.name, {}
        case actions.Event(kind, ext):
            return kind, {"ext": ext} if ext.items else {}
    raise AssertionError(f"{type(action).__name__} sends no event")


def confirmed(action: actions.Action, attributes: JsonObject) -> tuple[str, ...] | None:
    """The items that a CONFIRM names; empty: all that is in the cart. None: it is no CONFIRM, or a reply decides."""
    if not isinstance(action, actions.Confirm | actions.Event):
        return None
    if isinstance(action, actions.Event) and action.type != events.CONFIRM.name:
        return None
    if "product" not in dict(attributes.items):
        return action.items if isinstance(action, actions.Confirm) else None
    names = [name for _, name in actions.set_item_ids(attributes)]
    texts = tuple(name for name in names if isinstance(name, str))
    return texts if texts and len(texts) == len(names) else None


def _given(**attributes: Words | None) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


def _identity() -> dict[str, Any]:
    names = ("title", "firstname", "lastname", "gender", "dob")
    return {
        "identifiers": [{"provider": OWN_PROVIDER, "id": gap("guest.id")}],
        "email": gap("guest.email"),
        **{name: gap(f"guest.{name}") for name in names},
        "street": [gap("guest.street")],
        **{name: gap(f"guest.{name}") for name in ("city", "country", "postal_code", "phone")},
    }


def _product(currency: str) -> dict[str, Any]:
    return {
        "type": gap("item.type"),
        "item_id": gap("item.id"),
        "name": gap("item.name"),
        "orderedAt": gap("now"),
        "quantity": gap("quantity", raw=True),
        "price": gap("item.price", raw=True),
        "productId": gap("item.id"),
        "currency": currency,
        "originalPrice": gap("item.price", raw=True),
        "originalCurrencyCode": currency,
        "referenceId": gap("line"),
    }


def _order(action: actions.OrderCheckout, currency: str) -> dict[str, Any]:
    return {
        "referenceId": gap("order"),
        "orderedAt": gap("now"),
        "status": action.status,
        "currencyCode": currency,
        "price": gap("cart.total", raw=True),
        **_given(paymentType=action.payment_type, cardType=action.card_type),
        "orderItems": [gap("cart.order", raw=True)],
    }


def line(item: model.Item, writing: Writing) -> Line:
    """An item of the catalog, encoded for ADD and CONFIRM."""
    texts = (writing.text(text) for text in (item.item_id, item.type, item.name))
    values = (*texts, writing.encode(f"{item.price:f}"))
    return Line(item.item_id, values, writing.value({"item_id": item.item_id}), amount(item.price))


_ORDER_LINE = (
    '{"type":"', '","item_id":"', '","name":"', '","quantity":', ',"price":', ',"currencyCode":"', '","productId":"', '"}',
)  # fmt: skip
_ORDER_LINES = {
    each.text_encoding: b"%b".join(each.encode(piece).replace(b"%", b"%%") for piece in _ORDER_LINE)
    for each in (IN_QUERY, IN_BODY)
}


def order_line(values: tuple[bytes, ...], quantity: int, currency: bytes, writing: Writing) -> bytes:
    """An item of an ORDER_CHECKOUT from the values of ``ITEM_SLOTS``, encoded as these are."""
    item_id, kind, name, price = values
    form = _ORDER_LINES[writing.text_encoding]
    return form % (kind, item_id, name, b"%d" % quantity, price, currency, item_id)
