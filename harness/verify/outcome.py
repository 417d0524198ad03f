"""An outcome judged: what ought to be there against what was found. Pure: a list of checks, each with its findings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from harness.verify import causes
from harness.verify.causes import Arrived
from harness.verify.checks import Cause, Check, Finding, check, unread
from harness.verify.expected import Expectation, ExpectedGuest, ExpectedItem, ExpectedPurchase
from harness.verify.found import FoundItem, FoundOrder, ReadBack
from harness.verify.guest_checks import guest_check
from harness.verify.session_checks import session_checks

MOST_NAMED = 5
"""Items that a line names."""


def judge_outcome(expected: Expectation, found: ReadBack) -> tuple[Check, ...]:
    """Every check of a path's outcome, in the order in which a path makes things come to be."""
    if expected.is_empty:
        return ()
    trace = causes.arrived(expected, found)
    checks = [] if expected.guest is None else [guest_check(expected.guest, found, trace)]
    if expected.sessions:
        checks += session_checks(expected, found, trace)
    for order in expected.purchases:
        checks.append(_order_check(order, found, trace, expected.guest))
    return tuple(checks)


def _order_check(order: ExpectedPurchase, found: ReadBack, trace: Arrived, guest: ExpectedGuest | None) -> Check:
    subject = f"order {order.number}"
    if found.orders is None:
        return unread(subject, *found.why_unread("orders"))
    there = found.orders.get(order.number, ())
    wanted = _wanted(order)
    if not there:
        cause = causes.order_missing(order, trace)
        missing = Finding("order_missing", f"{subject} is not there", wanted, "none", cause, True, order.step)
        return check(subject, "", [missing])
    if order.shared:
        return check(subject, "there; its number is fixed in the scenario, so nobody can tell whose it is", [])
    findings = []
    if len(there) > 1:
        times = "twice" if len(there) == 2 else f"{len(there)} times"
        what = f"{subject} is there {times}"
        refs = ", ".join(each.ref for each in there)
        twice = causes.written_twice("one CHECKOUT")
        findings.append(Finding("order_twice", what, "once", f"{times}: {refs}", twice, False, order.step))
    if order.flaw:
        cause = causes.wrong_confirm_ignored() if order.wrong_confirm else causes.order_of_events_ignored(order.flaw)
        what = f"{subject} came to be although {order.flaw}"
        findings.append(Finding(cause.kind, what, "no order", wanted, cause, False, order.step))
    findings += _order_findings(order, there[0], found, guest)
    open_price = (
        f"; price and items not verified: {_listed(order.unconfirmed)} not confirmed" if order.unconfirmed else ""
    )
    return check(subject, f"{wanted}, once{open_price}", findings)


def _order_findings(
    order: ExpectedPurchase, there: FoundOrder, found: ReadBack, guest: ExpectedGuest | None
) -> Iterator[Finding]:
    subject = f"order {order.number}"

    def finding(kind: str, what: str, wanted: str, is_there: str, cause: Cause, may_come: bool = False) -> Finding:
        return Finding(kind, f"{subject} {what}", wanted, is_there, cause, may_come, order.step)

    if there.status and there.status.upper() != order.status:
        late = Cause(
            "not_processed", "not processed yet: a longer wait would tell; or the target keeps another status."
        )
        yield finding("order_status", "has another status", order.status, there.status, late, True)
    if there.currency != order.currency:
        ignored = Cause("currency_ignored", "currency ignored: the target keeps another than the event's 'currency'.")
        wanted, is_there = order.currency or "none", there.currency or "none"
        yield finding("order_currency", "is in another currency", wanted, is_there, ignored)
    if order.price is not None and there.price != order.price:
        wrong = Cause(
            "wrong_price", "wrong price: the target keeps another than what the items come to as they were sent."
        )
        wanted, is_there = _money(order.price, order.currency), _money(there.price, there.currency)
        yield finding("order_price", "has another price", wanted, is_there, wrong)
    if order.items and there.items is not None and (differ := _items_differ(order.items, there.items)):
        lost = Cause("wrong_items", "wrong items: an ADD was lost or changed on the way into the order.")
        yield finding("order_items", "has other items", *differ, lost)
    mixed = guest is not None and guest.strangers
    if there.guest and found.guests and not mixed and there.guest not in {each.ref for each in found.guests}:
        mine = ", ".join(each.ref for each in found.guests)
        yield finding("order_guest", "belongs to another guest", mine, there.guest, causes.merged(), True)


def _items_differ(sent: tuple[ExpectedItem, ...], there: tuple[FoundItem, ...]) -> tuple[str, str] | None:
    """Both as text when they are not the same; lines of one item count as one, for a target may merge them.

    Where the target shows neither quantity nor price, which items there are has to do.
    """
    wanted, found = _Items(), _Items()
    for line in sent:
        wanted.add(line.item_id, line.quantity, line.price)
    for item in there:
        found.add(item.item_id, item.quantity, item.price)
    whole = None not in found.counts.values() and None not in found.worth.values()
    same = (
        (wanted.counts, wanted.worth) == (found.counts, found.worth)
        if whole
        else set(wanted.counts) == set(found.counts)
    )
    return None if same else (str(wanted), str(found))


class _Items:
    """How many there are of each item, and what they are worth; None where that is not known."""

    def __init__(self) -> None:
        self.counts: dict[str, Decimal | None] = {}
        self.worth: dict[str, Decimal | None] = {}

    def add(self, item_id: str, quantity: Decimal | None, price: Decimal | None) -> None:
        worth = None if quantity is None or price is None else quantity * price
        for sums, more in ((self.counts, quantity), (self.worth, worth)):
            before = sums.get(item_id, Decimal(0))
            sums[item_id] = None if before is None or more is None else before + more

    def __str__(self) -> str:
        told = []
        for name, count in self.counts.items():
            worth = self.worth[name]
            told.append(("" if count is None else f"{count:f} × ") + name + ("" if worth is None else f" = {worth:f}"))
        return ", ".join(told) or "none"


def _wanted(order: ExpectedPurchase) -> str:
    count = sum((item.quantity for item in order.items), Decimal(0))
    parts = [order.status]
    if order.price is not None:
        parts.append(_money(order.price, order.currency))
    if count:
        parts.append(f"{count:f} item{'' if count == 1 else 's'}")
    return ", ".join(parts)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _money(value: Decimal, currency: str) -> str:
    return f"{value:f} {currency}".rstrip()
