"""Thresholds with the whole scenario at hand: whether what they speak of exists, and whether they can hold."""

from __future__ import annotations

from harness.scenario import actions, model
from harness.scenario.diagnostics import Findings, Span, suggest
from harness.scenario.source import Scalar
from harness.scenario.thresholds import JOURNEY_METRICS
from harness.scenario.variables import part_span
from harness.scenario.walks import all_steps, timed_steps


def check_thresholds(scenario: model.Scenario, to: Findings) -> None:
    """Note what is wrong with the thresholds."""
    names = {journey.name: timed_steps(journey) for journey in scenario.journeys}
    sells = any(
        isinstance(step.action, actions.Checkout | actions.OrderCheckout)
        for journey in scenario.journeys
        for step in all_steps(journey.steps)
    )
    seen: set[str] = set()
    for threshold in scenario.thresholds:
        _can_hold(threshold, to)
        if threshold.text in seen:
            to.warning("W414", threshold.span, "the same threshold stands above already", "take one of them out")
        seen.add(threshold.text)
        if threshold.metric == "orders.missing" and not sells:
            label = "add a 'checkout' step, or take the threshold out"
            to.error("E317", threshold.span, "no journey makes an order that could be missing", label)
        _subject(threshold, names, to)
    for rule in scenario.stop_when:
        _can_hold(rule.condition, to)
        _subject(rule.condition, names, to)
        if rule.condition.metric == "orders.missing":
            label = "stop by what is known meanwhile, such as error_rate > 50% for 10s"
            to.error("E234", rule.span, "which orders are missing is known only after the load", label)
        elif rule.seconds > scenario.load.duration:
            said = f"the load is over after {scenario.load.duration:g} s, before this could be seen"
            to.warning("W419", rule.span, said, "a shorter stretch: for 10s")


def _part(threshold: model.Threshold, text: str) -> Span | None:
    """Where a part of a threshold stands."""
    node = threshold.node
    if not isinstance(node, Scalar) or text not in node.text:
        return threshold.span
    start = node.text.index(text)
    return part_span(node, start, start + len(text))


def _subject(threshold: model.Threshold, names: dict[str, list[str]], to: Findings) -> None:
    journey, step = threshold.journey, threshold.step
    if journey is not None and journey not in names:
        label = suggest(journey, names)
        if any(journey in steps for steps in names.values()):
            known = " or ".join(JOURNEY_METRICS)
            label = f"it is a step, and {known} are of journeys: {', '.join(names)}"
        to.error("E308", _part(threshold, journey), f"no journey '{journey[:60]}'", label)
    elif step is not None:
        known_steps = dict.fromkeys(each for name in ([journey] if journey else names) for each in names[name])
        if step not in known_steps:
            label = suggest(step, known_steps)
            if journey is None and step in names:
                label = f"that is a journey; name one of its steps: {', '.join(names[step])}"
            where = f" in journey '{journey[:40]}'" if journey else ""
            to.error("E309", _part(threshold, step), f"no step '{step[:60]}'{where}", label)


def _can_hold(threshold: model.Threshold, to: Findings) -> None:
    op, value, top = threshold.op, threshold.value, 1.0 if threshold.unit == "share" else None
    node = threshold.node
    span = threshold.span
    if isinstance(node, Scalar) and op in node.text:
        span = part_span(node, node.text.index(op), len(node.text.rstrip()))
    limit = threshold.text.rpartition(op)[2].strip()
    if (op == "<" and value <= 0) or (op == ">" and top is not None and value >= top):
        to.error("E316", span, "this can never hold", f"write '{op}= {limit}'")
    elif (op == ">=" and value <= 0) or (op == "<=" and top is not None and value >= top):
        to.warning("W410", span, "this always holds", "name a limit that could be missed")
