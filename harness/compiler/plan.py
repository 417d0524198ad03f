"""The plan: what to send, as frozen values. Requests are bytes with gaps, encoded beforehand.

A gap is a number: the place of its value in the list that every visit carries (``SLOTS``). To make a
request is to join literals and values. The plan holds no secret: the client key is a gap, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from harness.scenario.model import Guests

AMOUNT_SCALE = 10_000
"""Amounts are whole ten-thousandths of the currency's unit, so that sums are exact and small."""

ITEM_SLOTS = ("item.id", "item.type", "item.name", "item.price")
# What a visit carries; the compiler's requests name these, the engine fills them.
VISIT_SLOTS = ("client_key", "browser_id", "order", "line", "now", "quantity", "cart", *ITEM_SLOTS)
GUEST_SLOTS = (
    "guest.email",
    "guest.id",
    "guest.title",
    "guest.firstname",
    "guest.lastname",
    "guest.gender",
    "guest.dob",
    "guest.street",
    "guest.city",
    "guest.country",
    "guest.postal_code",
    "guest.phone",
)
SLOTS = (*VISIT_SLOTS, *GUEST_SLOTS)
SLOT = {name: index for index, name in enumerate(SLOTS)}


@dataclass(frozen=True, slots=True)
class Template:
    """Bytes with gaps: ``literals[0] value[gaps[0]] literals[1] value[gaps[1]] …``; one literal more than gaps."""

    literals: tuple[bytes, ...]
    gaps: tuple[int, ...] = ()

    def fill(self, values: Sequence[bytes]) -> bytes:
        """The bytes, with a value for every gap."""
        parts = [self.literals[0]]
        for gap, literal in zip(self.gaps, self.literals[1:], strict=True):
            parts.append(values[gap])
            parts.append(literal)
        return b"".join(parts)

    def __str__(self) -> str:
        shown = [self.literals[0].decode()]
        for gap, literal in zip(self.gaps, self.literals[1:], strict=True):
            shown.append(f"${{{SLOTS[gap]}}}{literal.decode()}")
        return "".join(shown)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be filled. ``target`` is path and query. ``type`` is the event type, or else the method."""

    method: str
    target: Template
    type: str


@dataclass(frozen=True, slots=True)
class Capture:
    """Take a text from the reply's JSON object and keep it as the value of a slot."""

    key: str
    slot: int
    pattern: str
    """What the text must look like in full, as a regular expression: it goes into later requests as it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """An item ready to be put into a cart: values for ``ITEM_SLOTS``, its piece of a CONFIRM, its price (1/10,000)."""

    item_id: str
    values: tuple[bytes, ...]
    confirm: bytes
    price: int


@dataclass(frozen=True, slots=True)
class Pick:
    """Choose one of ``lines`` and a quantity, each value as likely as the others; it goes into the cart."""

    lines: tuple[Line, ...]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Pause:
    """The guest thinks, between ``low`` and ``high`` seconds, each as likely as the others."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request and judge its reply.

    ``index`` numbers the steps of the whole plan. ``status``: the one to be answered; None: any from 200 to 299.
    ``within_us``: a slower reply is a failed check (µs; None: no limit). ``order``: the order number to
    use, where the step makes an order (empty: a new one each time; None: no order).
    """

    index: int
    name: str
    request: Request
    status: int | None = None
    within_us: int | None = None
    capture: Capture | None = None
    pick: Pick | None = None
    order: str | None = None
    purchase: bool = False
    """The order ought to exist afterwards, with the cart's value; the cart is empty then."""


Op = Send | Pause


@dataclass(frozen=True, slots=True)
class JourneyPlan:
    """One journey. ``index`` numbers the journeys of the plan."""

    index: int
    name: str
    weight: float
    ops: tuple[Op, ...]

    @property
    def sends(self) -> tuple[Send, ...]:
        """Its requests, in order."""
        return tuple(op for op in self.ops if isinstance(op, Send))


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled scenario."""

    scenario: str
    currency: str
    guests: Guests
    journeys: tuple[JourneyPlan, ...]
    users: int
    duration: float
    iterations: int | None

    @property
    def steps(self) -> tuple[tuple[str, Send], ...]:
        """Journey name and request of every step, by index."""
        return tuple((journey.name, send) for journey in self.journeys for send in journey.sends)


def amount(price: Decimal) -> int:
    """A price in ten-thousandths. Prices have four decimals at most."""
    return int(price * AMOUNT_SCALE)


def money(ten_thousandths: int) -> Decimal:
    """An amount as Decimal, with two decimals at least."""
    exact = Decimal(ten_thousandths) / AMOUNT_SCALE
    cents = exact.quantize(Decimal("0.01"))
    return cents if cents == exact else exact.normalize()
