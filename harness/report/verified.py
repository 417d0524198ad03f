"""What was read back, as the summary has it."""

from __future__ import annotations

from decimal import Decimal

from harness.report.outcome_summary import (
    EventsVerified,
    GuestProblem,
    GuestsVerified,
    OrdersVerified,
    RevenueVerified,
    VerificationSummary,
)
from harness.verify.reconcile import Reconciliation
from harness.verify.story import StoriesResult

MOST_NAMED = 100
"""Problems of guests that are named."""
LONGEST = 300
"""Characters of what was expected or found."""


def verification(
    orders: Reconciliation | None,
    stories: StoriesResult | None,
    currency: str,
    trouble: str = "",
    failed: bool = False,
    took_s: float = 0.0,
) -> VerificationSummary:
    """The summary of a reading back; ``currency`` is the scenario's."""
    revenues = [] if orders is None else _revenues(orders, currency)
    return VerificationSummary(
        orders=None if orders is None else _orders(orders),
        revenue=revenues[0] if revenues else None,
        other_revenue=tuple(revenues[1:]),
        problems=() if orders is None else orders.problems,
        guests=None if stories is None else _guests(stories),
        trouble=trouble,
        failed=failed,
        took_s=took_s,
        examples=() if orders is None else orders.examples,
    )


def _orders(orders: Reconciliation) -> OrdersVerified:
    return OrdersVerified(
        expected=orders.expected,
        found=orders.found,
        missing=tuple(problem.order for problem in orders.problems if problem.kind == "missing"),
        missing_count=orders.missing,
        duplicated=orders.counts["duplicated"],
        mispriced=orders.counts["mispriced"],
        unexpected=orders.counts["unexpected"],
        unknown=orders.unknown,
        unknown_found=orders.unknown_found,
        of=orders.of,
        interval=orders.interval,
        unpriced=orders.unpriced,
    )


def _revenues(orders: Reconciliation, currency: str) -> list[RevenueVerified]:
    """The scenario's currency first; amounts without cents have them."""
    names = [currency, *sorted({*orders.revenue_expected, *orders.revenue_found} - {currency})]
    nothing = Decimal("0.00")
    return [
        RevenueVerified(
            orders.revenue_expected.get(name, Decimal(0)) + nothing,
            orders.revenue_found.get(name, Decimal(0)) + nothing,
            name,
        )
        for name in names
    ]


def _guests(stories: StoriesResult) -> GuestsVerified:
    problems = [
        GuestProblem(
            finding.kind,
            result.story.guest,
            result.story.journey,
            finding.step,
            finding.what,
            finding.expected[:LONGEST],
            finding.found[:LONGEST],
            finding.cause.text,
            finding.cause.kind,
        )
        for result, finding in stories.findings
    ]
    unread = {check.told for result in stories.results for check in result.checks if check.held is None}
    events = stories.events or {}
    return GuestsVerified(
        asked=len(stories.results),
        held=stories.held,
        identified=stories.guests,
        events=tuple(EventsVerified(kind, *counts) for kind, counts in events.items()),
        abandoned=stories.abandoned,
        problems=tuple(problems[:MOST_NAMED]),
        unread=tuple(sorted(unread)),
    )
