"""Tables and key figures of what became of a load: orders, revenue, guests, and where guests were lost."""

from __future__ import annotations

from harness.report import verdict_words, words
from harness.report.outcome_summary import GuestsVerified, OrdersVerified
from harness.report.summary import Summary
from harness.report.tables import Column, Figure, Row, Table, named


def outcome(summary: Summary) -> tuple[Figure, ...]:
    """Orders and revenue that the target holds, against those that it ought to."""
    known = summary.verification
    if known is None or known.orders is None or known.revenue is None:
        why = words.clean(known.trouble) if known and known.trouble else "not verified"
        return (Figure("Orders", words.NOTHING, why), Figure("Revenue", words.NOTHING, "not verified"))
    orders, revenue = known.orders, known.revenue
    return (
        Figure(
            "Orders found",
            f"{words.count(orders.found)} of {words.count(orders.expected)}",
            _of_orders(summary, orders),
            bad=orders.found != orders.expected or bool(orders.duplicated or orders.mispriced or orders.unexpected),
        ),
        Figure(
            "Revenue found",
            words.money(revenue.found, revenue.currency),
            f"of {words.money(revenue.expected, revenue.currency)} expected{_unpriced(orders)}",
            bad=revenue.found != revenue.expected,
        ),
        *(
            Figure(
                "Revenue found",
                words.money(other.found, other.currency),
                f"of {words.money(other.expected, other.currency)} expected",
                bad=other.found != other.expected,
            )
            for other in known.other_revenue
        ),
    )


def _unpriced(orders: OrdersVerified) -> str:
    if not orders.unpriced:
        return ""
    return f", {words.counted(orders.unpriced, 'order')} not verified: not all of the cart was confirmed"


def _of_orders(summary: Summary, orders: OrdersVerified) -> str:
    """What is to be said of orders beside how many were found."""
    missing = verdict_words.missing_orders(summary)
    parts = [f"{words.count(missing)} missing" if missing else _nothing_missing(orders.expected, orders.found)]
    if orders.interval is not None:
        low, high = (words.percent(share) for share in orders.interval)
        parts.append(f"a sample of {words.count(orders.of)}, of which {low} to {high} are missing")
    parts += [f"{words.count(number)} {what}" for number, what in verdict_words.order_problems(orders)]
    if orders.unknown:
        parts.append(
            f"{words.count(orders.unknown)} without a reply, {words.count(orders.unknown_found)} of them exist"
        )
    return ", ".join(parts)


def guests(summary: Summary) -> tuple[Figure, ...]:
    """What became of the guests that were read back in full; nothing where none were."""
    known = summary.verification.guests if summary.verification else None
    if known is None:
        return ()
    figures = [
        Figure(
            "Guests read back",
            f"{words.count(known.held)} of {words.count(known.asked)}",
            "as sent, with sessions, events and cart",
            bad=known.held < known.asked,
        )
    ]
    if known.identified[0]:
        expected, found = known.identified
        figures.append(
            Figure("Identified", f"{words.count(found)} of {words.count(expected)}", "", bad=found != expected)
        )
    if known.events:
        expected, found = sum(e.expected for e in known.events), sum(e.found for e in known.events)
        figures.append(
            Figure("Events", f"{words.count(found)} of {words.count(expected)}", _by_type(known), bad=found != expected)
        )
    if known.abandoned and any(known.abandoned):
        expected, found = known.abandoned
        figures.append(
            Figure("Abandoned carts", f"{words.count(found)} of {words.count(expected)}", bad=found != expected)
        )
    return tuple(figures)


def _by_type(known: GuestsVerified) -> str:
    """Where events differ, by type."""
    wrong = [f"{words.clean(e.type, 40)} {e.found} of {e.expected}" for e in known.events if e.found != e.expected]
    return ", ".join(wrong[:6]) + (" …" if len(wrong) > 6 else "") if wrong else ""


def problems(summary: Summary) -> Table:
    """A row for each order or guest that is not as it ought to be, as far as they are named."""
    columns = (
        named("problem", "problem"),
        named("who", "order or guest"),
        named("step", "step"),
        named("expected", "expected"),
        named("found", "found"),
    )
    known = summary.verification
    rows = [] if known is None else [
        Row((p.kind, words.clean(f"{p.order} ({p.guest})" if p.guest else p.order), words.clean(p.step),
             words.clean(p.expected), words.clean(p.found)))
        for p in known.problems
    ]  # fmt: skip
    for p in known.guests.problems if known and known.guests else ():
        step = f"{p.journey}/{p.step}" if p.step else p.journey
        cells = (p.kind.replace("_", " "), p.guest, step, p.expected, p.found)
        rows.append(Row(tuple(words.clean(cell) for cell in cells)))
    return Table(columns, tuple(rows))


def examples(summary: Summary) -> Table:
    """A row for each of a few orders that exist."""
    columns = (
        named("order", "order"),
        Column("value", "value"),
        named("currency", "currency"),
        named("guest", "guest"),
    )
    known = summary.verification
    rows = [
        Row((words.clean(each.order, 100), f"{each.price:,f}", words.clean(each.currency, 12), words.clean(each.guest)))
        for each in (known.examples if known else ())
    ]
    return Table(columns, tuple(rows))


def funnel(summary: Summary) -> Table:
    """A row a step: how many guests came, and what became of them there."""
    columns = (
        named("journey", "journey"),
        named("step", "step"),
        Column("entered", "entered"),
        Column("went_on", "went on"),
        Column("went_share", "went on", "%", short="share"),
        Column("left", "left by design", short="left"),
        Column("lost", "lost to errors", short="lost"),
        Column("under_way", "under way"),
    )
    rows = []
    for step in summary.funnel:
        share = words.percent(step.went_on / step.entered).removesuffix("%") if step.entered else words.NOTHING
        counts = (step.left_by_design, step.lost_to_errors, step.under_way)
        rows.append(
            Row(
                (
                    words.clean(step.journey),
                    words.clean(step.step),
                    words.count(step.entered),
                    words.count(step.went_on),
                    share,
                    *map(words.count, counts),
                ),
                frozenset({"lost"}) if step.lost_to_errors else frozenset(),
            )
        )
    return Table(columns, tuple(rows))


def _nothing_missing(expected: int, found: int) -> str:
    if found > expected:
        return f"{words.count(found - expected)} more than expected"
    return "none missing" if expected else "none expected"
