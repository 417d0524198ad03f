"""Calls of the Stream API and of Personalize: which ones they are, and steps of those that are no verb's event."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from harness.cdp import endpoints
from harness.importer.calls import Call
from harness.importer.writing import CLIENT_KEY, Variables
from harness.scenario.blanks import blank
from harness.scenario.yaml_writer import Json

STREAM_PATHS = (endpoints.BROWSER_CREATE, endpoints.EVENT_CREATE, endpoints.EVENTS, endpoints.CALL_FLOWS)
LONGEST_MESSAGE = 4_000
"""Characters of an event that a URL carries without trouble."""
_FRIENDLY_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


def event_of(call: Call) -> dict[str, Any] | None:
    """The event that a call sends; None: it sends none."""
    if call.method == "GET" and call.path == endpoints.EVENT_CREATE:
        return _object(dict(call.query).get("message", ""))
    if call.method == "POST" and call.path == endpoints.EVENTS:
        return _object(call.body or "")
    return None


def is_cdp(call: Call) -> bool:
    """Whether a call is one of the Stream API's or of Personalize's."""
    return call.path.endswith(STREAM_PATHS)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def personalize(call: Call, variables: Variables) -> dict[str, Any] | None:
    """A call of an experience as a step; None where it is none."""
    body = _object(call.body or "")
    friendly_id = body.get("friendlyId") if body else None
    if not isinstance(friendly_id, str) or not _FRIENDLY_ID.fullmatch(friendly_id):
        return None
    params = body.get("params") if body else None
    value: dict[str, Any] = {"friendly_id": friendly_id}
    if isinstance(params, dict) and params:
        value["params"] = Json(variables.json(params))
    return {"personalize": value}


def plain(call: Call, event: dict[str, Any], variables: Variables) -> dict[str, Any] | None:
    """An event without a verb as a request, sent for the guest's own browser. None where it is too large."""
    sent = {**event, "browser_id": blank("browser.id")}
    is_get = call.method == "GET"
    sent.pop("client_key", None)
    if not is_get:
        sent["client_key"] = blank("CDP_CLIENT_KEY")
    text = json.dumps(_exact(sent), ensure_ascii=False, separators=(",", ":"))
    text = re.sub('"\x00(.*?)\x00"', r"\1", text.replace("\\u0000", "\0"))
    if len(text) > LONGEST_MESSAGE:
        return None
    if not is_get:
        body = Json(variables.json({**sent, "client_key": ""}) | {"client_key": CLIENT_KEY})
        return {"request": {"path": call.path, "method": "POST", "json": body}}
    message = variables.text(text)
    return {"request": {"path": call.path, "query": {"client_key": CLIENT_KEY, "message": message}}}


def _exact(value: Any) -> Any:
    """Exact numbers marked, so that they keep their digits."""
    if isinstance(value, Decimal):
        return f"\0{value:f}\0"
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    return [_exact(each) for each in value] if isinstance(value, list) else value
