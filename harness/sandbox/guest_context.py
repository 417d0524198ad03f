"""The guest context: a guest with sessions, their events and carts, and orders.

Not in Sitecore's public reference: the call is the one that Sitecore's own published demo and SDK code makes,
``GET /v2/guestContexts/{guestRef}?expand=items.sessions(offset:0,limit:100)``, and the fields are those it reads.
Of the values, "Sessions data" and "Sessions" (data lake export) document ``status`` and ``cartType``;
"Understanding data limits in decisioning and conditions" documents the last 40 sessions, 100 events of each and 20
orders. Sandbox's choices, for all else is undocumented: sessions are there without being asked for; the latest
session and the latest order come first, events in the order in which they came; ``cart`` and ``abandoned`` are the
sandbox's own.
"""

import re
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.cdp.endpoints import GUEST_CONTEXTS
from harness.sandbox import money
from harness.sandbox.config import SandboxConfig
from harness.sandbox.guest_fields import guest_json
from harness.sandbox.guest_rest import guest_of_path
from harness.sandbox.model import Entry, Guest, Session
from harness.sandbox.order_json import line_json, order_json
from harness.sandbox.replies import Json
from harness.sandbox.rest import base_of, guarded, iso
from harness.sandbox.store import Store

SESSIONS, EVENTS, ORDERS = 40, 100, 20
"""How many are shown, the latest; ``expand`` may ask for other numbers of the first two."""

MOST_SESSIONS, MOST_EVENTS = 100, 10_000

_ASKED = re.compile(r"\b(sessions|events)\(offset:(\d{1,9}),limit:(\d{1,9})\)")
_MOBILE = ("MOBILE_APP", "MOBILE_WEB")
_NOT_ARBITRARY = ("type", "channel", "pos", "browser_id", "client_key")


def routes(store: Store, config: SandboxConfig) -> list[Route]:
    """The endpoint, for Starlette."""

    async def one(request: Request) -> Response:
        guest = guest_of_path(store, request)
        return Json(context_json(guest, config.client_key, base_of(request), ",".join(_expand(request))))

    return [Route(GUEST_CONTEXTS + "/{ref}", guarded(config, one), methods=["GET"])]


def context_json(guest: Guest, client_key: str, base: str, expand: str = "") -> dict[str, Any]:
    """The guest's JSON. ``expand`` may hold ``sessions(offset:0,limit:100)`` and the same of ``events``."""
    asked = {name: (int(offset), int(limit)) for name, offset, limit in _ASKED.findall(expand)}
    offset, limit = asked.get("sessions", (0, SESSIONS))
    sessions = guest.sessions[::-1][offset : offset + min(limit, MOST_SESSIONS)]
    orders = list(guest.orders.values())[: -ORDERS - 1 : -1]
    shown = guest_json(guest, f"{base}{GUEST_CONTEXTS}/{guest.ref}")
    shown.pop("extensions", None)
    return {
        "clientKey": client_key,
        **shown,
        "dataExtensions": [
            {"name": name, "key": "default", "values": each.values} for name, each in guest.extensions.items()
        ],
        "orders": [order_json(order, base) for order in orders],
        "sessions": [_session(session, asked.get("events", (0, EVENTS))) for session in sessions],
    }


def cart_type(session: Session) -> str:
    """CONVERTED with a purchase, ABANDONED when something was put into the cart and not bought, else BROWSED."""
    if session.has_purchase:
        return "CONVERTED"
    return "ABANDONED" if session.abandoned or (session.is_open and session.cart) else "BROWSED"


def _expand(request: Request) -> list[str]:
    return [value[:1000] for value in request.query_params.getlist("expand")[:10]]


def _session(session: Session, part: tuple[int, int]) -> dict[str, Any]:
    offset, limit = part[0], min(part[1], MOST_EVENTS)
    events = session.timeline[::-1][offset : offset + limit][::-1]
    ended = {} if session.is_open else {"endedAt": iso(session.last_event)}
    abandoned = {"abandoned": money.texts(session.abandoned)} if session.abandoned else {}
    return {
        "ref": session.ref,
        "createdAt": iso(session.started),
        "modifiedAt": iso(session.last_event),
        "startedAt": iso(session.started),
        **ended,
        "duration": round(session.last_event - session.started, 3),
        "status": "OPEN" if session.is_open else "CLOSED",
        "sessionType": "MOBILE" if session.channel in _MOBILE else "WEB",
        "channel": session.channel,
        "pointOfSale": session.pos,
        "browserId": session.browser_id,
        "cartType": cart_type(session),
        "cart": [line_json(line) for line in session.cart],
        **abandoned,
        "events": [_event(session, entry) for entry in events],
    }


def _event(session: Session, entry: Entry) -> dict[str, Any]:
    sent = orjson.loads(entry.raw)
    return {
        "type": entry.type,
        "status": "PROCESSED",
        "channel": sent.get("channel") or session.channel,
        "pointOfSale": session.pos,
        "createdAt": iso(entry.at),
        "modifiedAt": iso(entry.at),
        "arbitraryData": {name: value for name, value in sent.items() if name not in _NOT_ARBITRARY},
    }
