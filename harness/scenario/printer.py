"""``to_yaml``: a scenario as text again, resolved, with names of variables or ``***`` in place of secrets."""

from __future__ import annotations

from typing import Any

from harness.cdp import endpoints
from harness.scenario import actions, model
from harness.scenario.expressions import show
from harness.scenario.shapes import is_empty
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Sequence
from harness.scenario.spelling import digits, duration, json_value, percent, range_text, whole, words_text
from harness.scenario.values import Sample
from harness.scenario.verbs import VERBS
from harness.scenario.yaml_writer import Empty, Json, Plain, Written, write

_VERB_OF = {verb.make: name for name, verb in VERBS.items()} | {actions.Search: "search"}


def to_yaml(scenario: model.Scenario) -> str:
    """The scenario in its own language. Loading it gives an equal scenario, if its secrets are in the environment.

    Includes and parts stand written out; rows of files (feeds) do not, and are not kept.
    """
    cdp = scenario.target.system == model.CDP
    document: dict[str, Any] = {
        "scenario": scenario.name,
        "description": scenario.description or None,
        "target": _target(scenario.target),
        "defaults": {name: getattr(scenario.defaults, name) for name in ("channel", "language", "currency", "page")}
        if cdp
        else None,
        "guests": _guests(scenario.guests),
        "catalog": [
            {"item_id": i.item_id, "type": i.type, "name": i.name, "price": Plain(str(i.price))}
            for i in scenario.catalog
        ],
        "journeys": {journey.name: _journey(journey) for journey in scenario.journeys},
        "load": _load(scenario.load),
        "thresholds": [Written(threshold.text) for threshold in scenario.thresholds],
        "stop_when": [Written(rule.text) for rule in scenario.stop_when],
        "verify": _verify(scenario.verify),
    }
    return write(document)


def _target(target: model.Target) -> dict[str, Any]:
    return {
        "system": target.system,
        "url": target.url,
        "environment": target.environment,
        "client_key": Written(target.client_key.written) if target.client_key else None,
        "api_token": Written(target.api_token.written) if target.api_token else None,
        "point_of_sale": target.point_of_sale or None,
        "stream": target.stream if target.stream == endpoints.POST else None,
        "library_version": target.library_version if target.stream == endpoints.POST else None,
        "tls": None if target.tls == model.Tls() else _tls(target.tls),
        "proxy": target.proxy or None,
        "max_rate": None if target.max_rate is None else Plain(f"{digits(target.max_rate)}/s"),
    }


def _tls(tls: model.Tls) -> dict[str, Any]:
    return {"ca": tls.ca, "cert": tls.cert, "key": tls.key, "verify": tls.verify}


def _guests(guests: model.Guests) -> dict[str, Any]:
    feed = guests.feed
    return {
        "locales": {locale: percent(share) for locale, share in guests.locales},
        "returning": percent(guests.returning),
        "browser": guests.browser if guests.browser != model.Guests().browser else None,
        "seed": guests.seed,
        **({"from": feed.source, "feed": feed.order, "wrap": feed.wrap} if feed else {}),
    }


def _verify(verify: model.Verify) -> dict[str, Any]:
    """What differs from what is done anyway."""
    usual = model.Verify()
    return {
        "orders": _sample(verify.orders) if verify.orders != usual.orders else None,
        "guests": _sample(verify.guests) if verify.guests != usual.guests else None,
        "wait": None if verify.wait is None else duration(verify.wait),
        "rate": None if verify.rate is None else Plain(f"{digits(verify.rate)}/s"),
    }


def _sample(sample: Sample) -> str:
    return "all" if sample.size is None else f"sample {sample.size}" if sample.size else "none"


def _load(load: model.Load) -> dict[str, Any]:
    is_open = load.model == model.OPEN

    def level(value: float | None) -> Any:
        return Plain(f"{digits(value or 0)}/s" if is_open else digits(value or 0))

    return {
        "model": load.model,
        "stages": [
            {"hold": duration(stage.over)}
            if stage.kind == "hold"
            else {stage.kind: level(stage.level), "over": duration(stage.over)}
            for stage in load.stages
        ],
        "iterations": load.iterations,
        "arrivals": load.arrivals if is_open else None,
        "max_in_flight": load.max_in_flight if is_open else None,
    }


def _journey(journey: actions.Journey) -> dict[str, Any]:
    return {
        "weight": Plain(digits(journey.weight)),
        "think": range_text(journey.think, duration) if journey.think.high else None,
        "redirects": True if journey.redirects else None,
        "cookies": True if journey.cookies else None,
        "steps": [_step(step) for step in journey.steps],
    }


def _step(step: actions.Step) -> Any:
    action = step.action
    match action:
        case actions.Think(pause):
            return {"think": range_text(pause, duration)}
        case actions.Leave(share):
            return {"leave": percent(share)}
        case actions.Repeat(times, steps):
            return {"repeat": range_text(times, whole), "steps": [_step(s) for s in steps]}
        case actions.Choose(ways):
            return {"choose": [{percent(share): [_step(s) for s in steps]} for share, steps in ways]}
        case actions.When(condition, steps, otherwise):
            made = {"when": Written(show(condition)), "steps": [_step(s) for s in steps]}
            return made | ({"else": [_step(s) for s in otherwise]} if otherwise else {})
    spoken = step.spoken
    verb = spoken.verb if spoken else _VERB_OF[type(action)]
    written = _as_written(spoken.written) if spoken else None
    value = _behind(action) if spoken is None else None if written is None else Json(written)
    named = step.name.rpartition(" ")[0] if step.name.rpartition(" ")[2].isdigit() else step.name
    beside = {
        "name": step.name if named != verb else None,
        "expect": _expect(step.expect),
        "capture": {
            c.name: {c.kind: c.path if c.kind == "header" else Written(getattr(c.path, "text", c.path))}
            for c in step.captures
            if spoken is None or c.name not in spoken.captures
        },
        "set": Json(json_value(step.attributes)) if step.attributes.items else None,
    }
    beside = {k: v for k, v in beside.items() if v not in (None, {}, [])}
    if value is None and not beside:
        return verb
    return {verb: Empty("") if value is None else value, **beside}


def _as_written(node: Node | None) -> Any:
    """What stands behind an extension's verb, as the author wrote it."""
    if isinstance(node, MappingNode):
        return {Written(key.text): _as_written(value) for key, value in node.items} or None
    if isinstance(node, Sequence):
        return [_as_written(item) for item in node.items]
    if node is None or is_empty(node):
        return None
    return Plain(node.text) if node.plain else Written(node.text)


def _behind(action: actions.Action) -> Any:
    """What stands behind the verb."""
    match action:
        case actions.Search(attributes):
            return Json(json_value(attributes)) if attributes.items else None
        case actions.Add(item, quantity):
            return {"item": item, "quantity": range_text(quantity, whole)}
        case actions.Confirm(items):
            return {"items": list(items)} if items else None
        case actions.OrderCheckout():
            return {
                **_texts(action, ("item", "status", "payment_type", "card_type")),
                "quantity": range_text(action.quantity, whole),
            }
        case actions.Event(kind, ext):
            return {"type": kind, "ext": Json(json_value(ext)) if ext.items else None}
        case actions.Personalize(friendly_id, params):
            return {"friendly_id": friendly_id, "params": Json(json_value(params)) if params.items else None}
        case actions.GuestCall(operation, fields, ref):
            ref_text = None if ref is None else words_text(ref)
            if operation in ("read", "delete"):
                return {operation: ref_text} if ref_text is not None else operation
            if not fields.items:
                return operation
            beside = {} if ref_text is None else {"ref": ref_text}
            return {operation: Json(json_value(fields)), **beside}
        case actions.HttpRequest():
            return {
                "path": words_text(action.path),
                "method": action.method,
                "query": {name: words_text(value) for name, value in action.query},
                "headers": {name: words_text(value) for name, value in action.headers},
                "json": None if isinstance(action.json, actions.Absent) else Json(json_value(action.json)),
                "form": None if action.form is None else {name: words_text(v) for name, v in action.form},
                "body": None if action.body is None else words_text(action.body),
                "base64": action.base64,
            }
    return _texts(action, tuple(getattr(action, "__dataclass_fields__", {}))) or None


def _texts(action: Any, names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: getattr(action, name) for name in names}
    return {name: words_text(value) for name, value in given.items() if value is not None}


def _expect(expect: actions.Expect) -> dict[str, Any]:
    made = {
        "status": [f"{s}xx" if s < 10 else Plain(str(s)) for s in expect.status],
        "within": None if expect.within is None else duration(expect.within),
        "header": Json(dict(expect.headers)) if expect.headers else None,
        "json": Json({Written(path.text): json_value(v) for path, v in expect.json}) if expect.json else None,
        "body": expect.body,
    }
    return {key: value for key, value in made.items() if value not in (None, [])}
