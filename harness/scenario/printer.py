"""``to_yaml``: a scenario as text again, resolved, with names of variables or ``***`` in place of secrets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

from harness.scenario import model
from harness.scenario.shapes import trap_of


def to_yaml(scenario: model.Scenario) -> str:
    """The scenario in its own language. Loading it gives an equal scenario, if its secrets are in the environment."""
    defaults, guests, load = scenario.defaults, scenario.guests, scenario.load
    document: dict[str, Any] = {
        "scenario": scenario.name,
        "description": scenario.description or None,
        "target": _target(scenario.target),
        "defaults": {name: getattr(defaults, name) for name in ("channel", "language", "currency", "page")},
        "guests": {
            "locales": {locale: _percent(share) for locale, share in guests.locales},
            "returning": _percent(guests.returning),
            "seed": guests.seed,
        },
        "catalog": [
            {"item_id": i.item_id, "type": i.type, "name": i.name, "price": _Plain(str(i.price))}
            for i in scenario.catalog
        ],
        "journeys": {journey.name: _journey(journey) for journey in scenario.journeys},
        "load": {"users": load.users, "duration": _duration(load.duration), "iterations": load.iterations},
        "thresholds": [threshold.text for threshold in scenario.thresholds],
    }
    return yaml.dump(_pruned(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Plain(str):
    """A text that needs no quotes, though YAML reads it as a number."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes what the language takes: no anchors, no tags."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_plain(dumper: yaml.SafeDumper, text: _Plain) -> yaml.ScalarNode:
    tag: str = dumper.resolve(  # type: ignore[no-untyped-call]
        yaml.ScalarNode, str(text), (True, False)
    )
    return dumper.represent_scalar(tag, str(text))


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """In quotes where other readers of YAML would see something else; PyYAML leaves ``y`` and ``n`` bare."""
    risky = trap_of(text) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if risky else None)


_Dumper.add_representer(_Plain, _represent_plain)
_Dumper.add_representer(str, _represent_text)


def _pruned(value: Any) -> Any:
    """Without keys that have nothing behind them."""
    if isinstance(value, dict):
        kept = {key: _pruned(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, [], {})}
    if isinstance(value, list):
        return [_pruned(inner) for inner in value]
    return value


def _target(target: model.Target) -> dict[str, Any]:
    return {
        "system": target.system,
        "url": target.url,
        "environment": target.environment,
        "client_key": target.client_key.written,
        "api_token": target.api_token.written if target.api_token else None,
        "point_of_sale": target.point_of_sale,
    }


def _journey(journey: model.Journey) -> dict[str, Any]:
    return {
        "weight": _Plain(f"{journey.weight:g}"),
        "think": _range(journey.think, _duration) if journey.think.high else None,
        "steps": [_step(step) for step in journey.steps],
    }


def _step(step: model.Step) -> Any:
    verb, value = _action(step.action)
    expect = {
        "status": step.expect.status,
        "within": None if step.expect.within is None else _duration(step.expect.within),
    }
    beside = _pruned({"name": step.name if step.name.split(" ")[0] != verb else None, "expect": expect})
    if not value and not beside:
        return verb
    return {verb: value or _Plain(""), **beside}


def _action(action: model.Action) -> tuple[str, Any]:
    match action:
        case model.Browse(page=page, uri=uri, referrer=referrer):
            return "browse", _pruned({"page": page, "uri": uri, "referrer": referrer})
        case model.Identify():
            return "identify", None
        case model.Add(item=item, quantity=quantity):
            return "add", {"item": item, "quantity": _range(quantity, lambda n: _Plain(f"{n:g}"))}
        case model.Confirm():
            return "confirm", None
        case model.Checkout(status=status, reference_id=number):
            return "checkout", _pruned({"status": status, "reference_id": number})
        case model.Think(pause=pause):
            return "think", _range(pause, _duration)
    raise AssertionError(f"{type(action).__name__} is not written by authors")


def _range(value: model.Range, one: Any) -> Any:
    return one(value.low) if value.low == value.high else f"{one(value.low)}..{one(value.high)}"


def _decimal(value: float) -> str:
    """Digits without an exponent, which the language does not know."""
    return f"{Decimal(repr(value)):f}".rstrip("0").rstrip(".") if "." in f"{Decimal(repr(value)):f}" else f"{value:.0f}"


def _duration(seconds: float) -> str:
    return f"{_decimal(seconds)}s"


def _percent(share: float) -> str:
    return f"{_decimal(float(Decimal(repr(share)) * 100))}%"
