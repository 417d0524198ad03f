"""The ways through a journey: steps that never run, captures that are not there, and the shop's rules on each way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from harness.scenario import actions, model
from harness.scenario.check_shop import GUEST_REF, Shop, State, join
from harness.scenario.diagnostics import Findings, Span
from harness.scenario.expressions import Expression, Interpolated, Name, evaluate, is_constant, names
from harness.scenario.source import Mapping, Node, Sequence
from harness.scenario.values import JsonObject
from harness.scenario.variables import part_span
from harness.scenario.walks import inner_steps


def check_journey(journey: actions.Journey, scenario: model.Scenario, once: bool, to: Findings) -> None:
    """Walk all ways through a journey. ``once``: the whole run is one guest's, once."""
    walker = _Walker(Shop(scenario, to), to)
    walker.steps(journey.steps, State(), once)
    for name, capture in walker.made.items():
        if name not in walker.used:
            label = f"use it in a later step as ${{{name}}}, or take it out"
            to.warning("W409", capture.span, f"'{name}' is captured and never used", label)


class _Walker:
    def __init__(self, shop: Shop, to: Findings) -> None:
        self._shop = shop
        self._to = to
        self.made: dict[str, actions.Capture] = {}
        self.used: set[str] = set()

    def steps(self, steps: tuple[actions.Step, ...], state: State, once: bool) -> State:
        for step in steps:
            if state.ended:
                self._to.warning(
                    "W407", step.span, "this can never run: everybody has left before", "move it up, or remove it"
                )
                return state
            state = self._step(step, state, once)
        return state

    def _step(self, step: actions.Step, state: State, once: bool) -> State:
        self._uses(step, state)
        match step.action:
            case actions.Leave(share):
                return replace(state, ended=True) if share >= 1 else state
            case actions.Repeat(times, steps):
                if times.high == 0:
                    self._to.warning(
                        "W407", step.span, "this can never run: 'repeat: 0'", "write 'repeat: 1..5', or remove it"
                    )
                    return state
                before = state
                if times.high > 1:  # from the second time on, what the steps capture is there from their beginning
                    again = frozenset(_captured(steps))
                    before = replace(state, maybe_captured=state.maybe_captured | again)
                after = self.steps(steps, before, once and times.high <= 1)
                return after if times.low >= 1 else join(state, after)
            case actions.Choose(ways):
                return self._choose(ways, state, once)
            case actions.When(condition, steps, otherwise):
                return self._when(condition, steps, otherwise, state, once)
        state = self._shop.after(step, state, once)
        for capture in step.captures:
            self.made.setdefault(capture.name, capture)
        if not step.captures:
            return state
        new = frozenset(capture.name for capture in step.captures)
        return replace(state, captured=state.captured | new, maybe_captured=state.maybe_captured | new)

    def _choose(self, ways: tuple[tuple[float, tuple[actions.Step, ...]], ...], state: State, once: bool) -> State:
        left = 1 - sum(share for share, _ in ways)
        after: State | None = state if left > 1e-9 else None
        for share, steps in ways:
            if share == 0 and steps:
                self._to.warning(
                    "W407", steps[0].span, "this can never run: its share is 0%", "give it a share above 0%"
                )
                continue
            end = self.steps(steps, state, once)
            after = end if after is None else join(after, end)
        return after or state

    def _when(
        self,
        condition: Expression,
        steps: tuple[actions.Step, ...],
        otherwise: tuple[actions.Step, ...],
        state: State,
        once: bool,
    ) -> State:
        if is_constant(condition):
            true = bool(evaluate(condition, lambda _: None))
            never = otherwise if true else steps
            if never:
                said = f"this can never run: the condition is always {'true' if true else 'false'}"
                self._to.warning("W407", never[0].span, said, "compare with guest, cart or a capture")
            return self.steps(steps if true else otherwise, state, once)
        return join(self.steps(steps, state, once), self.steps(otherwise, state, once))

    def _uses(self, step: actions.Step, state: State) -> None:
        for name in step_names(step):
            if len(name.parts) != 1 and str(name) not in GUEST_REF:
                continue
            place = _naming(step, str(name))
            self.used.add(str(name))
            if str(name) not in state.maybe_captured:
                label = "add 'capture' to a step before this one, in the same journey"
                if str(name) in GUEST_REF:
                    label = "put 'guest: create' or 'guest: find' before it"
                self._to.error("E318", place, f"'{name}' is not captured before this step", label)
            elif str(name) not in state.captured:
                self._to.warning(
                    "W411",
                    place,
                    f"'{name}' is not captured on every way here",
                    "it is empty on the others: capture it on each",
                )


def _naming(step: actions.Step, name: str) -> Span | None:
    """Where a step speaks of a name."""
    waiting: list[Node] = [step.node] if step.node is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            waiting.extend(v for k, v in reversed(node.items) if k.text not in ("steps", "else", "capture"))
        elif isinstance(node, Sequence):
            waiting.extend(reversed(node.items))
        else:
            condition = isinstance(step.action, actions.When)
            for match in re.finditer(r".+" if condition else r"\$\{[^}]*\}", node.text, re.S):
                if found := re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", match[0]):
                    return part_span(node, match.start() + found.start(), match.start() + found.end())
    return step.span


def step_names(step: actions.Step) -> list[Name]:
    """Every name that a step's own texts and condition speak of."""
    found: list[Name] = []

    def collect(value: object) -> None:
        if isinstance(value, Interpolated):
            for part in value.parts:
                if not isinstance(part, str):
                    found.extend(names(part))
        elif isinstance(value, JsonObject):
            for _, inner in value.items:
                collect(inner)
        elif isinstance(value, tuple):
            for inner in value:
                collect(inner)

    action = step.action
    if isinstance(action, actions.When):
        found.extend(names(action.condition))
    elif not isinstance(action, actions.FLOW):
        for field in action.__dataclass_fields__:
            collect(getattr(action, field))
        collect(step.attributes)
    return found


def _captured(steps: tuple[actions.Step, ...]) -> Iterator[str]:
    """The names that steps capture, and those within them."""
    for step in steps:
        yield from (capture.name for capture in step.captures)
        for inner in inner_steps(step.action):
            yield from _captured(inner)
