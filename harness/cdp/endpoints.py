"""Paths, regions and reply codes of the CDP.

Source: Sitecore's developer pages "Stream API", "Order REST API" and "Guest REST API".
"""

from types import MappingProxyType

STREAM_VERSION = "1.2"
"""The version that every Stream API reply carries."""

BROWSER_CREATE = "/v1.2/browser/create.json"
"""GET: makes a browser id. Reply: ``{"ref", "status", "version", "client_key"}``."""

EVENT_CREATE = "/v1.2/event/create.json"
"""GET: one event, URL-encoded JSON in the parameter ``message``. Reply: 201 and the same four keys."""

ORDERS = "/v2.1/orders"
"""GET with ``referenceId`` or ``guestRef``, HTTP Basic: how orders are read back."""

CALL_FLOWS = "/v2/callFlows"
"""POST, JSON: runs a full-stack experience (Personalize); the reply is the experience's own JSON."""

REGIONS = MappingProxyType(
    {region: f"https://api-engage-{region}.sitecorecloud.io" for region in ("eu", "us", "ap", "jpe")}
)
"""Region name to base URL."""
