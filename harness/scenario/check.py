"""What a scenario that is well written may still get wrong: meaning, with the whole of it at hand."""

from __future__ import annotations

from collections.abc import Sequence

from harness.scenario import actions, model
from harness.scenario.check_codes import check_code
from harness.scenario.check_flow import check_journey
from harness.scenario.check_shop import place
from harness.scenario.check_steps import check_step
from harness.scenario.check_thresholds import check_thresholds
from harness.scenario.diagnostics import Findings
from harness.scenario.source import at
from harness.scenario.walks import all_steps


def check(scenario: model.Scenario, loads: Sequence[model.Load], to: Findings) -> None:
    """Note every mistake of meaning. ``loads`` are all profiles of the file."""
    _target(scenario.target, to)
    for name in ("language", "currency"):
        check_code(name, getattr(scenario.defaults, name), at(scenario.defaults.node, name), to)
    _catalog(scenario, to)
    once = all(_runs_once(load) for load in loads)
    numbers: set[str] = set()
    for journey in scenario.journeys:
        for step in all_steps(journey.steps):
            check_step(step, scenario, to)
            number = getattr(step.action, "reference_id", None)
            if number is not None:
                if number in numbers:
                    span = place(step, "checkout", "reference_id")
                    to.error("E307", span, f"the order number {number} is in two steps", _NEW_NUMBER)
                numbers.add(number)
        check_journey(journey, scenario, once, to)
    _weights(scenario.journeys, to)
    check_thresholds(scenario, to)


_NEW_NUMBER = "leave reference_id out: every order then gets a number of its own"


def _runs_once(load: model.Load) -> bool:
    users = max((stage.level or 0.0) for stage in load.stages)
    return load.model == model.CLOSED and load.iterations == 1 and users <= 1


def _target(target: model.Target, to: Findings) -> None:
    if not target.url:
        label = "add url: https://…, url: sandbox, or region: eu"
        to.error("E301", target.span, "the target has neither a url nor a region", label)


def _catalog(scenario: model.Scenario, to: Findings) -> None:
    seen: dict[str, model.Item] = {}
    for item in scenario.catalog:
        span = at(item.node, "item_id")
        if item.item_id == actions.ANY:
            label = "'any' stands for each of the catalog: give the item another id"
            to.error("E306", span, "an item with the item_id 'any'", label)
        elif item.item_id in seen:
            first = at(seen[item.item_id].node, "item_id")
            label = f"the other stands in line {first.line}: " if first and first != span else ""
            said = f"two items have the item_id '{item.item_id[:60]}'"
            to.error("E306", span, said, f"{label}give one of them another id")
        seen.setdefault(item.item_id, item)


def _weights(journeys: tuple[actions.Journey, ...], to: Findings) -> None:
    idle = [journey for journey in journeys if not journey.weight]
    for number, journey in enumerate(idle):
        span = at(journey.node, "weight") or journey.span
        if len(idle) < len(journeys):
            said = f"journey '{journey.name}' has weight 0: nobody takes it"
            to.warning("W408", span, said, "write 'weight: 1', or take the journey out")
        elif not number:
            to.error("E315", span, "no journey has a weight above 0: nobody would take any", "write 'weight: 1'")
