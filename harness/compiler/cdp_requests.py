"""How each action speaks to the CDP: its event, attribute for attribute, in the order of the CDP's examples."""

from __future__ import annotations

from typing import Any

from harness.cdp import endpoints, events
from harness.compiler.plan import Line, Request, amount
from harness.compiler.template import Gap, fragment_in_query, in_query, message, query_template, text_in_query
from harness.scenario import model

BROWSER_REF = "[0-9A-Za-z-]{1,100}"
"""A browser id, as the reply's ``ref`` gives it: a UUID."""

IDENTITY_PROVIDER = "harness"


def browser_id() -> Request:
    """The request for a new browser id."""
    prefix: list[str | Gap] = [f"{endpoints.BROWSER_CREATE}?client_key=", Gap("client_key"), "&message="]
    return Request("GET", query_template(prefix, ["{}"]), "BROWSER")


def event(action: model.Action, scenario: model.Scenario) -> Request:
    """The event of an action, by direct HTTP GET."""
    kind, attributes = _attributes(action, scenario.defaults.currency)
    defaults = scenario.defaults
    common = {
        "channel": defaults.channel,
        "type": kind.name,
        "language": defaults.language,
        "currency": defaults.currency,
        "page": (action.page if isinstance(action, model.Browse) else None) or defaults.page,
        "pos": scenario.target.point_of_sale,
        "browser_id": Gap("browser_id"),
    }
    assert tuple(common) == events.COMMON
    assert set(attributes) <= set(kind.attributes)
    prefix: list[str | Gap] = [f"{endpoints.EVENT_CREATE}?client_key=", Gap("client_key"), "&message="]
    return Request("GET", query_template(prefix, message({**common, **attributes})), kind.name)


def _attributes(action: model.Action, currency: str) -> tuple[events.EventType, dict[str, Any]]:
    match action:
        case model.Browse(uri=uri, referrer=referrer):
            given = {"referrer": referrer, "uri": uri}
            return events.VIEW, {name: value for name, value in given.items() if value is not None}
        case model.Identify():
            return events.IDENTITY, _identity()
        case model.Add():
            return events.ADD, {"product": _product(currency)}
        case model.Confirm():
            return events.CONFIRM, {"product": [Gap("cart", raw=True)]}
        case model.Checkout(status=status):
            return events.CHECKOUT, {"status": status, "reference_id": Gap("order")}
    raise AssertionError(f"{type(action).__name__} sends no event")


def _identity() -> dict[str, Any]:
    names = ("title", "firstname", "lastname", "gender", "dob")
    return {
        "identifiers": [{"provider": IDENTITY_PROVIDER, "id": Gap("guest.id")}],
        "email": Gap("guest.email"),
        **{name: Gap(f"guest.{name}") for name in names},
        "street": [Gap("guest.street")],
        **{name: Gap(f"guest.{name}") for name in ("city", "country", "postal_code", "phone")},
    }


def _product(currency: str) -> dict[str, Any]:
    return {
        "type": Gap("item.type"),
        "item_id": Gap("item.id"),
        "name": Gap("item.name"),
        "orderedAt": Gap("now"),
        "quantity": Gap("quantity", raw=True),
        "price": Gap("item.price", raw=True),
        "productId": Gap("item.id"),
        "currency": currency,
        "originalPrice": Gap("item.price", raw=True),
        "originalCurrencyCode": currency,
        "referenceId": Gap("line"),
    }


def line(item: model.Item) -> Line:
    """An item of the catalog, encoded for ADD and CONFIRM."""
    values = (
        text_in_query(item.item_id),
        text_in_query(item.type),
        text_in_query(item.name),
        in_query(str(item.price)),
    )
    return Line(item.item_id, values, fragment_in_query({"item_id": item.item_id}), amount(item.price))
