"""Paths, regions and reply codes of the CDP.

Source: Sitecore's developer pages "Stream API", "Order REST API" and "Guest REST API".
"""

from types import MappingProxyType

STREAM_VERSION = "1.2"
"""The version that every Stream API reply carries."""

BROWSER_ID = "[0-9A-Za-z-]{1,100}"
"""A browser id, as the ``ref`` of a reply gives it: a UUID."""
BROWSER_CREATE = "/v1.2/browser/create.json"
"""GET: makes a browser id. Reply: ``{"ref", "status", "version", "client_key"}``."""

EVENT_CREATE = "/v1.2/event/create.json"
"""GET: one event, URL-encoded JSON in the parameter ``message``. Reply: 201 and the same four keys."""

BROWSER_SHOW = "/v1.2/browser/{browser_id}/show.json"
"""GET with ``client_key``, and the same key as ``api_token``. Reply: ``{"customer": {"ref": …}}``."""

GUESTS = "/v2/guests"
"""GET with ``email``, or ``identifiers.provider`` and ``identifiers.id``, HTTP Basic; ``/{ref}`` gives one in full."""

GUEST_CONTEXTS = "/v2/guestContexts"
"""GET ``/{guest ref}``, HTTP Basic: a guest with sessions and orders, as Sitecore's own published SDK tests read it."""

EXPAND_SESSIONS = "expand=items.sessions(offset:0,limit:100)&source=all&timeout=30000"
"""What makes a guest context hold the sessions."""

EVENTS = "/v1.2/events"
"""POST: one event as JSON, with ``client_key`` in it, as Sitecore's JavaScript library sends it."""

LIBRARY_VERSION_HEADER = "X-Library-Version"
"""With the POST of an event: the version of the JavaScript library that sends it."""

LIBRARY_VERSION = "1.4.3"
"""Sent where a scenario names no other: of Sitecore's npm package "@sitecore/engage"."""

GET, POST = "get", "post"
"""The two ways in which an event travels: in the URL (EVENT_CREATE), or as a body (EVENTS)."""

GUESTS_21 = "/v2.1/guests"
"""The same calls in version 2.1, which added the partial ones; the replies link to the version that was asked."""

ORDERS = "/v2.1/orders"
"""GET with ``referenceId`` or ``guestRef``, HTTP Basic: how orders are read back."""

ORDER_ITEMS = "/v2.1/orderItems"
"""GET ``/{orderItemRef}``: a line of an order; ``/v2.1/orders/{orderRef}/orderItems`` lists them."""

ORDER_CONTACTS = "/v2.1/orderContacts"
"""GET ``/{orderContactRef}``: the guest whose order it is; ``/v2.1/orders/{orderRef}/contacts`` makes one."""

CALL_FLOWS = "/v2/callFlows"
"""POST, JSON: runs a full-stack experience (Personalize); the reply is the experience's own JSON."""

REGIONS = MappingProxyType(
    {region: f"https://api-engage-{region}.sitecorecloud.io" for region in ("eu", "us", "ap", "jpe")}
)
"""Region name to base URL."""
