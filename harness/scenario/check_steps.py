"""What a step gets wrong by itself: attributes, codes, sizes, limits, the wrong vocabulary."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from harness.cdp import endpoints, events
from harness.scenario import actions, model
from harness.scenario.check_codes import check_code
from harness.scenario.check_guests import check_guest_call
from harness.scenario.check_requests import check_request
from harness.scenario.check_shop import place
from harness.scenario.diagnostics import Findings
from harness.scenario.expressions import Interpolated
from harness.scenario.source import key_at
from harness.scenario.values import JsonObject

LONGEST_URL = 8 * 1024
"""Bytes; servers commonly refuse longer request lines."""
URL_BESIDE = 700
"""Bytes that a GET event has beside what its step says: path, key, the common attributes, a guest's data."""
LONGEST_WAIT_S = 30.0
"""A reply that takes longer counts as lost, whatever a step expects."""
_NO_EVENTS = (actions.HttpRequest, actions.Personalize, actions.GuestCall)
_OWN_ATTRIBUTES = ("type", "browser_id")
_VERB_OF = {
    "VIEW": "browse", "IDENTITY": "identify", "SEARCH": "search", "ADD": "add", "CONFIRM": "confirm",
    "PAYMENT": "payment", "CHECKOUT": "checkout", "ORDER_CHECKOUT": "order_checkout", "CLEAR_CART": "clear_cart",
    "FORCE_CLOSE": "force_close",
}  # fmt: skip


def check_step(step: actions.Step, scenario: model.Scenario, to: Findings) -> None:
    """Note what is wrong with one step."""
    action = step.action
    if isinstance(action, actions.FLOW):
        return
    cdp = not isinstance(action, actions.HttpRequest)
    if cdp and scenario.target.system != model.CDP:
        label = f"use 'request', or set target.system to {model.CDP}"
        to.error(
            "E322",
            step.span,
            f"this step is for system {model.CDP}, and the target's is {scenario.target.system}",
            label,
        )
        return
    if step.expect.within is not None and step.expect.within > LONGEST_WAIT_S:
        said = f"a reply is waited for {LONGEST_WAIT_S:g} s at most"
        to.warning("W412", place(step, "expect", "within"), said, "within: 30s, or less")
    if isinstance(action, actions.HttpRequest):
        check_request(step, action, to)
    if isinstance(action, actions.GuestCall):
        check_guest_call(step, action, scenario, to)
    if step.attributes.items and isinstance(action, _NO_EVENTS):
        span = key_at(step.node, "set") or step.span
        to.error("E323", span, "'set' is for events", "write it into the request itself")
    elif step.attributes.items:
        _attributes(step, "set", step.attributes.items, to)
    if isinstance(action, actions.Search):
        _attributes(step, "search", action.attributes.items, to)
    if isinstance(action, actions.Event):
        if action.type in _VERB_OF:
            label = f"write '- {_VERB_OF[action.type]}'"
            to.error("E327", place(step, "event", "type"), f"'{action.type}' has a step of its own", label)
        _ext(step, ("event", "ext"), action.ext, to)
        _needed(step, action, to)
    ext = dict(step.attributes.items).get("ext")
    if isinstance(ext, JsonObject):
        _ext(step, ("set", "ext"), ext, to)
    if not isinstance(action, _NO_EVENTS) and scenario.target.stream == endpoints.GET:
        _url(step, action, to)


def _attributes(step: actions.Step, key: str, items: Iterable[tuple[str, Any]], to: Findings) -> None:
    """Free attributes of an event: what may be set, and codes that exist."""
    for name, value in items:
        if name in _OWN_ATTRIBUTES:
            span = key_at(step.node, key, name) or step.span
            to.error("E323", span, f"'{name}' cannot be set", "it follows from the step: take it out")
        check_code(name, value, place(step, key, name), to)


def _needed(step: actions.Step, action: actions.Event, to: Findings) -> None:
    """Attributes without which the event says nothing."""
    given = dict(step.attributes.items)
    for name in events.NEEDED.get(action.type, ()):
        if name not in given:
            to.error("E330", step.span, f"{action.type} without '{name}'", f"add beside it: set: {{{name}: [{{…}}]}}")
    if action.type != events.FORM:
        return
    ext = {**dict(action.ext.items), **_items(given.get("ext"))}
    for name in events.FORM_NEEDS:
        if name not in ext:
            example = "ext: {formId: newsletter, interactionType: VIEWED}"
            to.error("E330", step.span, f"{action.type} without '{name}' in ext", f"for example {example}")
    kind = ext.get("interactionType", events.FORM_INTERACTIONS[0])
    if isinstance(kind, str) and kind not in events.FORM_INTERACTIONS:
        span = place(step, "event", "ext", "interactionType")
        to.error(
            "E330", span, f"'{kind[:60]}' is no interaction of a form", f"one of: {', '.join(events.FORM_INTERACTIONS)}"
        )


def _items(value: object) -> dict[str, Any]:
    return dict(value.items) if isinstance(value, JsonObject) else {}


def _ext(step: actions.Step, path: tuple[str, ...], ext: JsonObject, to: Findings) -> None:
    if len(ext.items) > events.LARGEST_EXT:
        span = key_at(step.node, *path) or step.span
        label = f"the CDP takes {events.LARGEST_EXT}: take some out"
        to.error("E320", span, f"ext has {len(ext.items)} attributes", label)
    for name, value in ext.items:
        if isinstance(value, JsonObject | tuple):
            span = key_at(step.node, *path, name) or step.span
            to.error("E320", span, f"'{name[:60]}' in ext is nested", "ext is flat: write a_b: 1 for a: {b: 1}")


def _url(step: actions.Step, action: actions.Action, to: Findings) -> None:
    """Whether the step's own attributes make a URL that servers refuse; ``${…}`` counts as nothing."""
    fields = [getattr(action, name) for name in getattr(action, "__dataclass_fields__", {})]
    if not step.attributes.items and not any(isinstance(f, JsonObject | Interpolated | str) for f in fields):
        return
    said = [_plain(value) for value in (*fields, step.attributes)]
    size = len(quote(json.dumps(said, ensure_ascii=False, default=str))) + URL_BESIDE
    if size > LONGEST_URL:
        label = f"servers refuse more than {LONGEST_URL}: send less"
        to.error("E321", step.span, f"the event makes a URL of {size} bytes", label)


def _plain(value: Any) -> Any:
    if isinstance(value, JsonObject):
        return {name: _plain(inner) for name, inner in value.items}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Interpolated):
        return "".join(part for part in value.parts if isinstance(part, str))
    return str(value) if isinstance(value, Decimal) else value
