"""Shapes of steps: a verb with what stands behind it, keys that may stand beside it, and steps within steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.extensions.installed import ExtensionError
from harness.scenario import actions
from harness.scenario.diagnostics import Findings, nearest, suggest
from harness.scenario.json_values import read_object
from harness.scenario.quantity_shapes import SHARE, TIMES
from harness.scenario.shapes import BAD, Bad, ListOf, OneOrMany, Schema, Shape, is_empty, read_fields
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Sequence, key_at
from harness.scenario.step_keys import BESIDE_VERBS, FLOW_KEYS, STEP_KEYS
from harness.scenario.step_schema import step_schema
from harness.scenario.values import JsonObject
from harness.scenario.variables import expression
from harness.scenario.verbs import FLOW_VERBS, Verb
from harness.scenario.vocabulary import vocabulary_of

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


@dataclass(frozen=True)
class StepShape(Shape[actions.Step]):
    """A step: ``- verb``, ``- verb: main value`` or ``- verb: {key: value}``, with more keys beside the verb."""

    wanted: str = "a step such as 'browse: home page'"

    def read(self, node: Node, to: Findings) -> actions.Step | Bad:
        """The step; its name is the verb until the journey makes names unique."""
        if isinstance(node, Scalar) and not is_empty(node):
            step = self._step(node, None, [], to)
            return step if isinstance(step, Bad) else replace(step, node=node)
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, f"verbs: {', '.join(vocabulary_of(to.system).words)}")
        verbs = [(key, value) for key, value in node.items if key.text not in BESIDE_VERBS]
        beside = [(key, value) for key, value in node.items if key.text in BESIDE_VERBS]
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
    ) -> actions.Step | Bad:
        if key.text in FLOW_VERBS:
            return self._flow(key, value, beside, to)
        try:
            return self._sending(key, value, beside, to)
        except ExtensionError as error:
            to.error("E331", key.span, f"the step '{key.text}' of {error.package} cannot be used", error.reason)
            return BAD

    def _sending(
        self, key: Scalar, value: Node | None, beside: list[tuple[Scalar, Node]], to: Findings
    ) -> actions.Step | Bad:
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
        silent = verb.make is actions.Think
        for other, _ in beside:
            if silent or other.text not in STEP_KEYS:
                why = "sends nothing, and takes" if silent else "takes"
                to.error("E215", other.span, f"'{key.text}' {why} no '{other.text}'", MISPLACED)
        values, bad = read_fields([(k, v) for k, v in beside if k.text in STEP_KEYS], STEP_KEYS, to, "a step", key.span)
        action = self._action(key, verb, value, to)
        own: tuple[actions.Capture, ...] = ()
        spoken = None
        if verb.speech is not None and not isinstance(action, Bad):
            said_by_it = verb.speech.say(action, key, value, to)  # type: ignore[arg-type]
            if isinstance(said_by_it, Bad):
                return BAD
            action, own, spoken = said_by_it.action, said_by_it.captures, said_by_it.spoken
        if isinstance(action, Bad) or bad or any(silent or k.text not in STEP_KEYS for k, _ in beside):
            return BAD
        return actions.Step(
            name=values.get("name", key.text),
            action=action,
            expect=values.get("expect", actions.Expect()),
            captures=(*own, *values.get("capture", ())),
            attributes=values.get("set", JsonObject()),
            spoken=spoken,
            span=key.span,
        )

    def _action(self, key: Scalar, verb: Verb, value: Node | None, to: Findings) -> actions.Action | Bad:
        if value is None or is_empty(value):
            if verb.bare:
                return verb.make(attributes=JsonObject()) if verb.free else verb.make()
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
    ) -> actions.Step | Bad:
        """A step that has steps, or none: its other keys are read by what they are."""
        inner: dict[str, tuple[actions.Step, ...] | Bad] = {}
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
        return BAD if bad or isinstance(action, Bad) else actions.Step("", action, span=key.span)

    def _flow_action(
        self, key: Scalar, value: Node | None, inner: dict[str, Any], to: Findings
    ) -> actions.Action | Bad:
        if key.text == "leave":
            share = 1.0 if value is None or is_empty(value) else SHARE.read(value, to)
            return BAD if isinstance(share, Bad) else actions.Leave(share)
        if value is None or is_empty(value):
            examples = {"repeat": "1..5", "when": "guest.country == 'GB'", "choose": "a list", "steps_from": "a part"}
            to.error("E201", key.span, f"'{key.text}' needs a value", f"{key.text}: {examples[key.text]}")
            return BAD
        if key.text == "repeat":
            times = TIMES.read(value, to)
            steps = inner.get("steps", BAD)
            return BAD if isinstance(times, Bad) or isinstance(steps, Bad) else actions.Repeat(times, steps)
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
        return actions.When(condition, inner.get("steps", ()), inner.get("else", ()))

    def _choose(self, value: Node, to: Findings) -> actions.Action | Bad:
        example = "- 70%: [{browse: a}]   and so on"
        if not isinstance(value, Sequence) or not value.items:
            mapping = isinstance(value, MappingNode) and value.items
            span = value.items[0][0].span if isinstance(value, MappingNode) and value.items else value.span
            label = "write '- ' before each share" if mapping else f"below it: {example}"
            to.error("E201", span, "'choose' takes a list of ways", label)
            return BAD
        ways: list[tuple[float, tuple[actions.Step, ...]]] = []
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
        return BAD if bad else actions.Choose(tuple(ways))

    def schema(self) -> Schema:
        """A verb alone, or a mapping with one verb and the keys that may stand beside it."""
        return step_schema()


STEPS = ListOf(StepShape(), "a list of steps")
