"""``to_yaml``: a scenario as text again, resolved, with names of variables or ``***`` in place of secrets."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import yaml

from harness.cdp import endpoints
from harness.scenario import model
from harness.scenario.expressions import Interpolated, show
from harness.scenario.shapes import is_empty
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Sequence
from harness.scenario.texts import trap_of
from harness.scenario.variables import escaped
from harness.scenario.verbs import VERBS

_VERB_OF = {verb.make: name for name, verb in VERBS.items()} | {model.Search: "search"}


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


def write(document: dict[str, Any]) -> str:
    """A document of the language as text: keys with nothing behind them are left out, texts mean what they say."""
    return yaml.dump(_pruned(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class Plain(str):
    """A text that needs no quotes, though YAML reads it as something else."""

    __slots__ = ()


class Written(str):
    """A text whose ``${…}`` mean what they say."""

    __slots__ = ()


class Empty(Plain):
    """Nothing behind a key."""

    __slots__ = ()


class Json:
    """A JSON value that stays as it is, nothing pruned."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _Dumper(yaml.SafeDumper):
    """Writes what the language takes: no anchors, no tags."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_plain(dumper: yaml.SafeDumper, text: Plain) -> yaml.ScalarNode:
    tag: str = dumper.resolve(yaml.ScalarNode, str(text), (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(text))


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return _represent_written(dumper, escaped(text))


def _represent_written(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """In quotes where other readers of YAML would see something else; PyYAML leaves ``y`` and ``n`` bare."""
    risky = trap_of(text) is not None or not text or text[0] in "-+.0123456789~"
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="'" if risky else None)


_Dumper.add_representer(Plain, _represent_plain)
_Dumper.add_representer(Empty, _represent_plain)
_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(Written, _represent_written)


def _pruned(value: Any) -> Any:
    """Without keys that have nothing behind them."""
    if isinstance(value, Json):
        return value.value
    if isinstance(value, dict):
        kept = {key: _pruned(inner) for key, inner in value.items()}
        return {
            key: kept[key] for key, inner in value.items() if isinstance(inner, Json) or kept[key] not in (None, [], {})
        }
    if isinstance(value, list):
        return [_pruned(inner) for inner in value]
    return value


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


def _sample(sample: model.Sample) -> str:
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


def _journey(journey: model.Journey) -> dict[str, Any]:
    return {
        "weight": Plain(digits(journey.weight)),
        "think": range_text(journey.think, duration) if journey.think.high else None,
        "redirects": True if journey.redirects else None,
        "cookies": True if journey.cookies else None,
        "steps": [_step(step) for step in journey.steps],
    }


def _step(step: model.Step) -> Any:
    action = step.action
    match action:
        case model.Think(pause):
            return {"think": range_text(pause, duration)}
        case model.Leave(share):
            return {"leave": percent(share)}
        case model.Repeat(times, steps):
            return {"repeat": range_text(times, _whole), "steps": [_step(s) for s in steps]}
        case model.Choose(ways):
            return {"choose": [{percent(share): [_step(s) for s in steps]} for share, steps in ways]}
        case model.When(condition, steps, otherwise):
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


def _behind(action: model.Action) -> Any:
    """What stands behind the verb."""
    match action:
        case model.Search(attributes):
            return Json(json_value(attributes)) if attributes.items else None
        case model.Add(item, quantity):
            return {"item": item, "quantity": range_text(quantity, _whole)}
        case model.Confirm(items):
            return {"items": list(items)} if items else None
        case model.OrderCheckout():
            return {
                **_texts(action, ("item", "status", "payment_type", "card_type")),
                "quantity": range_text(action.quantity, _whole),
            }
        case model.Event(kind, ext):
            return {"type": kind, "ext": Json(json_value(ext)) if ext.items else None}
        case model.Personalize(friendly_id, params):
            return {"friendly_id": friendly_id, "params": Json(json_value(params)) if params.items else None}
        case model.GuestCall(operation, fields, ref):
            ref_text = None if ref is None else words_text(ref)
            if operation in ("read", "delete"):
                return {operation: ref_text} if ref_text is not None else operation
            if not fields.items:
                return operation
            beside = {} if ref_text is None else {"ref": ref_text}
            return {operation: Json(json_value(fields)), **beside}
        case model.HttpRequest():
            return {
                "path": words_text(action.path),
                "method": action.method,
                "query": {name: words_text(value) for name, value in action.query},
                "headers": {name: words_text(value) for name, value in action.headers},
                "json": None if isinstance(action.json, model.Absent) else Json(json_value(action.json)),
                "form": None if action.form is None else {name: words_text(v) for name, v in action.form},
                "body": None if action.body is None else words_text(action.body),
                "base64": action.base64,
            }
    return _texts(action, tuple(getattr(action, "__dataclass_fields__", {}))) or None


def _texts(action: Any, names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: getattr(action, name) for name in names}
    return {name: words_text(value) for name, value in given.items() if value is not None}


def _expect(expect: model.Expect) -> dict[str, Any]:
    made = {
        "status": [f"{s}xx" if s < 10 else Plain(str(s)) for s in expect.status],
        "within": None if expect.within is None else duration(expect.within),
        "header": Json(dict(expect.headers)) if expect.headers else None,
        "json": Json({Written(path.text): json_value(v) for path, v in expect.json}) if expect.json else None,
        "body": expect.body,
    }
    return {key: value for key, value in made.items() if value not in (None, [])}


def words_text(words: model.Words) -> str:
    """A text with its ``${…}`` as written."""
    if isinstance(words, str):
        return Written(escaped(words))
    written = ""
    for part in words.parts:
        if isinstance(part, str):
            written += escaped(part)
        else:
            if written.endswith("$"):  # "$" before "${" would make an escape
                written = written[:-1] + "${'$'}"
            written += f"${{{show(part)}}}"
    return Written(written)


def json_value(value: Any) -> Any:
    """A JSON value as PyYAML writes it."""
    if isinstance(value, model.JsonObject):
        return {Written(name): json_value(inner) for name, inner in value.items}
    if isinstance(value, tuple):
        return [json_value(inner) for inner in value]
    if isinstance(value, Interpolated):
        return words_text(value)
    if isinstance(value, Decimal):
        return Plain(f"{value:f}")
    return value


def range_text(value: model.Range, one: Callable[[float], str]) -> str:
    """``a..b``, or ``a``."""
    return one(value.low) if value.low == value.high else f"{one(value.low)}..{one(value.high)}"


def _whole(value: float) -> str:
    return Plain(f"{value:.0f}")


def digits(value: float) -> str:
    """Digits without an exponent, which the language does not know."""
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """Seconds as the language writes them."""
    return f"{digits(seconds)}s"


def percent(share: float) -> str:
    """A share as the language writes it."""
    return f"{digits(float(Decimal(repr(share)) * 100))}%"
