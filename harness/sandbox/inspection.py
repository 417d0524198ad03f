"""What the sandbox shows of itself under ``/_sandbox``: figures, guests, the page, and a reset."""

import gc
from importlib.resources import files
from itertools import islice
from shlex import quote
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from harness.cdp.endpoints import BROWSER_CREATE, EVENT_CREATE
from harness.cdp.events import PURCHASED, VIEW
from harness.sandbox import cart, money
from harness.sandbox.config import SandboxConfig
from harness.sandbox.injection import Injection
from harness.sandbox.model import Entry, Guest, Session
from harness.sandbox.openapi import openapi
from harness.sandbox.order_json import line_json, order_json, payment_json
from harness.sandbox.replies import Json, error, private
from harness.sandbox.rest import base_of, iso
from harness.sandbox.store import Store

PREFIX = "/_sandbox"
MAX_LIMIT = 200
SESSIONS_SHOWN = 20
ORDERS_SHOWN = 100

_NO_NUMBERS = "offset and limit are whole numbers."
_PAGE = {"": "index.html", **{name: name for name in ("app.js", "mend.js", "parts.js", "style.css")}}
_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
_HEADERS = {
    # Whatever a guest is called, nothing but the page's own files runs, loads or is called.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


def routes(store: Store, faults: Injection) -> list[Route]:
    """The endpoints, for Starlette."""
    view = _Inspection(store, faults)
    return [
        Route(PREFIX + "/stats", view.stats, methods=["GET"]),
        Route(PREFIX + "/openapi.json", view.openapi, methods=["GET"]),
        Route(PREFIX + "/about", view.about, methods=["GET"]),
        Route(PREFIX + "/guests", view.guests, methods=["GET"]),
        Route(PREFIX + "/guests/{ref}", view.guest, methods=["GET"]),
        Route(PREFIX + "/orders", view.orders, methods=["GET"]),
        Route(PREFIX + "/reset", view.reset, methods=["POST"]),
        *(Route(f"{PREFIX}/{path}", _file(name), methods=["GET"]) for path, name in _PAGE.items()),
        Route(PREFIX, _to_page, methods=["GET"]),
        Route("/", _to_page, methods=["GET"]),
    ]


class _Inspection:
    def __init__(self, store: Store, faults: Injection) -> None:
        self._store = store
        self._faults = faults

    async def stats(self, request: Request) -> Response:
        """Counts since the start or the last reset.

        ``guests`` are the distinct guests: identified customers, and visitors with an event to their
        name. ``rejected`` counts the events dropped silently because of their point of sale,
        ``rejectedPointsOfSale`` says of which, so many names and "(other)". ``revenue``
        is that of the orders that were not taken back, ``abandoned`` what closed sessions left in carts.
        """
        return private(Json(self._store.stats()))

    async def about(self, request: Request) -> Response:
        """``{"clientKey", "pointsOfSale", "firstEvent"}``: whom to talk to, and a shell command that does."""
        config = self._store.config
        return private(
            Json(
                {
                    "clientKey": config.client_key,
                    "pointsOfSale": config.points_of_sale,
                    "firstEvent": first_event(base_of(request), config),
                }
            )
        )

    async def openapi(self, request: Request) -> Response:
        """The sandbox's API, for tools."""
        return Json(openapi())

    async def reset(self, request: Request) -> Response:
        """Forgets everything: 204. Faults stay, and begin anew."""
        self._store.reset()
        self._faults.restart()
        if self._store.is_full:
            # Sessions and guests know each other: without this their memory comes back much later.
            gc.collect()
        return Response(status_code=204)

    async def guests(self, request: Request) -> Response:
        """``?query=&offset=&limit=``: ``{"total", "offset", "limit", "items"}``, latest activity first."""
        page = _page(request)
        if page is None:
            return error(400, _NO_NUMBERS)
        offset, limit = page
        self._store.advance()
        total, found = self._store.search(request.query_params.get("query", ""), offset, limit)
        items = [_guest_row(guest) for guest in found]
        return private(Json({"total": total, "offset": offset, "limit": limit, "items": items}))

    async def orders(self, request: Request) -> Response:
        """``?offset=&limit=``: ``{"total", "offset", "limit", "items"}``, the latest one first.

        An order has ``sameNumber``, how many have its number, and ``buyer``, a row of the list of guests or null.
        """
        page = _page(request)
        if page is None:
            return error(400, _NO_NUMBERS)
        offset, limit = page
        self._store.advance()
        orders, base = self._store.orders, base_of(request)
        items = [
            {
                **order_json(order, base),
                "sameNumber": len(self._store.ledger.of_number(order.number)),
                "buyer": None if order.guest is None else _guest_row(order.guest),
            }
            for order in islice(reversed(orders.values()), offset, offset + limit)
        ]
        return private(Json({"total": len(orders), "offset": offset, "limit": limit, "items": items}))

    async def guest(self, request: Request) -> Response:
        """A guest with the latest sessions (timelines, carts) and orders."""
        self._store.advance()
        guest = self._store.guests.get(request.path_params["ref"])
        if guest is None:
            return error(404, "There is no guest of that ref.")
        revenue, abandoned = (money.Sums(self._store.limits.currencies) for _ in range(2))
        for order in guest.orders.values():
            if order.status == PURCHASED:
                revenue.add(order.currency, order.price)
        for session in guest.sessions:
            for currency, worth in (session.abandoned or {}).items():
                abandoned.add(currency, worth)
        orders = list(guest.orders.values())[: -ORDERS_SHOWN - 1 : -1]
        return private(
            Json(
                {
                    **_guest_row(guest),
                    "attributes": guest.attributes,
                    "browserIds": guest.browsers[::-1],
                    "revenue": money.texts(revenue.totals),
                    "abandoned": money.texts(abandoned.totals),
                    "orders": [order_json(o, base_of(request)) for o in orders],
                    "sessions": [_session(s) for s in guest.sessions[: -SESSIONS_SHOWN - 1 : -1]],
                }
            )
        )


def _page(request: Request) -> tuple[int, int] | None:
    """Offset and limit; None if they are no numbers."""
    asked = request.query_params
    try:
        return (
            min(max(int(asked.get("offset", "0")), 0), 1 << 40),
            min(max(int(asked.get("limit", "50")), 1), MAX_LIMIT),
        )
    except ValueError:
        return None


def first_event(base: str, config: SandboxConfig) -> str:
    """Shell lines that fetch a browser id and send a VIEW with it."""
    key = quote(f"client_key={config.client_key}")
    event = {
        "channel": "WEB",
        "type": VIEW.name,
        "language": "EN",
        "currency": "GBP",
        "page": "home page",
        "pos": next(iter(config.points_of_sale), ""),
        "browser_id": "",
    }
    message = quote("message=" + orjson.dumps(event).decode().removesuffix('"}'))
    return (
        f"BROWSER_ID=$(curl -sG {base}{BROWSER_CREATE} --data-urlencode {key} -d message=%7B%7D"
        " | cut -d'\"' -f4)\n"
        f"curl -G {base}{EVENT_CREATE} --data-urlencode {key} \\\n"
        f'  --data-urlencode {message}"$BROWSER_ID"\'"}}\''
    )


def _guest_row(guest: Guest) -> dict[str, Any]:
    return {
        "ref": guest.ref,
        "guestType": guest.guest_type,
        "name": guest.name,
        "email": guest.email,
        "browserId": guest.browsers[-1] if guest.browsers else "",
        "firstSeen": iso(guest.first_seen),
        "lastSeen": iso(guest.last_seen),
        "isActive": any(session.is_open for session in guest.sessions),
        "sessionCount": guest.session_count,
        "orderCount": len(guest.orders),
    }


def _session(session: Session) -> dict[str, Any]:
    return {
        "ref": session.ref,
        "browserId": session.browser_id,
        "channel": session.channel,
        "pointOfSale": session.pos,
        "status": "open" if session.is_open else "closed",
        "startedAt": iso(session.started),
        "lastEventAt": iso(session.last_event),
        "cart": [{**line_json(line), "confirmed": line.confirmed} for line in session.cart],
        "cartTotal": money.text(cart.total(session.cart)),
        "cartValue": money.texts(cart.value(session.cart)),
        "abandoned": money.texts(session.abandoned) if session.abandoned else None,
        "payment": payment_json(*session.payment),
        "dropped": session.dropped,
        "timeline": [_entry(number, e) for number, e in enumerate(session.timeline, session.dropped + 1)],
    }


def _entry(number: int, entry: Entry) -> dict[str, Any]:
    return {
        "number": number,
        "at": iso(entry.at),
        "type": entry.type,
        "title": entry.title,
        "note": entry.note,
        "orderNumber": entry.order_number,
        "value": entry.effect.value,
        "libraryVersion": entry.library,
        "attributes": orjson.Fragment(entry.raw),
    }


def _file(name: str) -> Any:
    content = files("harness.sandbox").joinpath("web", name).read_bytes()
    media_type = _TYPES[name.rpartition(".")[2]]

    async def serve(request: Request) -> Response:
        return Response(content, headers=_HEADERS, media_type=media_type)

    return serve


async def _to_page(request: Request) -> Response:
    return RedirectResponse(PREFIX + "/")
