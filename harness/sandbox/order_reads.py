"""Order REST: orders found and read with their items and contact, and who is behind a browser id.

Source: Sitecore's public reference "Sitecore CDP Order REST API (v2.1)", pages "List orders", "Retrieve order
item references (legacy)" and "Create an order contact"; developer page "Stream API" for the browser id.
Sandbox's choices, for these are undocumented: given both a number and a guest, an order has to meet both; an
order in a list of whole ones, and one that is asked for by its ref, has its items in it.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.cdp.endpoints import BROWSER_SHOW, ORDER_CONTACTS, ORDER_ITEMS, ORDERS
from harness.sandbox.config import SandboxConfig
from harness.sandbox.model import Order
from harness.sandbox.order_json import contact_json, item_href, item_json, order_href, order_json
from harness.sandbox.refs import order_of_contact, order_of_item
from harness.sandbox.replies import Json, error
from harness.sandbox.rest import RestError, base_of, guarded, of_path, page_of
from harness.sandbox.store import Store


def routes(store: Store, config: SandboxConfig) -> list[Route]:
    """The endpoints that read, for Starlette."""
    api = _Orders(store, config)
    calls = (
        (ORDERS, api.search),
        (ORDERS + "/{ref}", api.one),
        (ORDERS + "/{ref}/orderItems", api.items),
        (ORDERS + "/{ref}/contacts", api.contacts),
        (ORDER_ITEMS + "/{ref}", api.item),
        (ORDER_CONTACTS + "/{ref}", api.contact),
    )
    return [
        *(Route(path, guarded(config, handler), methods=["GET"]) for path, handler in calls),
        Route(BROWSER_SHOW, api.show_browser, methods=["GET"]),
    ]


def order_of_path(store: Store, request: Request) -> Order:
    """The order whose ref is in the path. Raises RestError (404)."""
    store.advance()
    return of_path(request, store.orders, "Order")


class _Orders:
    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self._store = store
        self._config = config

    async def search(self, request: Request) -> Response:
        """``?referenceId=…`` or ``?guestRef=…``; ``sort=created`` or ``orderedAt``; ``expand=true``."""
        asked = request.query_params
        number, guest_ref = asked.get("referenceId", ""), asked.get("guestRef", "")
        if not number and not guest_ref:
            raise RestError(400, "One of referenceId and guestRef is required.")
        page = page_of(request, ("referenceId", "guestRef"))
        self._store.advance()
        found = self._found(number, guest_ref)
        if asked.get("sort") in ("created", "orderedAt"):
            found.sort(key=lambda order: order.created if asked["sort"] == "created" else order.ordered_at)
        base = base_of(request)
        items = [
            order_json(order, base) if page.expand else {"href": order_href(order, base), "ref": order.ref}
            for order in found[page.offset : page.offset + page.limit]
        ]
        return Json(page.of(items, len(found)))

    async def one(self, request: Request) -> Response:
        """The whole order."""
        return Json(order_json(order_of_path(self._store, request), base_of(request)))

    async def items(self, request: Request) -> Response:
        """A page of the order's items."""
        order = order_of_path(self._store, request)
        page, base = page_of(request), base_of(request)
        numbers = range(len(order.lines))[page.offset : page.offset + page.limit]
        items = [
            item_json(order, index, base) if page.expand else {"href": item_href(order, index, base)}
            for index in numbers
        ]
        return Json(page.of(items, len(order.lines)))

    async def item(self, request: Request) -> Response:
        """An item of an order."""
        ref = request.path_params["ref"]
        self._store.advance()
        for order_ref, index in order_of_item(ref, self._store.limits.cart_lines):
            order = self._store.orders.get(order_ref)
            if order is not None and index < len(order.lines):
                return Json(item_json(order, index, base_of(request)))
        raise RestError(404, f"Order item with ref {ref[:100]} was not found.")

    async def contacts(self, request: Request) -> Response:
        """The order's contact: the guest whose it is, if it is anybody's."""
        order = order_of_path(self._store, request)
        page, base = page_of(request), base_of(request)
        contacts = [contact_json(order, base)] if order.guest is not None else []
        items = [each if page.expand else {"href": each["href"]} for each in contacts[page.offset :]]
        return Json(page.of(items, len(contacts)))

    async def contact(self, request: Request) -> Response:
        """A contact."""
        ref = request.path_params["ref"]
        self._store.advance()
        order = self._store.orders.get(order_of_contact(ref))
        if order is None or order.guest is None:
            raise RestError(404, f"Order contact with ref {ref[:100]} was not found.")
        return Json(contact_json(order, base_of(request)))

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
        self._store.advance()
        if browser_id not in self._store.browsers:
            return error(404, "There is no such browser id.")
        guest = self._store.guest_of(browser_id)
        await self._store.kept()
        return Json({"customer": {"ref": guest.ref}})

    def _found(self, number: str, guest_ref: str) -> list[Order]:
        if number:
            found = self._store.ledger.of_number(number.strip().upper())
            return [o for o in found if o.guest is not None and o.guest.ref == guest_ref] if guest_ref else found
        guest = self._store.guests.get(guest_ref)
        return list(guest.orders.values()) if guest else []
