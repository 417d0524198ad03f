"""Everything the sandbox knows, in memory: guests, sessions, orders and the counts of them.

No HTTP and, given a clock, no time of its own: every rule can be tested as a table.
"""

import time
from collections import Counter
from collections.abc import Callable
from enum import Enum
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
from harness.sandbox.config import SandboxConfig
from harness.sandbox.fields import ext_flaw, word
from harness.sandbox.guests import Guests
from harness.sandbox.ledger import Ledger
from harness.sandbox.model import CUSTOMER, NO_EFFECT, Effect, Entry, Guest, Session
from harness.sandbox.sessions import Sessions

OTHER_TYPES = "(other)"
"""Under this name are counted the custom event types beyond the ceiling."""


class Outcome(Enum):
    """What became of an event. REJECTED is not told to the sender: its point of sale is unknown."""

    ACCEPTED = 1
    REJECTED = 2
    UNKNOWN_BROWSER = 3


class Store:
    """The state of a sandbox. ``clock`` gives seconds since the epoch."""

    def __init__(self, config: SandboxConfig, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self.limits = config.limits
        self.clock = clock
        self._pos = frozenset(config.points_of_sale)
        self._effects: dict[str, Callable[[Session, dict[str, Any], float], Effect]] = {
            VIEW.name: self._view,
            IDENTITY.name: self._identity,
            ADD.name: lambda session, event, now: cart.add(session, event, self.limits.cart_lines),
            CONFIRM.name: lambda session, event, now: cart.confirm(session, event),
            PAYMENT.name: lambda session, event, now: cart.pay(session, event),
            CLEAR_CART.name: lambda session, event, now: cart.clear(session),
            CHECKOUT.name: lambda session, event, now: checkout.checkout(session, event, self.ledger, now),
            ORDER_CHECKOUT.name: lambda session, event, now: checkout.order_checkout(
                session, event, self.ledger, now, self.limits.cart_lines
            ),
            FORCE_CLOSE.name: lambda session, event, now: self.sessions.force_close(session),
        }
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        self.sessions = Sessions(self.config.session_timeout_s, self.limits)
        self.people = Guests(self.limits, self.sessions)
        self.ledger = Ledger(self.limits)
        self.events: Counter[str] = Counter()
        self.rejected = 0
        # What others look things up in.
        self.browsers = self.people.browsers
        self.guests = self.people.guests
        self.identities = self.people.identities
        self.open_sessions = self.sessions.open
        self.orders = self.ledger.orders
        self.order_numbers = self.ledger.numbers

    # -- what arrives ---------------------------------------------------------------------------------

    def create_browser(self) -> str:
        """A new browser id."""
        return self.people.create_browser()

    def record(self, event: dict[str, Any], raw: bytes, library: str = "") -> Outcome:
        """Takes an event that has ``browser_id`` and ``type``, both text. ``raw`` is its JSON.

        ``library`` is the version of the JavaScript library that sent it.
        """
        browser_id: str = event["browser_id"]
        if browser_id not in self.browsers:
            return Outcome.UNKNOWN_BROWSER
        pos = event.get("pos")
        if not isinstance(pos, str) or pos not in self._pos:
            self.rejected += 1
            return Outcome.REJECTED

        now = self.clock()
        self.sessions.close_idle(now)
        kind: str = event["type"]
        guest = self.people.behind(browser_id, now)
        if kind == IDENTITY.name:
            guest = self.people.identify(guest, browser_id, event, now)
        self.people.touch(guest, now)
        session = self.sessions.continued(guest, browser_id, word(event.get("channel")), pos, now)

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
        return Outcome.ACCEPTED

    def close_idle(self, now: float) -> None:
        """Closes the sessions that had no event for the session timeout."""
        self.sessions.close_idle(now)

    @staticmethod
    def _view(session: Session, event: dict[str, Any], now: float) -> Effect:
        session.viewed = True
        return NO_EFFECT

    @staticmethod
    def _identity(session: Session, event: dict[str, Any], now: float) -> Effect:
        if session.guest.guest_type == CUSTOMER:
            return NO_EFFECT
        return Effect(note="Still a visitor: neither an email nor an identifier with provider and id.")

    # -- what is asked --------------------------------------------------------------------------------

    def guest_of(self, browser_id: str, now: float) -> Guest:
        """The guest behind a known browser id. They count only from their first event on."""
        return self.people.behind(browser_id, now)

    def search(self, query: str, offset: int, limit: int) -> tuple[int, list[Guest]]:
        """How many guests match (name, email, ref, browser id; an order's number), and a page of them.

        The most recently active come first.
        """
        order = self.order_numbers.get(query.strip().upper())
        return self.people.search(query, offset, limit, order.guest if order else None)

    def stats(self) -> dict[str, Any]:
        """Counts since the start or the last reset, in the shape of ``GET /_sandbox/stats``."""
        self.close_idle(self.clock())
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
            "rejected": self.rejected,
        }


def _remarked(effect: Effect, kind: str, event: dict[str, Any]) -> Effect:
    """The effect with a remark on what looks like a mistake, although the event is accepted."""
    notes = [effect.note] if effect.note else []
    if kind not in EVENT_TYPES and not kind.isupper():
        notes.append("Taken as a custom event: its type is not in upper case.")
    if "ext" in event and (flaw := ext_flaw(event["ext"])):
        notes.append(flaw)
    return effect._replace(note=" ".join(notes)) if notes else effect
