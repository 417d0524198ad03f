"""Everything the sandbox knows, in memory: browsers, guests, sessions, orders and the counts of them.

No HTTP and, given a clock, no time of its own: every rule can be tested as a table.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import Any

from harness.cdp.events import ADD, CHECKOUT, CONFIRM, IDENTITY, VIEW
from harness.sandbox import identity, money, sessions
from harness.sandbox.config import SandboxConfig
from harness.sandbox.model import CUSTOMER, Entry, Guest, Order, Session
from harness.sandbox.refs import new_ref

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
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        self.browsers: OrderedDict[str, Guest | None] = OrderedDict()
        # The most recently active last: the page's order, and the order in which to forget.
        self.guests: OrderedDict[str, Guest] = OrderedDict()
        self.identities: dict[identity.Identity, Guest] = {}
        # The one that closes next first.
        self.open_sessions: OrderedDict[tuple[str, str, str], Session] = OrderedDict()
        self.orders: OrderedDict[str, Order] = OrderedDict()
        self.order_numbers: dict[str, Order] = {}
        self.events: Counter[str] = Counter()
        self.revenue: dict[str, Decimal] = {}
        self.browser_count = self.guest_count = self.closed_count = self.order_count = self.rejected = 0

    # -- what arrives ---------------------------------------------------------------------------------

    def create_browser(self) -> str:
        """A new browser id."""
        ref = new_ref()
        self.browsers[ref] = None
        self.browser_count += 1
        if len(self.browsers) > self.limits.browsers:
            self.browsers.popitem(last=False)
        return ref

    def record(self, event: dict[str, Any], raw: bytes) -> Outcome:
        """Takes an event that has ``browser_id`` and ``type``, both text. ``raw`` is its JSON."""
        browser_id: str = event["browser_id"]
        if browser_id not in self.browsers:
            return Outcome.UNKNOWN_BROWSER
        pos = event.get("pos")
        if not isinstance(pos, str) or pos not in self._pos:
            self.rejected += 1
            return Outcome.REJECTED

        now = self.clock()
        self.close_idle(now)
        kind: str = event["type"]
        guest = self.guest_of(browser_id, now)
        if kind == IDENTITY.name:
            guest = self._identify(guest, browser_id, event)
        self._touch(guest, now)
        session = self._session(guest, browser_id, sessions.word(event.get("channel")), pos, now)

        title = note = number = ""
        if kind == VIEW.name:
            session.viewed = True
        elif kind == ADD.name:
            title, note = sessions.add(session, event, self.limits.cart_lines)
        elif kind == CONFIRM.name:
            title, note = sessions.confirm(session, event)
        elif kind == CHECKOUT.name:
            number, note = self._checkout(session, event, now)
            title = CHECKOUT.title if number else ""
        elif kind == IDENTITY.name and guest.guest_type != CUSTOMER:
            note = "Still a visitor: neither an email nor an identifier with provider and id."

        session.timeline.append(Entry(now, kind, raw, title, note, number))
        if len(session.timeline) > self.limits.timeline_per_session:
            del session.timeline[0]
            session.dropped += 1
        is_room = kind in self.events or len(self.events) < self.limits.event_types
        self.events[kind if is_room else OTHER_TYPES] += 1
        return Outcome.ACCEPTED

    # -- sessions -------------------------------------------------------------------------------------

    def close_idle(self, now: float) -> None:
        """Closes the sessions that had no event for the session timeout."""
        deadline = now - self.config.session_timeout_s
        while self.open_sessions:
            session = next(iter(self.open_sessions.values()))
            if session.last_event > deadline and len(self.open_sessions) <= self.limits.open_sessions:
                return
            session.is_open = False
            self.closed_count += 1
            del self.open_sessions[session.key]

    def _session(self, guest: Guest, browser_id: str, channel: str, pos: str, now: float) -> Session:
        key = (browser_id, channel, pos)
        session = self.open_sessions.get(key)
        if session is None:
            session = Session(new_ref(), browser_id, channel, pos, guest, started=now, last_event=now)
            self.open_sessions[key] = session
            self._give(guest, session)
        else:
            self.open_sessions.move_to_end(key)
            session.last_event = now
            if session.guest is not guest:
                # The session belongs to whoever was identified in it last.
                session.guest.sessions = [s for s in session.guest.sessions if s is not session]
                session.guest.session_count -= 1
                self._give(guest, session)
        return session

    def _give(self, guest: Guest, session: Session) -> None:
        session.guest = guest
        guest.sessions.append(session)
        guest.session_count += 1
        if len(guest.sessions) > self.limits.sessions_per_guest:
            del guest.sessions[0]

    def _checkout(self, session: Session, event: dict[str, Any], now: float) -> tuple[str, str]:
        """The order's number, or "" and a note why there is no order."""
        number, lines, note = sessions.weigh(session, event, self.order_numbers)
        if not number:
            return "", note
        price = money.ZERO
        for line in lines:
            price = money.add(price, money.multiply(line.price, line.quantity))
        # ISO 4217's "no currency" when nobody named one.
        currency = sessions.word(event.get("currency")) or lines[0].currency or "XXX"
        guest = session.guest
        order = Order(new_ref(), number, guest, now, event["status"], currency, price, lines)
        self.orders[order.ref] = self.order_numbers[number] = guest.orders[order.ref] = order
        self.order_count += 1
        self.revenue[currency] = money.add(self.revenue.get(currency, money.ZERO), price)
        left = len(session.cart) - len(lines)
        session.cart = []
        if len(self.orders) > self.limits.orders:
            _, oldest = self.orders.popitem(last=False)
            del self.order_numbers[oldest.number]
            oldest.guest.orders.pop(oldest.ref, None)
        return number, f"{left} unconfirmed in the cart, not bought." if left else ""

    # -- guests ---------------------------------------------------------------------------------------

    def guest_of(self, browser_id: str, now: float) -> Guest:
        """The guest behind a known browser id. They count only from their first event on."""
        guest = self.browsers[browser_id]
        if guest is None:
            guest = Guest(new_ref(), now, now, browsers=[browser_id])
            guest.index()
            self.browsers[browser_id] = guest
        elif guest.merged_into is not None:
            guest = guest.survivor()
            self.browsers[browser_id] = guest
        return guest

    def _touch(self, guest: Guest, now: float) -> None:
        guest.last_seen = now
        if guest.ref in self.guests:
            self.guests.move_to_end(guest.ref)
            return
        self.guests[guest.ref] = guest
        self.guest_count += 1
        if len(self.guests) > self.limits.guests:
            self._forget(next(iter(self.guests.values())))

    def _forget(self, guest: Guest) -> None:
        """Makes room. Their orders stay: a run is checked against those."""
        del self.guests[guest.ref]
        for each in guest.identities:
            self.identities.pop(each, None)
        for browser_id in guest.browsers:
            if browser_id in self.browsers:
                self.browsers[browser_id] = None
        for session in guest.sessions:
            if self.open_sessions.pop(session.key, None):
                self.closed_count += 1
        guest.sessions.clear()
        guest.attributes.clear()

    def _identify(self, guest: Guest, browser_id: str, event: dict[str, Any]) -> Guest:
        """The one guest that the event's identities and the browser belong to, merged where necessary.

        Undocumented, sandbox's choice: when a customer's browser sends an identity that has nothing in
        common with that customer, it has passed into other hands; the two stay two guests.
        """
        found = identity.identities(event)
        if found:
            owners = {owner.ref: owner for each in found if (owner := self.identities.get(each))}
            if guest.guest_type != CUSTOMER:
                owners[guest.ref] = guest
            oldest = min(owners.values(), key=lambda g: (g.guest_type != CUSTOMER, g.first_seen), default=None)
            target = oldest or Guest(new_ref(), self.clock(), self.clock())
            for other in owners.values():
                if other is not target:
                    self._merge(other, target)
            for each in found:
                if each not in self.identities and len(target.identities) < self.limits.identities_per_guest:
                    self.identities[each] = target
                    target.identities.append(each)
            target.guest_type = CUSTOMER
            self.browsers[browser_id] = target
            if browser_id not in target.browsers:
                target.browsers = [*target.browsers, browser_id][-self.limits.browsers_per_guest :]
            guest = target
        identity.update(guest, event)
        return guest

    def _merge(self, guest: Guest, into: Guest) -> None:
        """Makes ``guest`` part of ``into``, who keeps the attributes that both have."""
        if self.guests.pop(guest.ref, None):
            self.guest_count -= 1
        guest.merged_into = into
        for each in guest.identities:
            self.identities[each] = into
        into.identities += guest.identities
        into.first_seen = min(into.first_seen, guest.first_seen)
        into.attributes = {**guest.attributes, **into.attributes}
        into.browsers = [*into.browsers, *guest.browsers][-self.limits.browsers_per_guest :]
        for session in guest.sessions:
            session.guest = into
        both = sorted([*into.sessions, *guest.sessions], key=lambda s: s.started)
        into.sessions = both[-self.limits.sessions_per_guest :]
        into.session_count += guest.session_count
        for order in guest.orders.values():
            order.guest = into
        into.orders |= guest.orders
        # Only a signpost stays, for the browser ids that still point here.
        for kept in (guest.attributes, guest.orders):
            kept.clear()
        for also in (guest.sessions, guest.browsers, guest.identities):
            also.clear()

    # -- what is asked --------------------------------------------------------------------------------

    def search(self, query: str, offset: int, limit: int) -> tuple[int, list[Guest]]:
        """How many guests match (name, email, ref, browser id; an order's number), and a page of them.

        The most recently active come first.
        """
        wanted = query.strip().casefold()
        newest = reversed(self.guests.values())
        if not wanted:
            return len(self.guests), list(islice(newest, offset, offset + limit))
        order = self.order_numbers.get(query.strip().upper())
        buyer = order.guest if order else None
        found: Iterator[Guest] = (g for g in newest if wanted in g.search or g is buyer)
        page: list[Guest] = []
        total = 0
        for guest in found:
            if offset <= total < offset + limit:
                page.append(guest)
            total += 1
        return total, page

    def stats(self) -> dict[str, Any]:
        """Counts since the start or the last reset, in the shape of ``GET /_sandbox/stats``."""
        self.close_idle(self.clock())
        return {
            "browsers": self.browser_count,
            "guests": self.guest_count,
            "sessions": {"open": len(self.open_sessions), "closed": self.closed_count},
            "events": dict(self.events),
            "orders": self.order_count,
            "revenue": {currency: money.text(total) for currency, total in self.revenue.items()},
            "rejected": self.rejected,
        }
