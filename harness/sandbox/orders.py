"""Reading orders back: Order REST, and who is behind a browser id.

Source: Sitecore's developer pages "Order REST API" and "Stream API".
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.cdp.endpoints import BROWSER_CREATE, ORDERS
from harness.sandbox import money
from harness.sandbox.config import SandboxConfig
from harness.sandbox.model import Line, Order
from harness.sandbox.replies import Json, error, is_authorized
from harness.sandbox.store import Store

BROWSER_SHOW = BROWSER_CREATE.removesuffix("create.json") + "{browser_id}/show.json"
MAX_LIMIT = 100
DEFAULT_LIMIT = 10


def routes(store: Store, config: SandboxConfig) -> list[Route]:
    """The endpoints, for Starlette."""
    api = _Orders(store, config)
    return [
        Route(ORDERS, api.search, methods=["GET"]),
        Route(ORDERS + "/{ref}", api.one, methods=["GET"]),
        Route(BROWSER_SHOW, api.show_browser, methods=["GET"]),
    ]


class _Orders:
    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self._store = store
        self._config = config

    async def search(self, request: Request) -> Response:
        """``?referenceId=…`` or ``?guestRef=…``; ``offset``, ``limit`` (≤ 100), ``expand=items``.

        Undocumented, sandbox's choice: a limit of 10 by default, one above 100 is taken as 100, and
        given both parameters, an order has to meet both.
        """
        if not is_authorized(request, self._config):
            return _unauthorized()
        asked = request.query_params
        number, guest_ref = asked.get("referenceId", ""), asked.get("guestRef", "")
        if not number and not guest_ref:
            return error(400, "One of referenceId and guestRef is required.")
        try:
            offset = max(int(asked.get("offset", "0")), 0)
            limit = min(max(int(asked.get("limit", str(DEFAULT_LIMIT))), 1), MAX_LIMIT)
        except ValueError:
            return error(400, "offset and limit are whole numbers.")

        found = self._find(number, guest_ref)
        base = str(request.base_url).rstrip("/")
        criteria = {k: v for k in ("referenceId", "guestRef", "expand") if (v := asked.get(k))}

        def page(at: int) -> str:
            return f"{base}{ORDERS}?{urlencode({**criteria, 'offset': at, 'limit': limit})}"

        whole = asked.get("expand") == "items"
        items = found[offset : offset + limit]
        return Json(
            {
                "href": page(offset),
                "offset": offset,
                "limit": limit,
                "first": {"href": page(0)},
                "last": {"href": page(max(len(found) - 1, 0) // limit * limit)},
                "items": [order_json(o, base) if whole else {"href": _href(o, base)} for o in items],
            }
        )

    async def one(self, request: Request) -> Response:
        """The whole order; 404 if there is none of that ref."""
        if not is_authorized(request, self._config):
            return _unauthorized()
        order = self._store.orders.get(request.path_params["ref"])
        if order is None:
            return error(404, "There is no order of that ref.")
        return Json(order_json(order, str(request.base_url).rstrip("/")))

    async def show_browser(self, request: Request) -> Response:
        """``{"customer": {"ref": …}}``. The documented call has the client key in both parameters.

        Sandbox's choice: the API token is taken as ``api_token``, too.
        """
        given = request.query_params
        if given.get("client_key") != self._config.client_key or given.get("api_token") not in (
            self._config.client_key,
            self._config.api_token,
        ):
            return error(401, "client_key or api_token is wrong.")
        browser_id = request.path_params["browser_id"]
        if browser_id not in self._store.browsers:
            return error(404, "There is no such browser id.")
        return Json({"customer": {"ref": self._store.guest_of(browser_id, self._store.clock()).ref}})

    def _find(self, number: str, guest_ref: str) -> list[Order]:
        if number:
            order = self._store.order_numbers.get(number.upper())
            found = [order] if order else []
            return [o for o in found if o.guest.ref == guest_ref] if guest_ref else found
        guest = self._store.guests.get(guest_ref)
        return list(guest.orders.values()) if guest else []


def order_json(order: Order, base: str) -> dict[str, Any]:
    """A whole order. ``price`` is a JSON number with the exact decimals; ``orderedAt`` is UTC."""
    return {
        "href": _href(order, base),
        "ref": order.ref,
        "referenceId": order.number,
        "status": order.status,
        "orderedAt": iso(order.ordered_at),
        "currencyCode": order.currency,
        "price": _number(order.price),
        **payment_json(order.payment_type, order.card_type),
        "guest": {"href": f"{base}/v2/guests/{order.guest.ref}"},
        "orderItems": {"items": [line_json(line) for line in order.lines]},
    }


def payment_json(payment_type: str, card_type: str) -> dict[str, str]:
    """``paymentType`` and ``cardType``, each of them only if it is known (sandbox's choice)."""
    pairs = (("paymentType", payment_type), ("cardType", card_type))
    return {name: value for name, value in pairs if value}


def line_json(line: Line) -> dict[str, Any]:
    """A line of an order or a cart."""
    reference = {"referenceId": line.reference_id} if line.reference_id else {}
    return {
        **reference,
        "itemId": line.item_id,
        "name": line.name,
        "type": line.type,
        "quantity": orjson.Fragment(format(line.quantity, "f")),
        "price": _number(line.price),
        "currencyCode": line.currency,
    }


def iso(at: float) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(value: Decimal) -> orjson.Fragment:
    return orjson.Fragment(money.text(value))


def _href(order: Order, base: str) -> str:
    return f"{base}{ORDERS}/{order.ref}"


def _unauthorized() -> Response:
    return error(401, "Client key or API token is wrong.", {"www-authenticate": 'Basic realm="sandbox"'})
