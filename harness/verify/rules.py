"""A target's own rules: what it does with events that are deliberately out of order."""

from __future__ import annotations

from collections.abc import Sequence

from harness.cdp.events import ADD, CONFIRM
from harness.verify.causes import order_of_events_ignored
from harness.verify.checks import Check, Finding, check
from harness.verify.found import FoundOrder

SUBJECT = "rule: CONFIRM needs an ADD before it"


def rule_check(arrived: bool, orders: Sequence[FoundOrder], why: str = "") -> Check:
    """VIEW, IDENTITY, CONFIRM, ADD, CHECKOUT were sent. ``arrived``: all of them can be read back.

    ``orders`` are those of the number that was sent; ``why`` says why nothing can be told, if that is so.
    """
    if orders:
        first = orders[0]
        cause = order_of_events_ignored(f"{CONFIRM.name} came before {ADD.name}")
        found = f"order {first.number}, {first.price:f} {first.currency}".rstrip()
        what = "an order came to be although CONFIRM came before ADD"
        return check(SUBJECT, "", [Finding("confirm_before_add", what, "no order", found, cause)])
    if not arrived:
        return Check(SUBJECT, None, f"not probed: {why or 'what was sent cannot be read back'}")
    return check(SUBJECT, "kept", [])
