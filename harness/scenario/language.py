"""The language: which keys there are, and what stands behind each. Made of ``shapes``; verbs are in ``verbs``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.scenario import actions, model
from harness.scenario.diagnostics import Findings
from harness.scenario.feeds import FEED, read_feed, read_rows
from harness.scenario.loads import FOR_ALL, LOAD_FIELDS, LoadShape
from harness.scenario.quantity_shapes import (
    DURATION,
    MONEY,
    PAUSE,
    POSITIVE_RATE,
    SAMPLE,
    SHARE,
    STORIES,
    WEIGHT,
    count,
)
from harness.scenario.shapes import (
    BAD,
    Bad,
    Field,
    ListOf,
    OneOrMany,
    Record,
    Schema,
    Shape,
    is_empty,
    key_schema,
    object_schema,
    read_fields,
)
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar
from harness.scenario.steps import STEPS
from harness.scenario.stops import StopText
from harness.scenario.targets import TargetShape
from harness.scenario.texts import LABEL, Choice, FlagShape, Text
from harness.scenario.thresholds import ThresholdText
from harness.scenario.variables import GUEST_FIELDS
from harness.scenario.walks import Namer

UPPER = Text("a channel of upper-case letters, such as WEB", r"[A-Z][A-Z_]{0,39}")
LANGUAGE = Text("a language of two upper-case letters, such as EN", r"[A-Z]{2}")
CURRENCY = Text("a currency of three upper-case letters, such as GBP", r"[A-Z]{3}")
DEFAULTS = Record(
    model.Defaults,
    {
        "channel": Field(UPPER, doc="WEB, MOBILE_APP, MOBILE_WEB, KIOSK, CALL_CENTER …"),
        "language": Field(LANGUAGE, doc="ISO 639-1, upper case"),
        "currency": Field(CURRENCY, doc="ISO 4217"),
        "page": Field(Text(), doc="The page, where a step names none"),
    },
    "defaults",
    keep_node=True,
)


@dataclass(frozen=True)
class LocalesShape(Shape[tuple[tuple[str, float], ...]]):
    """Locales: one name, or a mapping of names to shares that make 100 % together."""

    wanted: str = "locales such as {en_GB: 80%, de_DE: 20%}"

    def read(self, node: Node, to: Findings) -> tuple[tuple[str, float], ...] | Bad:
        """Pairs of locale and share."""
        locale = Choice(LOCALES, "locale", {"en_UK": "en_GB", "en": "en_GB", "da_DA": "da_DK", "sv_SV": "sv_SE"})
        if isinstance(node, Scalar) and not is_empty(node):
            name = locale.read(node, to)
            return BAD if isinstance(name, Bad) else ((name, 1.0),)
        if not isinstance(node, MappingNode) or not node.items:
            return self.wrong(node, to, "write shares that make 100%: {en_GB: 50%, de_DE: 50%}")
        pairs = [(locale.read(key, to), SHARE.read(value, to)) for key, value in node.items]
        good = tuple((n, s) for n, s in pairs if not isinstance(n, Bad) and not isinstance(s, Bad))
        if len(good) < len(pairs):
            return BAD
        if abs(sum(s for _, s in good) - 1) > 1e-9:
            total = f"{sum(s for _, s in good):.4%}".rstrip("0%").rstrip(".")
            to.error("E216", node.span, f"the shares of the locales make {total}%", "they have to make 100% together")
            return BAD
        return good

    def schema(self) -> Schema:
        """A name, or shares by names."""
        share = SHARE.schema()
        shares = {"type": "object", "properties": dict.fromkeys(LOCALES, share), "additionalProperties": False}
        return {"anyOf": [Choice(LOCALES).schema(), {**shares, "minProperties": 1}]}


LOCALES = (
    "ar_SA", "bg_BG", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "el_GR", "en_AU", "en_CA", "en_GB", "en_IE", "en_IN",
    "en_NZ", "en_US", "es_ES", "es_MX", "et_EE", "fa_IR", "fi_FI", "fr_CA", "fr_CH", "fr_FR", "he_IL", "hi_IN", "hr_HR",
    "hu_HU", "id_ID", "it_IT", "ja_JP", "ko_KR", "lt_LT", "lv_LV", "nl_BE", "nl_NL", "no_NO", "pl_PL", "pt_BR", "pt_PT",
    "ro_RO", "ru_RU", "sk_SK", "sl_SI", "sv_SE", "th_TH", "tr_TR", "uk_UA", "vi_VN", "zh_CN", "zh_TW",
)  # fmt: skip
"""Locales for which Faker knows names and addresses."""

GUESTS_FIELDS: Mapping[str, Field] = {
    "locales": Field(LocalesShape(), doc="Where they come from, by shares"),
    "returning": Field(SHARE, doc="The share that comes back under an identity already seen in this run"),
    "browser": Field(
        Choice(("new", "same"), "browser"), doc="Whether those who come back have a new browser id, or the one they had"
    ),
    "seed": Field(count(0, 2**31), doc="Makes guests and choices repeatable"),
}


@dataclass(frozen=True)
class GuestsShape(Shape[model.Guests]):
    """Who the guests are: made by Faker, or from a file."""

    wanted: str = "guests"

    def read(self, node: Node, to: Findings) -> model.Guests | Bad:
        """The guests."""
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, "it has keys, for example locales: en_GB")
        feed_items = tuple((k, v) for k, v in node.items if k.text in FEED.fields)
        own = [(k, v) for k, v in node.items if k.text not in FEED.fields]
        values, bad = read_fields(own, GUESTS_FIELDS, to, "guests", node.span)
        if feed_items:
            feed = read_feed(MappingNode(feed_items, node.span), (*GUEST_FIELDS, "browser_id"), to)
            if isinstance(feed, Bad):
                return BAD
            values["feed"] = feed
            if feed.order == "unique" and values.get("returning"):
                to.error(
                    "E230",
                    feed_items[0][0].span,
                    "unique guests that return",
                    "take out returning, or feed: sequential",
                )
                return BAD
        return BAD if bad else model.Guests(**values)

    def schema(self) -> Schema:
        """An object."""
        made = object_schema({**GUESTS_FIELDS, **FEED.fields})
        made.pop("required", None)
        return {**made, "dependentRequired": {"feed": ["from"], "wrap": ["from"]}}


ITEM = Record(
    model.Item,
    {
        "item_id": Field(Text("an item's id"), True, "item_id: EXACT_90", "Its id"),
        "type": Field(Text(), True, "type: SHOES", "Its kind"),
        "name": Field(Text(), True, "name: Exact 90", "Its name"),
        "price": Field(MONEY, True, "price: 49.90", "Its price, in the scenario's currency"),
    },
    "an item",
    keep_node=True,
)


@dataclass(frozen=True)
class CatalogShape(Shape[tuple[model.Item, ...]]):
    """Things to sell: written out, or from a file."""

    wanted: str = "a list of items, or {from: items.csv}"

    def read(self, node: Node, to: Findings) -> tuple[model.Item, ...] | Bad:
        """The items."""
        if not isinstance(node, MappingNode):
            if isinstance(node, Scalar) and not is_empty(node):
                return self.wrong(node, to, f"write catalog: {{from: {node.text[:60]}}}")
            return ListOf(ITEM, self.wanted).read(node, to)
        if node.items and node.items[0][0].text in ITEM.fields:
            to.error(
                "E201", node.items[0][0].span, f"an item where {self.wanted} belongs", "write '- ' before each item"
            )
            return BAD
        fields = {"from": FEED.fields["from"]}
        values, bad = read_fields(node.items, fields, to, "catalog", node.span)
        if bad:
            return BAD
        place = node.items[0][1].span
        read = read_rows(place, values["from"], to)
        if isinstance(read, Bad):
            return BAD
        items: list[model.Item] = []
        for number, row in enumerate(read[0]):
            cells = tuple((Scalar(name, False, place), Scalar(value, False, place)) for name, value in row)
            item = ITEM.read(MappingNode(cells, place), inner := Findings())
            if isinstance(item, Bad):
                first = inner.found[0]
                to.error(first.code, place, f"{values['from']}, line {number + read[1]}: {first.message}", first.label)
                return BAD
            items.append(item)
        return tuple(items)

    def schema(self) -> Schema:
        """Either form."""
        return {"anyOf": [ListOf(ITEM).schema(), object_schema({"from": FEED.fields["from"]})]}


JOURNEY_FIELDS: Mapping[str, Field] = {
    "weight": Field(WEIGHT, doc="How many guests take it, beside the other journeys"),
    "think": Field(PAUSE, doc="Pause between steps, e.g. 1s..4s"),
    "redirects": Field(FlagShape(), doc="true: follow redirects to the target's own host (slower)"),
    "cookies": Field(FlagShape(), doc="true: keep cookies through the journey (slower)"),
    "steps": Field(STEPS, True, "steps: [browse, identify]", "What the guest does"),
}


@dataclass(frozen=True)
class JourneysShape(Shape[tuple[actions.Journey, ...]]):
    """A mapping of names to journeys."""

    wanted: str = "journeys by their names"

    def read(self, node: Node, to: Findings) -> tuple[actions.Journey, ...] | Bad:
        """The journeys in the order of the file, their steps' names made unique."""
        if not isinstance(node, MappingNode) or not node.items:
            return self.wrong(node, to, "write 'name:' and below it, indented, 'steps:'")
        journeys: list[actions.Journey] = []
        for key, value in node.items:
            name = LABEL.read(key, to)
            if not isinstance(value, MappingNode):
                label = f"write below '{key.text[:40]}:', indented, 'steps:'"
                to.error("E201", value.span, "a journey has 'steps'", label)
                continue
            extra = dict.fromkeys(("load", *LOAD_FIELDS), FOR_ALL)
            values, bad = read_fields(
                value.items, JOURNEY_FIELDS, to, f"journey '{key.text[:40]}'", key.span, extra=extra
            )
            if not bad and not isinstance(name, Bad):
                steps = Namer().name_all(values.pop("steps"))
                journeys.append(actions.Journey(name=name, steps=steps, span=key.span, node=value, **values))
        return tuple(journeys) if len(journeys) == len(node.items) else BAD

    def schema(self) -> Schema:
        """Journeys by names."""
        journey = object_schema(JOURNEY_FIELDS)
        journey["properties"]["steps"] = {"$ref": "#/$defs/steps", "description": JOURNEY_FIELDS["steps"].doc}
        return {
            "type": "object",
            "propertyNames": key_schema(LABEL),
            "additionalProperties": journey,
            "minProperties": 1,
        }


STOP_WHEN = OneOrMany(StopText(), "a condition, or a list of them")

VERIFY = Record(
    model.Verify,
    {
        "orders": Field(SAMPLE, doc="all: every order is asked for; 'sample 500': so many of them; none"),
        "guests": Field(STORIES, doc="'sample 100': the whole story of so many guests is read back; none"),
        "wait": Field(DURATION, doc="As long as something is missing, it is asked for again, e.g. 60s"),
        "rate": Field(POSITIVE_RATE, doc="Questions at most, e.g. 50/s"),
    },
    "verify",
)


def _scenario(scenario: str, load: Any, **rest: Any) -> tuple[model.Scenario, Any]:
    """The scenario with its first load, and all of its loads."""
    return model.Scenario(name=scenario, load=load[0][1], load_name=load[0][0], **rest), load


SCENARIO_FIELDS: Mapping[str, Field] = {
    "scenario": Field(LABEL, True, "scenario: my-shop", "Its name"),
    "description": Field(Text(longest=10_000), doc="What it is about"),
    "target": Field(TargetShape(), True, "target: {url: sandbox, point_of_sale: my-shop}", "Where to"),
    "defaults": Field(DEFAULTS, doc="What every event carries"),
    "guests": Field(GuestsShape(), doc="Who the guests are"),
    "catalog": Field(CatalogShape(), doc="What there is to buy"),
    "journeys": Field(JourneysShape(), True, "journeys: {visit: {steps: [browse]}}", "What guests do"),
    "load": Field(LoadShape(), True, "load: {users: 20, duration: 1m}", "How much, for how long"),
    "thresholds": Field(ListOf(ThresholdText(), "a list of thresholds"), doc="What has to hold"),
    "stop_when": Field(STOP_WHEN, doc="When the load ends early, so that a dying system is not beaten on"),
    "verify": Field(VERIFY, doc="What is read back from the target after a load"),
}
SCENARIO = Record(_scenario, SCENARIO_FIELDS, "the scenario")
INCLUDE = OneOrMany(Text("a file's name"), "a file's name or a list")
"""Taken out before the scenario is read, as is ``parts``; here for the schema."""
