"""Likely causes: what people have usually done when a CDP answers 201 and the outcome is not there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.cdp import events
from harness.record.recorder import Failure
from harness.verify.checks import Cause
from harness.verify.expected import Expectation, ExpectedPurchase
from harness.verify.found import ReadBack

WRONG_CONFIRM = "wrong_confirm"
WRONG_POINT_OF_SALE = "wrong_point_of_sale"
NOT_PROCESSED = "or it is not processed yet: a longer wait would tell"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What of a path has left a trace. ``types``: events on its timeline; None where none is shown.

    ``known_points_of_sale``: those of which something has come.
    """

    anything: bool
    types: Counter[str] | None
    points_of_sale: tuple[str, ...]
    known_points_of_sale: tuple[str, ...] = ()

    def lacks(self, kind: str) -> bool:
        """Whether the timeline is shown and has no event of a type."""
        return self.types is not None and not self.types[kind]


def arrived(expected: Expectation, found: ReadBack) -> Arrived:
    """What has left a trace."""
    types = None
    if found.sessions is not None:
        types = Counter(kind for session in found.sessions for kind in session.events)
    named = tuple(dict.fromkeys(session.point_of_sale for session in expected.sessions))
    shown = {session.point_of_sale for session in found.sessions or () if session.events}
    # Guest and sessions may be those of an earlier run with the same seed: where sessions are shown, those of the same point
    # of sale (or of one that is not told) count.
    seen = bool(found.guests) if found.sessions is None else not shown.isdisjoint({*named, ""})
    anything = seen or any((found.orders or {}).values())
    known = named if anything and len(named) == 1 else tuple(name for name in named if name in shown)
    return Arrived(anything, types, named, known)


def nothing_came(trace: Arrived) -> Cause:
    """No trace of any event."""
    named = ", ".join(f"'{name}'" for name in trace.points_of_sale)
    return Cause(
        WRONG_POINT_OF_SALE,
        f"wrong point of sale: a CDP answers 201 and drops the events of one that it does not know. Is {named} exactly "
        f"the name under Settings > Points of sale, in the account of this client key? {NOT_PROCESSED.capitalize()}.",
    )


def events_missing(trace: Arrived) -> Cause:
    """Some events are not on the timeline."""
    return dropped() if trace.anything else nothing_came(trace)


def dropped() -> Cause:
    """Events that the target acknowledged are not there, though it knows the point of sale."""
    return Cause("events_dropped", f"events dropped: the target said yes to them and lost them, {NOT_PROCESSED}.")


def guest_missing(trace: Arrived) -> Cause:
    """There is no guest of the identity."""
    if not trace.anything:
        return nothing_came(trace)
    identity = events.IDENTITY.name
    if trace.lacks(identity):
        return Cause("events_dropped", f"events dropped: the {identity} is not on the timeline, {NOT_PROCESSED}.")
    return Cause(
        "identity_rules",
        f"identity rules: the account does not identify guests by what {identity} carries (Settings > Identity "
        f"rules), {NOT_PROCESSED}.",
    )


def not_identified() -> Cause:
    """The guest is there, and no customer."""
    return Cause(
        "identity_rules",
        "identity rules: by the account's rules (Settings > Identity rules) email and identifier do not make a "
        f"customer, {NOT_PROCESSED}.",
    )


def merged() -> Cause:
    """Somebody else's identity is in the guest."""
    return Cause(
        "identity_merged",
        "identity merged into the wrong guest: the account's identity rules (Settings > Identity rules) take two "
        "different people for one, by an attribute that they share.",
    )


def order_missing(order: ExpectedPurchase, trace: Arrived) -> Cause:
    """There is no order of the number."""
    if order.flaw and order.wrong_confirm:
        return Cause(
            WRONG_CONFIRM, f"wrong CONFIRM: {order.flaw}. A CDP confirms nothing unless every item was added before."
        )
    if order.flaw:
        return Cause(
            "out_of_order",
            f"events out of order: {order.flaw}. A CDP makes an order of VIEW, IDENTITY, ADD, CONFIRM and CHECKOUT in "
            "this order.",
        )
    if not trace.anything:
        return nothing_came(trace)
    if trace.types is not None:
        needed = (events.IDENTITY.name, events.ADD.name, events.CONFIRM.name, events.CHECKOUT.name)
        lost = [kind for kind in needed if trace.lacks(kind)]
        if lost and not trace.types[events.ORDER_CHECKOUT.name]:
            names = ", ".join(lost)
            return Cause("events_dropped", f"events dropped: {names} not on the timeline, {NOT_PROCESSED}.")
    return Cause("not_processed", "not processed yet: a longer wait would tell; or the target lost the order.")


def order_of_events_ignored(flaw: str) -> Cause:
    """An order came to be of events in the wrong order."""
    kind = "confirm_before_add" if events.CONFIRM.name in flaw else "out_of_order"
    return Cause(
        kind,
        "CONFIRM before ADD accepted: the target does not mind the order of events, so an integration that mixes them up "
        "passes here and loses its orders elsewhere."
        if kind == "confirm_before_add"
        else "the target does not mind the order of events, so an integration that mixes them up loses its orders elsewhere.",
    )


def wrong_confirm_ignored() -> Cause:
    """An order came to be though its CONFIRM names what is not in the cart."""
    return Cause(
        WRONG_CONFIRM,
        "wrong CONFIRM accepted: the target does not mind which items it names, so an integration that names others "
        "passes here and loses its orders elsewhere.",
    )


def written_twice(what: str) -> Cause:
    """One thing, stored more than once."""
    return Cause("written_twice", f"written twice: the target stored {what} more than once.")


def step_cause(kind: str, status: int, failure: Failure) -> str:
    """What most likely lies behind a request that failed; empty where the failure says it all."""
    of_cdp = kind == "BROWSER" or (kind.isupper() and kind not in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"))
    if failure.kind == "timeout":
        return "the target is overloaded, or something on the way swallows the request"
    if failure.kind == "connection":
        return "the target is down, or its URL, port or TLS settings are wrong"
    if failure.kind != "http_status":
        return ""
    if status == 401:
        return "client key: the target does not know it. Check the key, and that the region is the account's"
    if status == 404 and of_cdp:
        return "wrong region: the browser id or the call is unknown there. Check target.region or target.url"
    if status == 400 and of_cdp:
        return "the target cannot read the event: see its reply, and the decoded message with --trace"
    if status == 429:
        return "the target limits the rate of requests"
    return "the target itself failed" if status >= 500 else ""
