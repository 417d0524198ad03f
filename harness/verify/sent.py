"""What was sent to a CDP along one path, read from the requests themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harness.cdp import endpoints


@dataclass(frozen=True, slots=True)
class SentEvent:
    """An event that the target acknowledged: its step, its type, and the message as it went out."""

    step: str
    type: str
    message: Mapping[str, Any]

    def text(self, name: str) -> str:
        """An attribute as text; empty where it is missing, or no text."""
        value = self.message.get(name)
        return value if isinstance(value, str) else ""


def message_of(method: str, target: str, body: bytes | None) -> Mapping[str, Any] | None:
    """The event in a request, decoded, its numbers exact: of either of the Stream API's calls. None: it holds none."""
    parts = urlsplit(target)
    if method == "GET" and parts.path == endpoints.EVENT_CREATE:
        text = parse_qs(parts.query, keep_blank_values=True).get("message", [""])[0]
    elif method == "POST" and parts.path == endpoints.EVENTS:
        text = (body or b"").decode("utf-8", "replace")
    else:
        return None
    try:
        found = json.loads(text, parse_float=Decimal)
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None
