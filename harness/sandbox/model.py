"""What the sandbox remembers: guests, their sessions with timeline and cart, and orders.

Times are seconds since the epoch. Plain state; the rules are in cart.py, checkout.py, sessions.py and
identity.py.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

VISITOR = "visitor"
CUSTOMER = "customer"


class Effect(NamedTuple):
    """What an event came to.

    ``title`` is what the CDP shows when the event had its effect ("Order Confirmed"); ``note`` says why it
    had none, or what is odd about it. ``value`` is an amount with its currency: what was abandoned.
    """

    title: str = ""
    note: str = ""
    order_number: str = ""
    value: str = ""


NO_EFFECT = Effect()
"""It stands on the timeline, and that is all."""


class Entry(NamedTuple):
    """One event on a session's timeline.

    ``raw`` is the event's JSON: a third of the memory of the parsed one. ``library`` is the version of the
    JavaScript library that sent it, as far as it said so.
    """

    at: float
    type: str
    raw: bytes
    effect: Effect
    library: str

    @property
    def title(self) -> str:
        """The effect's title."""
        return self.effect.title

    @property
    def note(self) -> str:
        """The effect's note."""
        return self.effect.note

    @property
    def order_number(self) -> str:
        """The number of the order that was made or changed."""
        return self.effect.order_number


@dataclass(slots=True)
class Line:
    """A product in a cart, later in an order.

    ``in_order``: it was added after a VIEW, to an identified guest. Only such lines become an order.
    """

    item_id: str
    name: str
    type: str
    quantity: Decimal
    price: Decimal
    currency: str
    reference_id: str
    in_order: bool
    confirmed: bool = False
    product_id: str = ""
    is_placeholder: bool = False
    """It was confirmed before it was added, which only a fault allows."""


@dataclass(slots=True)
class Session:
    """The events of one browser id, channel and point of sale, without a pause longer than the timeout."""

    ref: str
    browser_id: str
    channel: str
    pos: str
    guest: "Guest"
    started: float
    last_event: float
    is_open: bool = True
    viewed: bool = False
    has_purchase: bool = False
    payment: tuple[str, str] = ("", "")
    """Type and card of the last PAYMENT."""
    cart: list[Line] = field(default_factory=list)
    timeline: list[Entry] = field(default_factory=list)
    dropped: int = 0
    """How many of the oldest timeline entries were forgotten."""
    abandoned: dict[str, Decimal] | None = None
    """What the cart was worth, by currency, when the session was closed without a purchase."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two events belong to the same session."""
        return (self.browser_id, self.channel, self.pos)


@dataclass(slots=True)
class Order:
    """A purchase, maybe taken back since, or what the Order REST API was given.

    ``number`` is the client's reference id in upper case, ``ref`` the sandbox's own UUID. One made by the API
    belongs to nobody until it has a contact.
    """

    ref: str
    number: str
    guest: "Guest | None"
    ordered_at: float
    status: str
    currency: str
    price: Decimal
    lines: tuple[Line, ...]
    payment_type: str = ""
    card_type: str = ""
    channel: str = ""
    pos: str = ""
    created: float = 0.0
    modified: float = 0.0


@dataclass(slots=True)
class Extension:
    """A data extension of a guest: flat pairs under one of six names."""

    ref: str
    values: dict[str, Any]
    created: float
    modified: float


@dataclass(slots=True)
class Guest:
    """A visitor, or a customer once an identity is known.

    ``attributes`` has the names of the IDENTITY event; ``identities`` the keys of the identity index.
    ``search`` is everything that the page's search looks at, case-folded. ``modified`` is when the attributes
    last changed, 0 if they never did.
    """

    ref: str
    first_seen: float
    last_seen: float
    guest_type: str = VISITOR
    attributes: dict[str, Any] = field(default_factory=dict)
    identities: list[tuple[str, str]] = field(default_factory=list)
    browsers: list[str] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    session_count: int = 0
    orders: dict[str, Order] = field(default_factory=dict)
    merged_into: "Guest | None" = None
    search: str = ""
    modified: float = 0.0
    extensions: dict[str, Extension] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """First and last name, as far as known."""
        return " ".join(part for key in ("firstname", "lastname") if (part := self.text(key)))

    @property
    def email(self) -> str:
        """The email as last sent."""
        return self.text("email")

    def text(self, attribute: str) -> str:
        """An attribute as text; "" if it is missing or no text."""
        value = self.attributes.get(attribute)
        return value if isinstance(value, str) else ""

    def survivor(self) -> "Guest":
        """Whom this guest became part of; itself if nobody."""
        guest = self
        while (other := guest.merged_into) is not None:
            guest = other
        return guest

    def index(self) -> None:
        """Brings ``search`` up to date."""
        self.search = "\n".join((self.name, self.email, self.ref, *self.browsers)).casefold()
