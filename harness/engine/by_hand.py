"""Requests of the Stream API made one by one, for probes: no plan, no gaps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from harness.cdp import endpoints
from harness.scenario.model import Defaults, Target


def browser_path(key: str) -> str:
    """What asks for a browser id."""
    return f"{endpoints.BROWSER_CREATE}?client_key={quote(key, safe='')}&message=%7B%7D"


def browser_of(body: bytes) -> str:
    """The browser id in a reply; empty when there is none."""
    try:
        ref = json.loads(body).get("ref")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return ref if isinstance(ref, str) else ""


def event_path(target: Target, defaults: Defaults, browser: str, event: Mapping[str, Any]) -> str:
    """What sends an event: its ``type`` and own attributes, behind what every event carries."""
    common = {
        "channel": defaults.channel,
        "type": event["type"],
        "language": defaults.language,
        "currency": defaults.currency,
        "page": defaults.page,
        "pos": target.point_of_sale,
        "browser_id": browser,
    }
    message = quote(json.dumps({**common, **event}, separators=(",", ":"), ensure_ascii=False), safe="")
    return f"{endpoints.EVENT_CREATE}?client_key={quote(target.key, safe='')}&message={message}"
