"""A plan for people: journeys, their steps, what each sends and how often."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from harness.compiler.plan import SLOTS, JourneyPlan, Pause, Plan, Send

GAP_SHOWN = 40


def render(plan: Plan, console: Console) -> None:
    """Print the plan."""
    for line in _lines(plan):
        console.print(Text(line), soft_wrap=True)


def _lines(plan: Plan) -> list[str]:
    ends = f"until each has made {plan.iterations} journeys, at most " if plan.iterations else "for "
    lines = [
        f"{plan.scenario}: {plan.users} {'user' if plan.users == 1 else 'users'} at a time, {ends}{plan.duration:g} s",
        "",
    ]
    weights = sum(journey.weight for journey in plan.journeys)
    for journey in plan.journeys:
        lines += _journey(journey, journey.weight / weights)
    lines.append("Each step is sent once a journey; how many journeys fit depends on the target's latency.")
    return lines


def _journey(journey: JourneyPlan, share: float) -> list[str]:
    thinking = [op for op in journey.ops if isinstance(op, Pause)]
    low, high = sum(p.low for p in thinking), sum(p.high for p in thinking)
    lines = [
        f"journey {journey.name}: {share:.0%} of the users, {len(journey.sends)} requests a guest, "
        f"{low:g}–{high:g} s of think time"
    ]
    number = 0
    for op in journey.ops:
        if isinstance(op, Pause):
            lines.append(f"      think {op.low:g}–{op.high:g} s" if op.low != op.high else f"      think {op.low:g} s")
            continue
        number += 1
        lines += _send(number, op)
    return [*lines, ""]


def _send(number: int, send: Send) -> list[str]:
    wanted = [f"status {send.status or '2xx'}"]
    if send.within_us is not None:
        wanted.append(f"within {send.within_us / 1000:g} ms")
    request = send.request
    gaps = sorted({SLOTS[gap] for gap in request.target.gaps})
    size = sum(len(literal) for literal in request.target.literals)
    return [
        f"  {number:>2}  {send.name:<16} {request.type:<9} expects {', '.join(wanted)}",
        f"      {request.method} {request.target.literals[0].decode()}… {size} bytes + {', '.join(gaps)}",
    ]
