"""Who is behind a browser id: visitors, customers, and how they become one.

Source: Sitecore's developer page "Stream API" (IDENTITY): the same identity from two browsers is one guest.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from harness.sandbox import identity
from harness.sandbox.config import Limits
from harness.sandbox.identities import Identities
from harness.sandbox.model import CUSTOMER, Guest
from harness.sandbox.refs import Refs
from harness.sandbox.sessions import Sessions

_MANY = 1_000
"""So many guests found are not put in order: the first of them are soon met among the latest."""


class Guests:
    """Browser ids, guests and their identities."""

    def __init__(self, limits: Limits, sessions: Sessions, refs: Refs) -> None:
        self.browsers: OrderedDict[str, Guest | None] = OrderedDict()
        # The most recently active last: the page's order, and the order in which to forget.
        self.guests: OrderedDict[str, Guest] = OrderedDict()
        # The same in the order in which they came: a list that is read page by page must not move meanwhile.
        self.came: dict[str, Guest] = {}
        self.identities = Identities()
        self.browser_count = self.guest_count = 0
        self._limits = limits
        self._sessions = sessions
        self._refs = refs

    def create_browser(self) -> str:
        """A new browser id."""
        ref = self._refs.new()
        self.browsers[ref] = None
        self.browser_count += 1
        if len(self.browsers) > self._limits.browsers:
            self.browsers.popitem(last=False)
        return ref

    def behind(self, browser_id: str, now: float) -> Guest:
        """The guest behind a known browser id. They count only from their first event on."""
        guest = self.browsers[browser_id]
        if guest is None:
            guest = Guest(self._refs.new(), now, now, browsers=[browser_id])
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
        self.guests[guest.ref] = self.came[guest.ref] = guest
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
            guest = self._resolved(found, None if guest.guest_type == CUSTOMER else guest, now)
            self.browsers[browser_id] = guest
            if browser_id not in guest.browsers:
                guest.browsers = [*guest.browsers, browser_id][-self._limits.browsers_per_guest :]
        identity.update(guest, event, now)
        return guest

    def mistake(self, guest: Guest, browser_id: str) -> Guest:
        """Makes a customer part of another one, as a wrong merge does: of the one who was active last, if any."""
        others = (each for each in reversed(self.guests.values()) if each.guest_type == CUSTOMER)
        other = next((each for each in others if each is not guest), None)
        if other is None or guest.guest_type != CUSTOMER:
            return guest
        self._merge(guest, other)
        self.browsers[browser_id] = other
        return other

    def known_as(self, attributes: dict[str, Any], now: float) -> Guest:
        """The customer whom the attributes' identities, of which there is one at least, belong to; else a new one."""
        guest = self._resolved(identity.identities_of(attributes), None, now)
        identity.update(guest, attributes, now)
        self.touch(guest, now)
        return guest

    def create(self, guest_type: str, attributes: dict[str, Any], now: float) -> Guest:
        """A guest of their own, whoever else has the same identities."""
        guest = Guest(self._refs.new(), now, now, guest_type)
        self.touch(guest, now)
        self.rewrite(guest, attributes, now)
        return guest

    def rewrite(self, guest: Guest, attributes: dict[str, Any], now: float) -> None:
        """Puts ``attributes`` in the place of all that the guest has, identities included."""
        guest.attributes = {name: value for name, value in attributes.items() if value not in (None, "", [])}
        guest.modified = now
        wanted = identity.identities_of(guest.attributes)
        for each in [has for has in guest.identities if has not in wanted]:
            self.identities.take(each, guest)
        for each in wanted:
            self.identities.give(each, guest, self._limits.identities_per_guest)
        guest.index()

    def delete(self, guest: Guest) -> None:
        """The guest is gone, with sessions and identities; their browsers start anew. Orders are not looked at."""
        self.guest_count -= 1
        self._remove(guest)
        self._sessions.delete(guest)

    def find(self, wanted: Iterable[identity.Identity], test: Callable[[Guest], bool] | None) -> list[Guest]:
        """The guests with all of the ``wanted`` identities who pass the ``test``, oldest first.

        Without identities everybody is looked at: at 200,000 guests that takes a tenth of a second.
        """
        groups = [self.identities.all(each) for each in wanted]
        found: Iterable[Guest] = self.came.values()
        if groups:
            found = [guest for guest in groups[0] if all(guest in group for group in groups[1:])]
        return [guest for guest in found if test is None or test(guest)]

    def search(self, query: str, offset: int, limit: int, buyer: Guest | None) -> tuple[int, list[Guest]]:
        """How many guests match (name, email, ref, browser id) or are the ``buyer``, and a page of them.

        The most recently active come first. A whole browser id, ref or email, and an order's number, is looked up at
        once and names its guests alone; by any other text all guests are looked through.
        """
        wanted = query.strip().casefold()
        if not wanted:
            return len(self.guests), self._page(offset, limit)
        named = self._named(wanted)
        if buyer is not None and buyer.ref in self.guests and buyer not in named:
            named.append(buyer)
        if named:
            return len(named), named[offset : offset + limit]
        # The plain dict is gone through several times faster than the ordered one; only who is found is put in order.
        found = [guest for guest in self.came.values() if wanted in guest.search]
        if len(found) > _MANY:
            newest = (guest for guest in reversed(self.guests.values()) if wanted in guest.search)
            return len(found), list(islice(newest, offset, offset + limit))
        found.reverse()
        found.sort(key=lambda guest: guest.last_seen, reverse=True)
        return len(found), found[offset : offset + limit]

    def _page(self, offset: int, limit: int) -> list[Guest]:
        """A page of all guests, from whichever end is nearer."""
        behind = len(self.guests) - offset - limit
        if behind >= offset:
            return list(islice(reversed(self.guests.values()), offset, offset + limit))
        # The last page is shorter than the others.
        return list(islice(self.guests.values(), max(behind, 0), max(behind + limit, 0)))[::-1]

    def _named(self, wanted: str) -> list[Guest]:
        """Who is behind this browser id, has this ref, or this email."""
        behind = self.browsers.get(wanted)
        known = [self.guests.get(wanted), None if behind is None else behind.survivor()]
        alike = dict.fromkeys(guest.ref for guest in (*known, *self.identities.all(("", wanted))) if guest is not None)
        return [guest for ref in alike if (guest := self.guests.get(ref)) is not None]

    def _resolved(self, found: list[identity.Identity], also: Guest | None, now: float) -> Guest:
        """The one customer of these identities, and ``also`` that guest; all of them merged, or a new one."""
        owners = {owner.ref: owner for each in found if (owner := self.identities.get(each))}
        if also is not None:
            owners[also.ref] = also
        oldest = min(owners.values(), key=lambda g: (g.guest_type != CUSTOMER, g.first_seen), default=None)
        target = oldest or Guest(self._refs.new(), now, now)
        for other in owners.values():
            if other is not target:
                self._merge(other, target)
        for each in found:
            if self.identities.get(each) is None:
                self.identities.give(each, target, self._limits.identities_per_guest)
        target.guest_type = CUSTOMER
        return target

    def _forget(self, guest: Guest) -> None:
        """Makes room. Their orders stay: a run is checked against those."""
        self._remove(guest)
        for session in guest.sessions:
            if session.is_open:
                self._sessions.close(session)
        guest.sessions.clear()
        guest.attributes.clear()
        guest.extensions.clear()

    def _remove(self, guest: Guest) -> None:
        """Takes the guest out of everything that leads to them."""
        del self.guests[guest.ref], self.came[guest.ref]
        for each in list(guest.identities):
            self.identities.take(each, guest)
        for browser_id in guest.browsers:
            if browser_id in self.browsers:
                self.browsers[browser_id] = None

    def _merge(self, guest: Guest, into: Guest) -> None:
        """Makes ``guest`` part of ``into``, who keeps the attributes that both have."""
        if self.guests.pop(guest.ref, None):
            del self.came[guest.ref]
            self.guest_count -= 1
        guest.merged_into = into
        self.identities.hand_over(guest, into, self._limits.identities_per_guest)
        into.first_seen = min(into.first_seen, guest.first_seen)
        into.attributes = {**guest.attributes, **into.attributes}
        into.extensions = {**guest.extensions, **into.extensions}
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
        for kept in (guest.attributes, guest.orders, guest.extensions):
            kept.clear()
        for also in (guest.sessions, guest.browsers):
            also.clear()
