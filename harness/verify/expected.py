"""What ought to be there after a path, as plain values; ``verify.found`` has what is there."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ExpectedGuest:
    """A customer with this identity. ``attributes``: names of the Guest REST API, each with the texts that were sent.

    ``email`` is the last that was sent, ``emails`` and ``identifiers`` are all. ``strangers``: two identities with
    nothing in common were sent, and nobody says whose the events are then. ``known``: the guest may have been at the
    target before, with more identities than these. ``deleted``: it was deleted on purpose, and ought to be gone.
    """

    email: str
    emails: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    step: str
    strangers: bool = False
    known: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """A line of an order; ``price`` of one."""

    item_id: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class ExpectedPurchase:
    """An order. ``price`` None: nobody says what it comes to. ``step`` sent it, or is to blame for the ``flaw``.

    ``flaw``: what of the documented order of events was not kept, so that there may be none; ``wrong_confirm``: its CONFIRM
    names what is not in the cart; ``unconfirmed`` items were in it, too, so that price and items are open. ``shared``: others use
    its number, too, so that it cannot be told whose it is.
    """

    number: str
    status: str
    currency: str
    price: Decimal | None
    items: tuple[ExpectedItem, ...]
    step: str
    flaw: str = ""
    shared: bool = False
    wrong_confirm: bool = False
    unconfirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectedSession:
    """A session and the types of its events. ``cart``: what a closed one is, ABANDONED, CONVERTED or BROWSED.

    ``abandoned`` is what was left in the cart, by currency.
    """

    channel: str
    point_of_sale: str
    events: tuple[str, ...]
    closed: bool = False
    cart: str = ""
    abandoned: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What ought to be there after a path. ``guest`` is None when nobody was identified."""

    browser_id: str
    guest: ExpectedGuest | None
    sessions: tuple[ExpectedSession, ...]
    purchases: tuple[ExpectedPurchase, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was acknowledged, so that nothing is expected."""
        return not self.sessions and self.guest is None
