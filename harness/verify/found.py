"""What a target holds, as its documented APIs show it. Plain values; who read them is ``engine.target_reader``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class FoundItem:
    """A line of an order. ``quantity`` and ``price`` (of one) as shown; None: not shown."""

    item_id: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order as the target holds it.

    ``number`` is the client's reference, ``ref`` the target's own; ``guest`` the ref of the guest it belongs to
    (empty: not shown). ``items`` is None where the target does not show them.
    """

    number: str
    price: Decimal
    currency: str
    status: str = ""
    ref: str = ""
    guest: str = ""
    items: tuple[FoundItem, ...] | None = None


@dataclass(frozen=True, slots=True)
class FoundGuest:
    """A guest as the target holds it.

    ``identifiers`` are pairs of provider and id. ``attributes`` has the rest by the names of the Guest REST API
    (``firstName``, ``dateOfBirth``, ``street``…): lists as their texts joined by ", ".
    """

    ref: str
    guest_type: str = ""
    emails: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> str:
        """One of ``attributes``; empty where it is not shown."""
        return dict(self.attributes).get(name, "")


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session of a guest. ``events`` are the types on its timeline, each as often as it stands there.

    ``started`` is the target's own text (ISO 8601). ``cart`` is BROWSED, ABANDONED or CONVERTED (Sitecore's page
    "Sessions data"). ``cart`` and ``browser_id`` are empty, ``is_open`` is None, where they are not shown.
    """

    ref: str
    channel: str = ""
    point_of_sale: str = ""
    started: str = ""
    is_open: bool | None = None
    cart: str = ""
    browser_id: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What was read back of one path. None: it could not be read; ``unread`` says why, by subject.

    ``behind`` is the ref of the guest behind the path's browser, empty where the target knows none. ``guests`` are
    those of the identity that was sent; ``sessions`` those of that guest, or else of the one behind the browser.
    ``orders`` are by number: every one of that number. ``broken``: subjects of which reading failed.
    """

    behind: str | None = None
    guests: tuple[FoundGuest, ...] | None = None
    sessions: tuple[FoundSession, ...] | None = None
    orders: Mapping[str, tuple[FoundOrder, ...]] | None = None
    unread: tuple[tuple[str, str], ...] = ()
    broken: frozenset[str] = frozenset()

    def why_unread(self, subject: str) -> tuple[str, bool]:
        """Why something could not be read, and whether reading failed."""
        return dict(self.unread).get(subject, "not verified"), subject in self.broken
