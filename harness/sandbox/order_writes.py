"""Order REST: orders made, replaced and deleted, their items and contact added.

Source: Sitecore's public reference "Sitecore CDP Order REST API (v2.1)", pages "Create an order" and "Create an
order contact", and "Examples of order items": required fields, statuses, channels; a contact with enough identity
information associates a guest with the order. Sandbox's choices, for these are undocumented: it is not looked
whether there is an order of that number already; an order without status is PURCHASED; the number of an order
cannot be changed (400); unknown fields are refused, those of items are not.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.cdp.endpoints import ORDERS
from harness.cdp.orders_api import ITEM_REQUIRED, OPTIONAL, ORDER_CHANNELS, ORDER_STATUSES, REQUIRED
from harness.sandbox import money
from harness.sandbox.config import SandboxConfig
from harness.sandbox.fields import moment, word
from harness.sandbox.guest_fields import read_guest
from harness.sandbox.identity import identities_of
from harness.sandbox.order_json import contact_json, item_json, order_json
from harness.sandbox.order_reads import order_of_path
from harness.sandbox.replies import Json
from harness.sandbox.rest import RestError, base_of, guarded, json_body
from harness.sandbox.store import Store

_IGNORED = frozenset({"href", "ref", "createdAt", "modifiedAt", "guest", "contacts", "consumers", "orderItems"})


def routes(store: Store, config: SandboxConfig) -> list[Route]:
    """The endpoints that write, for Starlette."""
    api = _Orders(store)
    calls = (
        (ORDERS, api.create, "POST"),
        (ORDERS + "/{ref}", api.put, "PUT"),
        (ORDERS + "/{ref}", api.delete, "DELETE"),
        (ORDERS + "/{ref}/orderItems", api.add_item, "POST"),
        (ORDERS + "/{ref}/contacts", api.add_contact, "POST"),
    )
    return [Route(path, guarded(config, handler), methods=[method]) for path, handler, method in calls]


class _Orders:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, request: Request) -> Response:
        """201 and the order, which is nobody's until it has a contact."""
        fields = _fields(await json_body(request))
        self._store.advance()
        order = self._store.write("order.create", fields=fields)
        await self._store.kept()
        return Json(order_json(order, base_of(request)), 201)

    async def put(self, request: Request) -> Response:
        """200 and the order, of whose own fields nothing is left that is not sent."""
        order_of_path(self._store, request)
        fields = _fields(await json_body(request))
        order = order_of_path(self._store, request)
        if fields["referenceId"].upper() != order.number:
            raise RestError(400, "referenceId: cannot be changed.")
        self._store.write("order.replace", ref=order.ref, fields=fields)
        await self._store.kept()
        return Json(order_json(order, base_of(request)))

    async def delete(self, request: Request) -> Response:
        """200, empty."""
        self._store.write("order.delete", ref=order_of_path(self._store, request).ref)
        await self._store.kept()
        return Response()

    async def add_item(self, request: Request) -> Response:
        """201 and the item. The price of the order is what it was."""
        order_of_path(self._store, request)
        fields = await json_body(request)
        for name in ITEM_REQUIRED:
            if not word(fields.get(name)):
                raise RestError(400, f"{name}: {name} may not be null.")
        for name in ("price", "quantity"):
            if money.amount(fields[name]) is None:
                raise RestError(400, f"{name}: is no number.")
        order = order_of_path(self._store, request)
        if len(order.lines) >= self._store.limits.cart_lines:
            raise RestError(400, f"The sandbox keeps {self._store.limits.cart_lines} items an order.")
        self._store.write("order.item", ref=order.ref, fields=fields)
        await self._store.kept()
        return Json(item_json(order, len(order.lines) - 1, base_of(request)), 201)

    async def add_contact(self, request: Request) -> Response:
        """201 and the contact: the guest of these identities, who is made if there is none."""
        order_of_path(self._store, request)
        body = await json_body(request)
        body = {name: value for name, value in body.items() if name not in _IGNORED | {"order"}}
        attributes = read_guest(body)
        attributes.pop("guestType", None)
        if not identities_of(attributes):
            raise RestError(400, "An email, or an identifier with provider and id, is required.")
        order = order_of_path(self._store, request)
        self._store.write("order.contact", ref=order.ref, attributes=attributes)
        await self._store.kept()
        return Json(contact_json(order, base_of(request)), 201)


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    """What is sent of an order. Raises RestError (400)."""
    fields = {name: value for name, value in body.items() if name not in _IGNORED and value is not None}
    for name in fields:
        if name not in (*REQUIRED, *OPTIONAL):
            raise RestError(400, f"{name[:100]}: is not a field of an order.")
    for name in REQUIRED:
        if not word(fields.get(name)):
            raise RestError(400, f"{name}: {name} may not be null.")
    if money.amount(fields["price"]) is None:
        raise RestError(400, "price: is no number.")
    if moment(fields["orderedAt"]) is None:
        raise RestError(400, "orderedAt: is no ISO 8601 time.")
    for name, known in (("status", ORDER_STATUSES), ("channel", ORDER_CHANNELS)):
        if name in fields and fields[name] not in known:
            raise RestError(400, f"{name}: must be one of {', '.join(known)}.")
    return {name: value if name == "price" else word(value) for name, value in fields.items()}
