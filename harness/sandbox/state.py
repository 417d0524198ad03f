"""What there is, in memory: guests, sessions, orders and the counts of them; and what an event does to it.

No HTTP and no clock: every rule can be tested as a table.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from harness.cdp.events import (
    ADD,
    CHECKOUT,
    CLEAR_CART,
    CONFIRM,
    EVENT_TYPES,
    FORCE_CLOSE,
    IDENTITY,
    ORDER_CHECKOUT,
    PAYMENT,
    VIEW,
)
from harness.sandbox import cart, checkout, money
from harness.sandbox.batches import Batches
from harness.sandbox.config import SandboxConfig
from harness.sandbox.fields import ext_flaw, word
from harness.sandbox.guests import Guests
from harness.sandbox.ledger import Ledger
from harness.sandbox.model import CUSTOMER, NO_EFFECT, Effect, Entry, Guest, Session
from harness.sandbox.refs import Refs
from harness.sandbox.rejections import Rejections
from harness.sandbox.sessions import Sessions
from harness.sandbox.twists import Twist, in_currency

OTHER_TYPES = "(other)"
"""Under this name are counted the custom event types beyond the ceiling."""


class State:
    """The state of a sandbox. Times are seconds since the epoch."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.limits = config.limits
        self._effects: dict[str, Callable[[Session, dict[str, Any], float], Effect]] = {
            VIEW.name: self._view,
            IDENTITY.name: self._identity,
            ADD.name: lambda session, event, now: cart.add(
                session, event, self.limits.cart_lines, self.ledger.twist.lax
            ),
            CONFIRM.name: lambda session, event, now: cart.confirm(session, event, self.ledger.twist.lax),
            PAYMENT.name: lambda session, event, now: cart.pay(session, event),
            CLEAR_CART.name: lambda session, event, now: cart.clear(session),
            CHECKOUT.name: lambda session, event, now: checkout.checkout(session, event, self.ledger, now),
            ORDER_CHECKOUT.name: lambda session, event, now: checkout.order_checkout(
                session, event, self.ledger, now, self.limits.cart_lines
            ),
            FORCE_CLOSE.name: lambda session, event, now: self.sessions.force_close(session),
        }
        self.begin(b"")

    def begin(self, seed: bytes) -> None:
        """Forgets everything. With a ``seed``, the refs of what comes follow from it."""
        self.refs = Refs(seed)
        self.sessions = Sessions(self.config.session_timeout_s, self.limits, self.refs)
        self.people = Guests(self.limits, self.sessions, self.refs)
        self.ledger = Ledger(self.limits, self.refs)
        self.batches = Batches(self.limits)
        self.events: Counter[str] = Counter()
        self.rejections = Rejections()
        # What others look things up in.
        self.browsers = self.people.browsers
        self.guests = self.people.guests
        self.identities = self.people.identities
        self.open_sessions = self.sessions.open
        self.orders = self.ledger.orders
        self.order_numbers = self.ledger.numbers

    def happen(self, event: dict[str, Any], raw: bytes, library: str, now: float, twist: Twist) -> None:
        """What an event of a known browser id and point of sale does."""
        browser_id: str = event["browser_id"]
        self.sessions.close_idle(now)
        if twist.currency:
            event = in_currency(event, twist.currency)
        self.ledger.twist = twist
        kind: str = event["type"]
        guest = self.people.behind(browser_id, now)
        if kind == IDENTITY.name:
            guest = self.people.identify(guest, browser_id, event, now)
            if twist.stranger:
                guest = self.people.mistake(guest, browser_id)
        self.people.touch(guest, now)
        session = self.sessions.continued(guest, browser_id, word(event.get("channel")), event["pos"], now)

        happens = self._effects.get(kind)
        effect = happens(session, event, now) if happens else NO_EFFECT
        if "ext" in event or happens is None:
            effect = _remarked(effect, kind, event)
        session.timeline.append(Entry(now, kind, raw, effect, library))
        if len(session.timeline) > self.limits.timeline_per_session:
            del session.timeline[0]
            session.dropped += 1
        is_room = kind in self.events or len(self.events) < self.limits.event_types
        self.events[kind if is_room else OTHER_TYPES] += 1

    @staticmethod
    def _view(session: Session, event: dict[str, Any], now: float) -> Effect:
        session.viewed = True
        return NO_EFFECT

    @staticmethod
    def _identity(session: Session, event: dict[str, Any], now: float) -> Effect:
        if session.guest.guest_type == CUSTOMER:
            return NO_EFFECT
        return Effect(note="Still a visitor: neither an email nor an identifier with provider and id.")

    def search(self, query: str, offset: int, limit: int) -> tuple[int, list[Guest]]:
        """How many guests match (name, email, ref, browser id; an order's number), and a page of them.

        The most recently active come first.
        """
        order = self.order_numbers.get(query.strip().upper())
        return self.people.search(query, offset, limit, order.guest if order else None)

    def stats(self) -> dict[str, Any]:
        """Counts since the beginning, in the shape of ``GET /_sandbox/stats``."""
        return {
            "browsers": self.people.browser_count,
            "guests": self.people.guest_count,
            "sessions": {"open": len(self.open_sessions), "closed": self.sessions.closed_count},
            "events": dict(self.events),
            "orders": self.ledger.count,
            "revenue": money.texts(self.ledger.revenue.totals),
            "abandoned": {
                "sessions": self.sessions.abandoned_count,
                "revenue": money.texts(self.sessions.abandoned_revenue.totals),
            },
            "rejected": self.rejections.count,
            "rejectedPointsOfSale": dict(self.rejections.names),
        }


def _remarked(effect: Effect, kind: str, event: dict[str, Any]) -> Effect:
    """The effect with a remark on what looks like a mistake, although the event is accepted."""
    notes = [effect.note] if effect.note else []
    if kind not in EVENT_TYPES and not kind.isupper():
        notes.append("Taken as a custom event: its type is not in upper case.")
    if "ext" in event and (flaw := ext_flaw(event["ext"])):
        notes.append(flaw)
    return effect._replace(note=" ".join(notes)) if notes else effect
