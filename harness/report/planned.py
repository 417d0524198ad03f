"""The structure of a plan as text: journeys, their steps, what each sends and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.compiler.plan import Choose, JourneyPlan, Leave, Op, Pause, Plan, Repeat, Send, When
from harness.compiler.profile import Profile
from harness.scenario.expressions import show
from harness.scenario.model import OPEN


def lines(plan: Plan) -> Iterator[str]:
    """The plan, line by line."""
    load = plan.load
    what = "guests per second" if load.model == OPEN else "users"
    yield f"{plan.scenario}: {load.model} load, at most {Profile(load.stages).peak:g} {what}, {load.duration:g} s"
    if load.iterations:
        yield f"ends earlier when each user has made {load.iterations} journeys"
    yield ""
    yield from structure(plan)


def structure(plan: Plan) -> Iterator[str]:
    """Journeys with their steps, an empty line after each."""
    weights = sum(journey.weight for journey in plan.journeys)
    for journey in plan.journeys:
        yield from _journey(plan, journey, journey.weight / weights)
        yield ""


def _journey(plan: Plan, journey: JourneyPlan, share: float) -> Iterator[str]:
    think = journey.think
    pause = f", thinking {think.low:g}–{think.high:g} s between steps" if think.high else ""
    slower = "" if plan.on_the_wire(journey) else "; through Locust's FastHttpSession (proxy, redirects or cookies)"
    yield f"journey {journey.name}: {share:.0%} of the guests{pause}{slower}"
    yield from _ops(plan, journey.ops, "  ")


def _ops(plan: Plan, ops: Sequence[Op], indent: str) -> Iterator[str]:
    for op in ops:
        match op:
            case Send():
                yield from _send(plan, op, indent)
            case Pause(low, high):
                yield f"{indent}think {low:g}–{high:g} s" if low != high else f"{indent}think {low:g} s"
            case Leave(share):
                yield f"{indent}leave: {share:.0%}"
            case Repeat(low, high, inner):
                yield f"{indent}repeat {low}–{high} times:" if low != high else f"{indent}repeat {low} times:"
                yield from _ops(plan, inner, indent + "  ")
            case Choose(ways):
                before = 0.0
                for total, inner in ways:
                    yield f"{indent}{total - before:.0%}:"
                    before = total
                    yield from _ops(plan, inner, indent + "  ")
            case When(condition, inner, otherwise):
                yield f"{indent}when {show(condition)}:"
                yield from _ops(plan, inner, indent + "  ")
                if otherwise:
                    yield f"{indent}else:"
                    yield from _ops(plan, otherwise, indent + "  ")


def _send(plan: Plan, send: Send, indent: str) -> Iterator[str]:
    request, checks = send.request, send.checks
    status = sorted(checks.status)
    hundreds = {code // 100 for code in status}
    wanted = [f"{h}xx" for h in sorted(hundreds)] if len(status) == 100 * len(hundreds) else [str(c) for c in status]
    extra = f" within {checks.within_us / 1000:g} ms" if checks.within_us is not None else ""
    yield f"{indent}{send.name}: {request.type}, expects {' or '.join(wanted)}{extra}"
    names = plan.slot_names
    gaps = sorted({names[gap] for part in (request.target, request.headers, request.body) if part for gap in part.gaps})
    size = request.target.size + request.headers.size + (request.body.size if request.body else 0)
    path = request.target.literals[0].decode("ascii", "replace").partition("?")[0]
    filled = f" + {', '.join(gaps)}" if gaps else ""
    yield f"{indent}    {request.method} {path} {size} bytes{filled}"
