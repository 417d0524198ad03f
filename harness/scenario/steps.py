"""Shapes of steps: a verb with what stands behind it, keys that may stand beside it, and steps within steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.extensions.installed import ExtensionError
from harness.scenario import model
from harness.scenario.diagnostics import Findings, nearest, suggest
from harness.scenario.json_values import ObjectShape, read_object
from harness.scenario.quantities import SHARE, TIMES
from harness.scenario.replies import EXPECT, CaptureShape
from harness.scenario.shapes import (
    BAD,
    Bad,
    Field,
    ListOf,
    OneOrMany,
    Schema,
    Shape,
    is_empty,
    key_schema,
    object_schema,
    read_fields,
)
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Sequence, key_at
from harness.scenario.texts import Text
from harness.scenario.variables import expression
from harness.scenario.verbs import FLOW_VERBS, VERBS, Verb
from harness.scenario.vocabulary import extension_verbs, vocabulary_of

NAME = Text("a name of letters, digits, spaces, - and _", r"\w[\w ()-]{0,79}")
STEP_KEYS: Mapping[str, Field] = {
    "name": Field(NAME, doc="The step's name in reports and thresholds; else its verb"),
    "expect": Field(EXPECT, doc="What the reply must be like"),
    "capture": Field(CaptureShape(), doc="Values of the reply to keep, for ${name} and when"),
    "set": Field(ObjectShape(), doc="Attributes beyond the defaults"),
}
"""Keys that may stand beside a verb that sends something."""
MISPLACED = "remove it, or mend the indentation"
_SETTABLE = ("browse", "identify", "add", "confirm", "payment", "checkout", "order_checkout", "clear_cart", "event")


def _elsewhere(name: str, verb: Verb, value: MappingNode) -> Mapping[str, str]:
    """For keys that a verb does not know: where they belong."""
    made: dict[str, str] = {}
    for key, _ in value.items:
        if key.text in STEP_KEYS:
            made[key.text] = f"'{key.text}' stands beside '{name}': indent it less, as far in as '{name}'"
        elif name in _SETTABLE and verb.speech is None and not nearest(key.text, verb.fields):
            known = f"one of: {', '.join(verb.fields)}; " if verb.fields else ""
            made[key.text] = f"{known}other attributes go into 'set:' beside '{name}'"
    return made


FLOW_KEYS = {"repeat": ("steps",), "when": ("steps", "else"), "choose": (), "leave": (), "steps_from": ()}


@dataclass(frozen=True)
class StepShape(Shape[model.Step]):
    """A step: ``- verb``, ``- verb: main value`` or ``- verb: {key: value}``, with more keys beside the verb."""

    wanted: str = "a step such as 'browse: home page'"

    def read(self, node: Node, to: Findings) -> model.Step | Bad:
        """The step; its name is the verb until the journey makes names unique."""
        if isinstance(node, Scalar) and not is_empty(node):
            step = self._step(node, None, [], to)
            return step if isinstance(step, Bad) else replace(step, node=node)
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, f"verbs: {', '.join(vocabulary_of(to.system).words)}")
        beside_keys = {*STEP_KEYS, "steps", "else"}
        verbs = [(key, value) for key, value in node.items if key.text not in beside_keys]
        beside = [(key, value) for key, value in node.items if key.text in beside_keys]
        if not verbs:
            return self.wrong(node, to, f"name the verb: {', '.join(vocabulary_of(to.system).words)}")
        for key, _ in verbs[1:]:
            known_verbs = vocabulary_of(to.system).words
            if key.text in known_verbs:
                to.error("E214", key.span, f"a second verb '{key.text}' in one step", "begin a new step with '- '")
            else:
                known = [*STEP_KEYS, *known_verbs] if verbs[0][0].text not in known_verbs else STEP_KEYS
                to.error("E209", key.span, f"unknown key '{key.text[:60]}' in a step", suggest(key.text, known))
        step = self._step(*verbs[0], beside, to)
        return BAD if len(verbs) > 1 or isinstance(step, Bad) else replace(step, node=node)

    def _step(
        self, key: Scalar, value: Node | None, beside: list[tuple[Scalar, Node]], to: Findings
    ) -> model.Step | Bad:
        if key.text in FLOW_VERBS:
            return self._flow(key, value, beside, to)
        try:
            return self._sending(key, value, beside, to)
        except ExtensionError as error:
            to.error("E331", key.span, f"the step '{key.text}' of {error.package} cannot be used", error.reason)
            return BAD

    def _sending(
        self, key: Scalar, value: Node | None, beside: list[tuple[Scalar, Node]], to: Findings
    ) -> model.Step | Bad:
        """A step with a verb that is no flow's. Raises ExtensionError."""
        known = vocabulary_of(to.system)
        verb = known.find(key.text)
        if verb is None:
            to.error("E213", key.span, f"unknown step '{key.text[:60]}'", suggest(key.text, known.words))
            return BAD
        if verb.speech is not None and verb.system not in ("", to.system):
            said = f"this step is for system {verb.system}, and the target's is {to.system}"
            to.error("E322", key.span, said, f"use 'request', or set target.system to {verb.system}")
            return BAD
        silent = verb.make is model.Think
        for other, _ in beside:
            if silent or other.text not in STEP_KEYS:
                why = "sends nothing, and takes" if silent else "takes"
                to.error("E215", other.span, f"'{key.text}' {why} no '{other.text}'", MISPLACED)
        values, bad = read_fields([(k, v) for k, v in beside if k.text in STEP_KEYS], STEP_KEYS, to, "a step", key.span)
        action = self._action(key, verb, value, to)
        own: tuple[model.Capture, ...] = ()
        spoken = None
        if verb.speech is not None and not isinstance(action, Bad):
            said_by_it = verb.speech.say(action, key, value, to)  # type: ignore[arg-type]
            if isinstance(said_by_it, Bad):
                return BAD
            action, own, spoken = said_by_it.action, said_by_it.captures, said_by_it.spoken
        if isinstance(action, Bad) or bad or any(silent or k.text not in STEP_KEYS for k, _ in beside):
            return BAD
        return model.Step(
            name=values.get("name", key.text),
            action=action,
            expect=values.get("expect", model.Expect()),
            captures=(*own, *values.get("capture", ())),
            attributes=values.get("set", model.JsonObject()),
            spoken=spoken,
            span=key.span,
        )

    def _action(self, key: Scalar, verb: Verb, value: Node | None, to: Findings) -> model.Action | Bad:
        if value is None or is_empty(value):
            if verb.bare:
                return verb.make(attributes=model.JsonObject()) if verb.free else verb.make()
            to.error("E201", key.span, f"'{key.text}' needs a value", f"{key.text}: {verb.example}")
            return BAD
        if verb.shape is not None:
            return verb.shape.read(value, to)
        if verb.free:
            if not isinstance(value, MappingNode):
                label = f"write: {key.text}: {verb.example}"
                to.error("E201", value.span, f"'{key.text}' takes attributes", label)
                return BAD
            attributes = read_object(value, to)
            return BAD if isinstance(attributes, Bad) else verb.make(attributes=attributes)
        if isinstance(value, MappingNode):
            values, bad = read_fields(
                value.items, verb.fields, to, f"'{key.text}'", value.span, extra=_elsewhere(key.text, verb, value)
            )
            return BAD if bad else verb.make(**values)
        one_of_many = verb.main is not None and isinstance(verb.fields[verb.main].shape, OneOrMany)
        if verb.main is None or (isinstance(value, Sequence) and not one_of_many):
            what = "a list" if isinstance(value, Sequence) else "a value"
            label = f"write: {key.text}: {verb.example}" if verb.main else f"write just '- {key.text}'"
            to.error("E201", value.span, f"'{key.text}' does not take {what}", label)
            return BAD
        main = verb.fields[verb.main].shape.read(value, to)
        return BAD if isinstance(main, Bad) else verb.make(**{verb.main: main})

    def _flow(
        self, key: Scalar, value: Node | None, beside: list[tuple[Scalar, Node]], to: Findings
    ) -> model.Step | Bad:
        """A step that has steps, or none: its other keys are read by what they are."""
        inner: dict[str, tuple[model.Step, ...] | Bad] = {}
        bad = False
        for other, node in beside:
            if other.text in FLOW_KEYS[key.text]:
                inner[other.text] = STEPS.read(node, to)
                bad = bad or isinstance(inner[other.text], Bad)
            else:
                to.error("E215", other.span, f"'{key.text}' takes no '{other.text}'", MISPLACED)
                bad = True
        if value is not None and (place := key_at(value, "steps")) and key.text != "choose":
            label = f"write '{key.text}: …', and 'steps:' below it, as far in as '{key.text}'"
            to.error("E215", place, f"'steps' stands beside '{key.text}', not in it", label)
            return BAD
        if "steps" in FLOW_KEYS[key.text] and "steps" not in inner:
            to.error("E210", key.span, f"'{key.text}' has no 'steps'", "write 'steps:' beside it, and the steps below")
            bad = True
        if bad and key.text == "steps_from":
            return BAD
        action = self._flow_action(key, value, inner, to)
        return BAD if bad or isinstance(action, Bad) else model.Step("", action, span=key.span)

    def _flow_action(self, key: Scalar, value: Node | None, inner: dict[str, Any], to: Findings) -> model.Action | Bad:
        if key.text == "leave":
            share = 1.0 if value is None or is_empty(value) else SHARE.read(value, to)
            return BAD if isinstance(share, Bad) else model.Leave(share)
        if value is None or is_empty(value):
            examples = {"repeat": "1..5", "when": "guest.country == 'GB'", "choose": "a list", "steps_from": "a part"}
            to.error("E201", key.span, f"'{key.text}' needs a value", f"{key.text}: {examples[key.text]}")
            return BAD
        if key.text == "repeat":
            times = TIMES.read(value, to)
            steps = inner.get("steps", BAD)
            return BAD if isinstance(times, Bad) or isinstance(steps, Bad) else model.Repeat(times, steps)
        if key.text == "choose":
            return self._choose(value, to)
        if key.text == "steps_from":
            to.error("E225", value.span, "steps_from stands for steps, and only in a list of steps", "")
            return BAD
        if not isinstance(value, Scalar):
            to.error("E201", value.span, "'when' takes a condition", "for example when: guest.country == 'GB'")
            return BAD
        condition = expression(value, value.text, 0, to)
        if isinstance(condition, Bad) or any(isinstance(each, Bad) for each in inner.values()):
            return BAD
        return model.When(condition, inner.get("steps", ()), inner.get("else", ()))

    def _choose(self, value: Node, to: Findings) -> model.Action | Bad:
        example = "- 70%: [{browse: a}]   and so on"
        if not isinstance(value, Sequence) or not value.items:
            mapping = isinstance(value, MappingNode) and value.items
            span = value.items[0][0].span if isinstance(value, MappingNode) and value.items else value.span
            label = "write '- ' before each share" if mapping else f"below it: {example}"
            to.error("E201", span, "'choose' takes a list of ways", label)
            return BAD
        ways: list[tuple[float, tuple[model.Step, ...]]] = []
        bad = False
        for item in value.items:
            if not isinstance(item, MappingNode) or len(item.items) != 1:
                to.error("E201", item.span, "a way is a share with its steps", example)
                bad = True
                continue
            share_node, steps_node = item.items[0]
            share, steps = SHARE.read(share_node, to), STEPS.read(steps_node, to)
            if isinstance(share, Bad) or isinstance(steps, Bad):
                bad = True
            else:
                ways.append((share, steps))
        total = 0.0
        for number, (share, _) in enumerate(ways if not bad else ()):
            total += share
            if total > 1 + 1e-9:
                way = value.items[number]
                span = way.items[0][0].span if isinstance(way, MappingNode) else way.span
                so_far = f"{total * 100:.4f}".rstrip("0").rstrip(".")
                to.error("E226", span, f"with this the shares make {so_far}%", "100% together at most: lower them")
                return BAD
        return BAD if bad else model.Choose(tuple(ways))

    def schema(self) -> Schema:
        """A verb alone, or a mapping with one verb and the keys that may stand beside it.

        One object with all keys, and not one for each verb: so an editor can say which key is wrong.
        """
        steps: Schema = {"$ref": "#/$defs/steps"}
        words: dict[str, list[Verb]] = {name: [verb] for name, verb in VERBS.items()}
        for name, verb in extension_verbs():
            words.setdefault(name, []).append(verb)
        verbs = {**{name: _behind_any(each) for name, each in words.items()}, **_behind_flow(steps)}
        beside = {name: each.schema() for name, each in STEP_KEYS.items()}
        inner = {"steps": {**steps, "description": "The steps within"}, "else": {**steps, "description": "Else these"}}
        bare = [name for name, each in words.items() if any(verb.bare for verb in each)] + ["leave"]
        return {
            "anyOf": [
                {"enum": bare, "description": "A step that needs nothing else"},
                {
                    "type": "object",
                    "properties": {**verbs, **beside, **inner},
                    "additionalProperties": False,
                    "oneOf": [{"required": [name]} for name in verbs],
                    "dependentSchemas": {
                        name: {"properties": {key: False for key in (*beside, *inner) if key not in _beside(name)}}
                        for name in verbs
                    },
                    "dependentRequired": {name: ["steps"] for name, keys in FLOW_KEYS.items() if "steps" in keys},
                },
            ]
        }


STEPS = ListOf(StepShape(), "a list of steps")


def _beside(verb: str) -> set[str]:
    """Keys that may stand beside a verb."""
    if verb in FLOW_KEYS:
        return set(FLOW_KEYS[verb])
    return set() if verb in VERBS and VERBS[verb].make is model.Think else set(STEP_KEYS)


def _behind_any(verbs: list[Verb]) -> Schema:
    """What may stand behind a verb that several systems have."""
    forms = [_behind(each) for each in verbs]
    return forms[0] if len(forms) == 1 else {"anyOf": forms, "description": " Or: ".join(each.doc for each in verbs)}


def _behind(verb: Verb) -> Schema:
    """What may stand behind a verb."""
    if verb.shape is not None:
        return {**verb.shape.schema(), "description": verb.doc}
    forms: list[Schema] = [{"type": "null"}] if verb.bare else []
    if verb.main:
        forms.append(verb.fields[verb.main].schema())
    forms.append({"type": "object"} if verb.free else object_schema(verb.fields))
    return {"anyOf": forms, "description": verb.doc}


def _behind_flow(steps: Schema) -> dict[str, Schema]:
    way = {"type": "object", "propertyNames": key_schema(SHARE), "additionalProperties": steps}
    behind: dict[str, Schema] = {
        "repeat": TIMES.schema(),
        "when": {"type": ["string", "boolean", "number"]},
        "choose": {"type": "array", "items": {**way, "minProperties": 1, "maxProperties": 1}, "minItems": 1},
        "leave": {"anyOf": [{"type": "null"}, SHARE.schema()]},
        "steps_from": {"type": ["string", "number"]},
    }
    return {name: {**behind[name], "description": doc} for name, doc in FLOW_VERBS.items()}
