"""Who is behind a browser id: visitors, customers, and how they become one.

Source: Sitecore's developer page "Stream API" (IDENTITY): the same identity from two browsers is one guest.
"""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from harness.sandbox import identity
from harness.sandbox.config import Limits
from harness.sandbox.model import CUSTOMER, Guest
from harness.sandbox.refs import new_ref
from harness.sandbox.sessions import Sessions


class Guests:
    """Browser ids, guests and their identities."""

    def __init__(self, limits: Limits, sessions: Sessions) -> None:
        self.browsers: OrderedDict[str, Guest | None] = OrderedDict()
        # The most recently active last: the page's order, and the order in which to forget.
        self.guests: OrderedDict[str, Guest] = OrderedDict()
        self.identities: dict[identity.Identity, Guest] = {}
        self.browser_count = self.guest_count = 0
        self._limits = limits
        self._sessions = sessions

    def create_browser(self) -> str:
        """A new browser id."""
        ref = new_ref()
        self.browsers[ref] = None
        self.browser_count += 1
        if len(self.browsers) > self._limits.browsers:
            self.browsers.popitem(last=False)
        return ref

    def behind(self, browser_id: str, now: float) -> Guest:
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

    def touch(self, guest: Guest, now: float) -> None:
        """The guest was active just now."""
        guest.last_seen = now
        if guest.ref in self.guests:
            self.guests.move_to_end(guest.ref)
            return
        self.guests[guest.ref] = guest
        self.guest_count += 1
        if len(self.guests) > self._limits.guests:
            self._forget(next(iter(self.guests.values())))

    def identify(self, guest: Guest, browser_id: str, event: dict[str, Any], now: float) -> Guest:
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
            target = oldest or Guest(new_ref(), now, now)
            for other in owners.values():
                if other is not target:
                    self._merge(other, target)
            for each in found:
                if each not in self.identities and len(target.identities) < self._limits.identities_per_guest:
                    self.identities[each] = target
                    target.identities.append(each)
            target.guest_type = CUSTOMER
            self.browsers[browser_id] = target
            if browser_id not in target.browsers:
                target.browsers = [*target.browsers, browser_id][-self._limits.browsers_per_guest :]
            guest = target
        identity.update(guest, event)
        return guest

    def search(self, query: str, offset: int, limit: int, buyer: Guest | None) -> tuple[int, list[Guest]]:
        """How many guests match (name, email, ref, browser id) or are the ``buyer``, and a page of them.

        The most recently active come first.
        """
        wanted = query.strip().casefold()
        newest = reversed(self.guests.values())
        if not wanted:
            return len(self.guests), list(islice(newest, offset, offset + limit))
        found: Iterator[Guest] = (g for g in newest if wanted in g.search or g is buyer)
        page: list[Guest] = []
        total = 0
        for guest in found:
            if offset <= total < offset + limit:
                page.append(guest)
            total += 1
        return total, page

    def _forget(self, guest: Guest) -> None:
        """Makes room. Their orders stay: a run is checked against those."""
        del self.guests[guest.ref]
        for each in guest.identities:
            self.identities.pop(each, None)
        for browser_id in guest.browsers:
            if browser_id in self.browsers:
                self.browsers[browser_id] = None
        for session in guest.sessions:
            if session.is_open:
                self._sessions.close(session)
        guest.sessions.clear()
        guest.attributes.clear()

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
        into.browsers = [*into.browsers, *guest.browsers][-self._limits.browsers_per_guest :]
        for session in guest.sessions:
            session.guest = into
        both = sorted([*into.sessions, *guest.sessions], key=lambda s: s.started)
        into.sessions = both[-self._limits.sessions_per_guest :]
        into.session_count += guest.session_count
        for order in guest.orders.values():
            order.guest = into
        into.orders |= guest.orders
        # Only a signpost stays, for the browser ids that still point here.
        for kept in (guest.attributes, guest.orders):
            kept.clear()
        for also in (guest.sessions, guest.browsers, guest.identities):
            also.clear()
