"""``compile_scenario``: a pure function from what the author means to what is sent."""

from __future__ import annotations

from harness.cdp import events
from harness.compiler import cdp_requests
from harness.compiler.plan import SLOT, Capture, JourneyPlan, Line, Op, Pause, Pick, Plan, Send
from harness.scenario import model
from harness.scenario.check import BROWSER_ID


def compile_scenario(scenario: model.Scenario) -> Plan:
    """The plan of a checked scenario."""
    lines = {item.item_id: cdp_requests.line(item) for item in scenario.catalog}
    journeys: list[JourneyPlan] = []
    index = 0
    for number, journey in enumerate(scenario.journeys):
        ops = _ops(journey, scenario, lines, index)
        journeys.append(JourneyPlan(number, journey.name, journey.weight, ops))
        index += len(journeys[-1].sends)
    load = scenario.load
    return Plan(
        scenario=scenario.name,
        currency=scenario.defaults.currency,
        guests=scenario.guests,
        journeys=tuple(journeys),
        users=load.users,
        duration=load.duration,
        iterations=load.iterations,
    )


def _ops(journey: model.Journey, scenario: model.Scenario, lines: dict[str, Line], first: int) -> tuple[Op, ...]:
    """A journey's operations: the browser id, then the steps with think times between them."""
    capture = Capture("ref", SLOT["browser_id"], cdp_requests.BROWSER_REF)
    ops: list[Op] = [Send(first, BROWSER_ID, cdp_requests.browser_id(), capture=capture)]
    index = first + 1
    thinking = False
    for step in journey.steps:
        if isinstance(step.action, model.Think):
            ops.append(Pause(step.action.pause.low, step.action.pause.high))
            thinking = False
            continue
        if thinking and journey.think.high > 0:
            ops.append(Pause(journey.think.low, journey.think.high))
        ops.append(_send(index, step, scenario, lines))
        index += 1
        thinking = True
    return tuple(ops)


def _send(index: int, step: model.Step, scenario: model.Scenario, lines: dict[str, Line]) -> Send:
    action, expect = step.action, step.expect
    pick = None
    order: str | None = None
    if isinstance(action, model.Add):
        among = tuple(lines.values()) if action.item == model.ANY else (lines[action.item],)
        pick = Pick(among, int(action.quantity.low), int(action.quantity.high))
    elif isinstance(action, model.Checkout):
        order = action.reference_id or ""
    return Send(
        index=index,
        name=step.name,
        request=cdp_requests.event(action, scenario),
        status=expect.status,
        within_us=None if expect.within is None else int(expect.within * 1_000_000),
        pick=pick,
        order=order,
        purchase=isinstance(action, model.Checkout) and action.status == events.PURCHASED,
    )
