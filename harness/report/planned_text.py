"""What a run would do, for people: totals, the load over time, steps, journeys, what is taken for granted."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.text import Text

from harness.compiler.expected import Estimate, Expected
from harness.compiler.plan import Plan
from harness.compiler.profile import Profile
from harness.report import words
from harness.report.console import LOG_WIDTH, encodable
from harness.report.planned import structure
from harness.report.planned_chart import chart
from harness.report.tables import Column, Row, Table
from harness.report.text_table import fit
from harness.scenario.model import OPEN

WIDEST_CHART = 60
_ASCII = str.maketrans({"±": "~", "–": "-", "·": "-"})


def render(
    plan: Plan, estimate: Estimate, per_worker: float, console: Console, mask: Callable[[str], str] = str
) -> None:
    """Print it, as wide as the terminal is. ``mask`` takes secrets out of what is sent."""
    width = min(max(console.width, 40), LOG_WIDTH) if console.is_terminal else LOG_WIDTH
    plain = not console.encoding.lower().replace("-", "").startswith("utf")
    for line in _lines(plan, estimate, per_worker, width, plain, mask):
        if plain:
            line.plain = line.plain.translate(_ASCII)
        console.print(encodable(line, console), soft_wrap=True, highlight=False)


def _lines(
    plan: Plan, estimate: Estimate, per_worker: float, width: int, plain: bool, mask: Callable[[str], str]
) -> Iterator[Text]:
    for line in textwrap.wrap(headline(plan, estimate), width, subsequent_indent="  "):
        yield Text(line, style="bold")
    if estimate.totals is None:
        yield from _section("One guest", _one_guest(plan, estimate))
    else:
        yield from _section("Expected", _totals(plan, estimate, per_worker))
    if estimate.duration_s >= 1:
        yield from _section("Load", _charts(plan, estimate, width, plain))
    yield from _section("Steps (guests %: of those on the journey)", fit(_steps(estimate), width))
    yield from _section("Journeys (durations of those completed)", fit(_journeys(estimate), width))
    yield from _section("Taken for granted", _assumptions(estimate, width))
    yield Text()
    for text in structure(plan):
        yield from _folded(mask(text), width)


def headline(plan: Plan, estimate: Estimate) -> str:
    """The load in a sentence: ``mixed: open load, at most 15 guests per second, 30 s``."""
    load = plan.load
    peak = Profile(load.stages).peak
    if load.model == OPEN:
        what = f"at most {peak:,.10g} guests per second"
        what += ", at random" if load.arrivals == "poisson" else ""
    else:
        what = words.counted(round(peak), "user")
        what = f"at most {what}" if len(load.stages) > 1 else what
    if load.iterations is None:
        return f"{plan.scenario}: {load.model} load, {what}, {words.duration(load.duration)}"
    each = words.counted(load.iterations, "journey")
    return f"{plan.scenario}: {load.model} load, {what}, each making {each} within {words.duration(load.duration)}"


def _section(title: str, lines: Iterator[Text]) -> Iterator[Text]:
    yield Text()
    yield Text(title, style="bold")
    yield from lines


def _totals(plan: Plan, estimate: Estimate, per_worker: float) -> Iterator[Text]:
    totals = estimate.totals
    assert totals is not None
    rows = [
        ("Requests", _pm(totals.requests), f"peak {words.rate(totals.peak_rate)}" if totals.peak_rate else ""),
        ("Guests", _pm(totals.guests), f"at most {words.count(max(round(totals.peak_guests), 1))} at once"),
        ("Orders", _pm(totals.orders), ""),
        ("Revenue", f"{_pm(totals.revenue)} {plan.currency}", ""),
        ("Data", words.size(totals.size), "sent, roughly"),
    ]
    if not any(send.purchase for _, send in plan.steps):
        rows = [row for row in rows if row[0] not in ("Orders", "Revenue")]
    workers = estimate.workers(per_worker)
    if workers is not None:
        rows.append(("Workers", words.count(workers), f"at {words.rate(per_worker)} each"))
    widest = max(len(value) for _, value, _ in rows)
    for name, value, note in rows:
        line = Text.assemble("  ", (f"{name:<10}", "dim"), (f"{value:<{widest}}", "bold"), (f"  {note}", "dim"))
        line.rstrip()
        yield line
    if any(e.margin >= 0.5 for e in (totals.requests, totals.orders, totals.revenue)):
        yield Text("  ± is how far runs differ by chance: 19 of 20 come so close.", style="dim")


def _one_guest(plan: Plan, estimate: Estimate) -> Iterator[Text]:
    yield Text(f"  {words.figure(estimate.requests_per_guest)} requests")
    if any(send.purchase for _, send in plan.steps):
        yield Text(f"  {words.figure(estimate.orders_per_guest)} orders")
        yield Text(f"  {words.figure(estimate.revenue_per_guest)} {plan.currency}")


def _charts(plan: Plan, estimate: Estimate, width: int, plain: bool) -> Iterator[Text]:
    columns = min(WIDEST_CHART, width - 14)
    profile = Profile(plan.load.stages)
    step = estimate.duration_s / columns
    levels = [profile.level((place + 0.5) * step) for place in range(columns)]
    yield Text("  guests per second" if plan.load.model == OPEN else "  users", style="dim")
    for line in chart(levels, estimate.duration_s, height=4 if len(set(levels)) > 1 else 1, plain=plain):
        yield Text(f"  {line}", style="cyan")
    if estimate.points:
        points = estimate.points
        rates = [points[min(place * len(points) // columns, len(points) - 1)].requests for place in range(columns)]
        yield Text("  requests per second", style="dim")
        for line in chart(rates, estimate.duration_s, plain=plain):
            yield Text(f"  {line}", style="cyan")


def _steps(estimate: Estimate) -> Table:
    known = estimate.totals is not None
    timed = known and estimate.totals is not None and estimate.totals.peak_rate is not None
    columns = [
        Column("journey", "journey", number=False),
        Column("step", "step", number=False),
        Column("type", "type", number=False),
        *([Column("total", "requests"), Column("margin", "±")] if known else []),
        *([Column("peak", "peak", "1/s")] if timed else []),
        Column("reach", "guests", "%"),
        Column("each", "a guest"),
    ]
    rows = []
    for step in estimate.steps:
        total = [_number(step.total.mean), _number(step.total.margin)] if step.total else []
        rows.append(
            Row(
                (
                    words.clean(step.journey),
                    words.clean(step.step),
                    words.clean(step.type),
                    *total,
                    *([words.figure(step.peak)] if timed else []),
                    words.percent(step.reach).removesuffix("%"),
                    words.figure(step.per_guest.mean),
                )
            )
        )
    return Table(tuple(columns), tuple(rows))


def _journeys(estimate: Estimate) -> Table:
    known = estimate.totals is not None
    columns = (
        Column("journey", "journey", number=False),
        *([Column("guests", "guests"), Column("margin", "±")] if known else []),
        Column("completed", "completed", "%"),
        Column("left", "leave", "%"),
        Column("mean", "mean", "s"),
        Column("p95", "p95", "s"),
    )
    return Table(
        columns,
        tuple(
            Row(
                (
                    words.clean(journey.name),
                    *([_number(journey.guests.mean), _number(journey.guests.margin)] if journey.guests else []),
                    words.percent(journey.completed).removesuffix("%"),
                    words.percent(journey.left).removesuffix("%"),
                    words.figure(journey.mean_s),
                    words.figure(journey.p95_s),
                )
            )
            for journey in estimate.journeys
        ),
    )


def _assumptions(estimate: Estimate, width: int) -> Iterator[Text]:
    simulated = f"figures come from {words.counted(estimate.simulated, 'simulated guest')} a journey (--guests)"
    for text in (*estimate.assumptions, simulated):
        for line in textwrap.wrap(words.clean(text, 500), width, initial_indent="  - ", subsequent_indent="    "):
            yield Text(line)


def _folded(text: str, width: int) -> Iterator[Text]:
    """A line of the structure, folded under itself where it is longer than the terminal is wide."""
    indent = " " * (len(text) - len(text.lstrip()))
    for line in textwrap.wrap(text.strip(), width, initial_indent=indent, subsequent_indent=f"{indent}  ") or [""]:
        yield Text(line)


def _number(value: float) -> str:
    """A count that is expected: whole from ten on."""
    whole = value >= 9.5 or abs(value - round(value)) < 0.005
    return words.count(round(value)) if whole else f"{value:.1f}"


def _pm(expected: Expected) -> str:
    margin = expected.margin
    return f"{_number(expected.mean)} ± {_number(margin)}" if margin >= 0.05 else _number(expected.mean)
