"""What was read back after a run, as far as reports show it: orders, revenue and guests, each expected and found."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from harness.verify.reconcile import OrderFound, OrderProblem


@dataclass(frozen=True, slots=True)
class OrdersVerified:
    """Orders that ought to exist and those found; ``missing`` names the first of the rest, ``missing_count`` says how many.

    ``of``: orders that ought to exist in all, more than ``expected`` where a sample was asked for; ``interval`` then is
    the share of all that is missing, with 95 % confidence. ``unknown`` got no reply, so they may exist;
    ``unknown_found`` of them do. ``duplicated`` exist more than once, ``mispriced`` with another value or currency,
    ``unexpected`` though they were refused. ``unpriced`` were made of carts that were not confirmed whole: nobody says what
    they come to, and they are in no revenue.
    """

    expected: int
    found: int
    missing: tuple[str, ...]
    missing_count: int = 0
    duplicated: int = 0
    mispriced: int = 0
    unexpected: int = 0
    unknown: int = 0
    unknown_found: int = 0
    of: int = 0
    interval: tuple[float, float] | None = None
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class RevenueVerified:
    """Revenue of the orders that ought to exist, and of those found, in one currency."""

    expected: Decimal
    found: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class EventsVerified:
    """Events of one type on the timelines of the guests that were read back."""

    type: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class GuestProblem:
    """What is not as it ought to be with a guest that was read back. ``kind`` and ``cause_kind`` are words for programs."""

    kind: str
    guest: str
    journey: str
    step: str
    what: str
    expected: str
    found: str
    cause: str
    cause_kind: str = ""


@dataclass(frozen=True, slots=True)
class GuestsVerified:
    """Guests read back in full: ``held`` of ``asked`` are as they ought to be.

    ``identified``: expected and found. ``abandoned``: carts left in closed sessions, expected and found; None where the
    target shows none, as with ``events``. ``unread`` says what could not be looked at.
    """

    asked: int
    held: int
    identified: tuple[int, int]
    events: tuple[EventsVerified, ...]
    abandoned: tuple[int, int] | None
    problems: tuple[GuestProblem, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerificationSummary:
    """What the target holds afterwards. ``orders`` and ``guests`` are None where they were not looked at.

    ``revenue`` is that of the scenario's currency, ``other_revenue`` of any other. ``trouble`` says why something is not
    known; ``failed``: because the target failed when it was asked, not because it shows no such thing; ``interrupted``: the
    load was whole, and only reading it back was cut short. ``examples``: a few orders that exist, to look them up.
    """

    orders: OrdersVerified | None
    revenue: RevenueVerified | None
    other_revenue: tuple[RevenueVerified, ...] = ()
    problems: tuple[OrderProblem, ...] = ()
    guests: GuestsVerified | None = None
    trouble: str = ""
    failed: bool = False
    took_s: float = 0.0
    interrupted: bool = False
    examples: tuple[OrderFound, ...] = ()
