"""The language: which keys and verbs there are, and what stands behind each. Made of ``shapes``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.cdp import endpoints, events
from harness.scenario import model
from harness.scenario.diagnostics import Findings, suggest
from harness.scenario.shapes import (
    BAD,
    DURATION,
    MONEY,
    PAUSE,
    QUANTITY,
    SHARE,
    WEIGHT,
    Bad,
    Choice,
    Field,
    ListOf,
    Record,
    SecretText,
    Shape,
    Text,
    count,
    is_empty,
    read_fields,
)
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Sequence
from harness.scenario.thresholds import ThresholdText

NAME = Text("a name of letters, digits, spaces, - and _", r"\w[\w .-]{0,79}")
LABEL = Text("a name of letters, digits, - and _", r"\w[\w-]{0,79}")
UPPER = Text("upper-case letters", r"[A-Z][A-Z_]{0,39}")
LANGUAGE = Text("a language of two upper-case letters, such as EN", r"[A-Z]{2}")
CURRENCY = Text("a currency of three upper-case letters, such as GBP", r"[A-Z]{3}")
URL = Text("a base URL such as https://host, or the word sandbox", r"sandbox|https?://[^\s/?#@]+(/[^\s?#]*)?")
ORDER_NUMBER = Text("an order number of upper-case letters, digits, - and _", r"[A-Z0-9][A-Z0-9_-]{0,99}")


@dataclass(frozen=True)
class Verb:
    """A step's verb: the keys in its mapping, and which of them may stand behind the verb by itself."""

    make: Callable[..., model.Action]
    fields: Mapping[str, Field]
    main: str | None = None
    bare: bool = True
    timed: bool = True
    """Whether it sends a request, so that it can be named and expected of."""


VERBS: Mapping[str, Verb] = {
    "browse": Verb(
        model.Browse,
        {"page": Field(Text()), "uri": Field(Text()), "referrer": Field(Text())},
        main="page",
    ),
    "identify": Verb(model.Identify, {}),
    "add": Verb(
        model.Add, {"item": Field(Text("an item_id of the catalog, or any")), "quantity": Field(QUANTITY)}, main="item"
    ),
    "confirm": Verb(model.Confirm, {}),
    "checkout": Verb(
        model.Checkout,
        {
            "status": Field(Choice(events.CHECKOUT_STATUSES, "status")),
            "reference_id": Field(ORDER_NUMBER),
        },
        main="status",
    ),
    "think": Verb(model.Think, {"pause": Field(PAUSE)}, main="pause", bare=False, timed=False),
}

EXPECT = Record(
    model.Expect,
    {"status": Field(count(100, 599)), "within": Field(DURATION)},
    "expect",
)
STEP_KEYS: Mapping[str, Field] = {"name": Field(NAME), "expect": Field(EXPECT)}
"""Keys that may stand beside any verb."""


@dataclass(frozen=True)
class StepShape(Shape[model.Step]):
    """A step: ``- verb``, ``- verb: main value`` or ``- verb: {key: value}``, with ``STEP_KEYS`` beside the verb."""

    wanted: str = "a step such as 'browse: home page'"

    def read(self, node: Node, to: Findings) -> model.Step | Bad:
        """The step; its name is the verb until the journey makes names unique."""
        if isinstance(node, Scalar) and not is_empty(node):
            return self._step(node, None, {}, to)
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, f"verbs: {', '.join(VERBS)}")
        verbs = [(key, value) for key, value in node.items if key.text not in STEP_KEYS]
        if not verbs:
            return self.wrong(node, to, f"name the verb: {', '.join(VERBS)}")
        for key, _ in verbs[1:]:
            if key.text in VERBS:
                to.error("E214", key.span, f"a second verb '{key.text}' in one step", "begin a new step with '- '")
            else:
                known = [*STEP_KEYS, *VERBS] if verbs[0][0].text not in VERBS else STEP_KEYS
                to.error("E209", key.span, f"unknown key '{key.text[:60]}' in a step", suggest(key.text, known))
        beside, bad = read_fields(
            [(k, v) for k, v in node.items if k.text in STEP_KEYS], STEP_KEYS, to, "a step", node.span
        )
        step = self._step(*verbs[0], beside, to)
        return BAD if bad or len(verbs) > 1 else step

    def _step(self, key: Scalar, value: Node | None, beside: dict[str, Any], to: Findings) -> model.Step | Bad:
        verb = VERBS.get(key.text)
        if verb is None:
            to.error("E213", key.span, f"unknown step '{key.text[:60]}'", suggest(key.text, VERBS))
            return BAD
        if not verb.timed and beside:
            to.error("E215", key.span, f"'{key.text}' sends nothing, and takes no {' or '.join(beside)}", "remove it")
            return BAD
        action = self._action(key, verb, value, to)
        if isinstance(action, Bad):
            return BAD
        return model.Step(beside.pop("name", key.text), action, **beside, span=key.span)

    def _action(self, key: Scalar, verb: Verb, value: Node | None, to: Findings) -> model.Action | Bad:
        if value is None or is_empty(value):
            if verb.bare:
                return verb.make()
            to.error("E201", key.span, f"'{key.text}' needs a value", f"{key.text}: {_example(verb)}")
            return BAD
        if isinstance(value, MappingNode):
            values, bad = read_fields(value.items, verb.fields, to, f"'{key.text}'", value.span)
            if not bad and not verb.bare and verb.main not in values:
                to.error("E210", key.span, f"'{key.text}' has no '{verb.main}'", f"{key.text}: {_example(verb)}")
                bad = True
            return BAD if bad else verb.make(**values)
        if isinstance(value, Sequence) or verb.main is None:
            label = f"write: {key.text}: {_example(verb)}" if verb.main else f"write just '- {key.text}'"
            to.error(
                "E201",
                value.span,
                f"'{key.text}' does not take {'a list' if isinstance(value, Sequence) else 'a value'}",
                label,
            )
            return BAD
        main = verb.fields[verb.main].shape.read(value, to)
        return BAD if isinstance(main, Bad) else verb.make(**{verb.main: main})


def _example(verb: Verb) -> str:
    return {"page": "home page", "item": "any", "status": "PURCHASED", "pause": "1s..4s"}.get(verb.main or "", "")


def _target(
    url: str | None = None,
    region: str | None = None,
    system: str = "sitecore-cdp",
    environment: str = "test",
    **rest: Any,
) -> model.Target:
    return model.Target(
        system=system,
        url=(url or endpoints.REGIONS.get(region or "", "")).rstrip("/"),
        environment=environment,
        **{"api_token": None, **rest},
    )


TARGET = Record(
    _target,
    {
        "system": Field(Choice(("sitecore-cdp",), "system")),
        "url": Field(URL),
        "region": Field(Choice(tuple(endpoints.REGIONS), "region")),
        "environment": Field(Choice(("test", "staging", "production"), "environment")),
        "client_key": Field(SecretText(), True, "client_key: ${CDP_CLIENT_KEY}"),
        "api_token": Field(SecretText()),
        "point_of_sale": Field(
            Text("the name of a point of sale"), True, "point_of_sale: its name in the CDP's settings"
        ),
    },
    "target",
    keep_span=True,
)

DEFAULTS = Record(
    model.Defaults,
    {
        "channel": Field(UPPER),
        "language": Field(LANGUAGE),
        "currency": Field(CURRENCY),
        "page": Field(Text()),
    },
    "defaults",
)


@dataclass(frozen=True)
class LocalesShape(Shape[tuple[tuple[str, float], ...]]):
    """Locales: one name, or a mapping of names to shares that make 100 % together."""

    wanted: str = "locales such as {en_GB: 80%, de_DE: 20%}"

    def read(self, node: Node, to: Findings) -> tuple[tuple[str, float], ...] | Bad:
        """Pairs of locale and share."""
        locale = Choice(LOCALES, "locale")
        if isinstance(node, Scalar) and not is_empty(node):
            name = locale.read(node, to)
            return BAD if isinstance(name, Bad) else ((name, 1.0),)
        if not isinstance(node, MappingNode) or not node.items:
            return self.wrong(node, to)
        pairs = [(locale.read(key, to), SHARE.read(value, to)) for key, value in node.items]
        good = tuple((n, s) for n, s in pairs if not isinstance(n, Bad) and not isinstance(s, Bad))
        if len(good) < len(pairs):
            return BAD
        if abs(sum(s for _, s in good) - 1) > 1e-9:
            total = f"{sum(s for _, s in good):.4%}".rstrip("0%").rstrip(".")
            to.error("E216", node.span, f"the shares of the locales make {total}%", "they have to make 100% together")
            return BAD
        return good


LOCALES = (
    "ar_SA", "bg_BG", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "el_GR", "en_AU", "en_CA", "en_GB", "en_IE", "en_IN",
    "en_NZ", "en_US", "es_ES", "es_MX", "et_EE", "fa_IR", "fi_FI", "fr_CA", "fr_CH", "fr_FR", "he_IL", "hi_IN", "hr_HR",
    "hu_HU", "id_ID", "it_IT", "ja_JP", "ko_KR", "lt_LT", "lv_LV", "nl_BE", "nl_NL", "no_NO", "pl_PL", "pt_BR", "pt_PT",
    "ro_RO", "ru_RU", "sk_SK", "sl_SI", "sv_SE", "th_TH", "tr_TR", "uk_UA", "vi_VN", "zh_CN", "zh_TW",
)  # fmt: skip
"""Locales for which Faker knows names and addresses."""

GUESTS = Record(
    model.Guests,
    {"locales": Field(LocalesShape()), "returning": Field(SHARE), "seed": Field(count(0, 2**31))},
    "guests",
)

ITEM = Record(
    model.Item,
    {
        "item_id": Field(Text("an item's id"), True, "item_id: EXACT_90"),
        "type": Field(Text(), True, "type: SHOES"),
        "name": Field(Text(), True, "name: Exact 90"),
        "price": Field(MONEY, True, "price: 49.90"),
    },
    "an item",
)

JOURNEY_FIELDS: Mapping[str, Field] = {
    "weight": Field(WEIGHT),
    "think": Field(PAUSE),
    "steps": Field(ListOf(StepShape(), "a list of steps"), True, "steps: with a list of steps"),
}


@dataclass(frozen=True)
class JourneysShape(Shape[tuple[model.Journey, ...]]):
    """A mapping of names to journeys."""

    wanted: str = "journeys by their names"

    def read(self, node: Node, to: Findings) -> tuple[model.Journey, ...] | Bad:
        """The journeys in the order of the file, their steps' names made unique."""
        if not isinstance(node, MappingNode) or not node.items:
            return self.wrong(node, to, "write 'name:' and below it, indented, 'steps:'")
        journeys: list[model.Journey] = []
        for key, value in node.items:
            name = LABEL.read(key, to)
            if not isinstance(value, MappingNode):
                to.error(
                    "E201", value.span, "a journey has 'steps'", f"write below '{key.text[:40]}:', indented, 'steps:'"
                )
                continue
            values, bad = read_fields(value.items, JOURNEY_FIELDS, to, f"journey '{key.text[:40]}'", key.span)
            if not bad and not isinstance(name, Bad):
                steps = _unique_names(values.pop("steps"), to)
                journeys.append(model.Journey(name=name, steps=steps, span=key.span, **values))
        return tuple(journeys) if len(journeys) == len(node.items) else BAD


def _unique_names(steps: tuple[model.Step, ...], to: Findings) -> tuple[model.Step, ...]:
    """Of two alike the second is ``browse 2``; a name that the author gave twice is a mistake."""
    given: set[str] = set()
    named: list[model.Step] = []
    used: set[str] = set()
    for step in steps:
        name, number = step.name, 2
        if name not in VERBS and name in given:
            to.error("E217", step.span, f"two steps of one journey are named '{name}'", "give each a name of its own")
        given.add(name)
        while name in used:
            name = f"{step.name} {number}"
            number += 1
        used.add(name)
        named.append(model.Step(name, step.action, step.expect, step.span))
    return tuple(named)


def _load(users: int, duration: float | None = None, iterations: int | None = None, **_: str) -> model.Load:
    """Closed load. Without a duration it is a minute, or an hour at most where iterations end it earlier."""
    return model.Load(users, duration or (3600.0 if iterations else 60.0), iterations)


LOAD = Record(
    _load,
    {
        "model": Field(Choice(("closed",), "load model")),
        "users": Field(count(1, 1_000_000), True, "users: 20"),
        "duration": Field(DURATION),
        "iterations": Field(count(1, 1_000_000_000)),
    },
    "load",
)


SCENARIO_FIELDS: Mapping[str, Field] = {
    "scenario": Field(LABEL, True, "begin with: scenario: name"),
    "description": Field(Text()),
    "target": Field(TARGET, True, "target: says where the load goes and with which keys"),
    "defaults": Field(DEFAULTS),
    "guests": Field(GUESTS),
    "catalog": Field(ListOf(ITEM, "a list of items")),
    "journeys": Field(JourneysShape(), True, "journeys: say what guests do"),
    "load": Field(LOAD, True, "load: {users: 20, duration: 1m}"),
    "thresholds": Field(ListOf(ThresholdText(), "a list of thresholds")),
}
SCENARIO = Record(lambda scenario, **rest: model.Scenario(name=scenario, **rest), SCENARIO_FIELDS, "the scenario")
