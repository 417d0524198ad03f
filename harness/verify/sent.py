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
    return _object(text)


GUEST_CREATED, GUEST_UPDATED, GUEST_DELETED = "GUEST_CREATE", "GUEST_UPDATE", "GUEST_DELETE"
"""Among events: what the Guest REST API was told."""


def guest_write_of(method: str, target: str, body: bytes | None) -> tuple[str, Mapping[str, Any]] | None:
    """What a call of the Guest REST API changes of a guest: created, updated or deleted, with its fields. None: nothing."""
    below, _, rest = urlsplit(target).path.partition("/guests")
    if below not in ("/v2", "/v2.1") or rest.count("/") > 1:
        return None
    kinds = {("POST", False): GUEST_CREATED, ("PATCH", True): GUEST_UPDATED, ("DELETE", True): GUEST_DELETED}
    kind = kinds.get((method, bool(rest.strip("/"))))
    fields = _object((body or b"{}").decode("utf-8", "replace"))
    return None if kind is None or fields is None else (kind, fields)


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text, parse_float=Decimal)
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None
