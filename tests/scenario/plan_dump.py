"""A compiled plan as text that stays the same as long as the same is sent: for golden files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.compiler.plan import Choose, Leave, Op, Pause, Plan, Repeat, Send, When
from harness.scenario.expressions import show


def dump(plan: Plan) -> str:
    return "".join(f"{line}\n" for line in _lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield f"scenario {plan.scenario}, system {plan.system}, currency {plan.currency}"
    guests = plan.guests
    locales = ", ".join(f"{locale} {share:g}" for locale, share in guests.locales)
    browser = f" on the {guests.browser} browser" if guests.browser != "new" else ""
    yield f"guests {locales}; returning {guests.returning:g}{browser}; seed {guests.seed}"
    if feed := guests.feed:
        yield f"  from {feed.source}: {feed.order}, wrap {feed.wrap}, {len(feed.rows)} rows"
    load = plan.load
    yield f"load {load.model}: " + ", ".join(f"{s.kind} {s.level} over {s.over:g}s" for s in load.stages)
    yield f"  iterations {load.iterations}, arrivals {load.arrivals}, max in flight {load.max_in_flight}"
    for journey in plan.journeys:
        think = journey.think
        yield f"journey {journey.name}: weight {journey.weight:g}, think {think.low:g}..{think.high:g}s"
        yield from _ops(plan, journey.ops, "  ")


def _ops(plan: Plan, ops: Sequence[Op], indent: str) -> Iterator[str]:
    inner = indent + "  "
    for op in ops:
        match op:
            case Send():
                yield from _send(plan, op, indent)
            case Pause():
                yield f"{indent}pause {op.low:g}..{op.high:g}s"
            case Leave():
                yield f"{indent}leave {op.share:g}"
            case Repeat():
                yield f"{indent}repeat {op.low}..{op.high}"
                yield from _ops(plan, op.ops, inner)
            case Choose():
                yield f"{indent}choose"
                for total, way in op.ways:
                    yield f"{indent}- up to {total:g}"
                    yield from _ops(plan, way, inner)
            case When():
                yield f"{indent}when {show(op.condition)}"
                yield from _ops(plan, op.ops, inner)
                if op.otherwise:
                    yield f"{indent}else"
                    yield from _ops(plan, op.otherwise, inner)


def _statuses(codes: frozenset[int]) -> str:
    hundreds = {code // 100 for code in codes}
    whole = sorted(f"{h}xx" for h in hundreds if {*range(h * 100, h * 100 + 100)} <= codes)
    rest = sorted(str(code) for code in codes if f"{code // 100}xx" not in whole)
    return " ".join([*whole, *rest])


def _send(plan: Plan, send: Send, indent: str) -> Iterator[str]:
    names = plan.slot_names
    request, checks = send.request, send.checks
    yield f"{indent}{send.name}: {request.type}"
    yield f"{indent}  {request.method} {request.target.text(names)}"
    yield from (f"{indent}  {line}" for line in request.headers.text(names).split("\r\n") if line)
    if request.body is not None:
        yield f"{indent}  body {request.body.text(names)!r}"
    yield f"{indent}  expects {_statuses(checks.status)}" + (
        f" within {checks.within_us} µs" if checks.within_us else ""
    )
    yield from (f"{indent}  expects header {name}: {value}" for name, value in checks.headers)
    yield from (f"{indent}  expects {path.text} = {value!r}" for path, value in checks.json)
    if checks.body is not None:
        yield f"{indent}  expects body {checks.body!r}"
    for capture in send.captures:
        if capture.name:
            yield f"{indent}  captures {capture.name} from {capture.kind} {capture.path}"
    if send.pick:
        items = " ".join(line.item_id for line in send.pick.lines)
        yield f"{indent}  picks {send.pick.low}..{send.pick.high} of {items}"
    if send.order is not None:
        yield f"{indent}  order {send.order or 'new'}{', a purchase' if send.purchase else ''}"
    if send.empties:
        yield f"{indent}  empties the cart"
