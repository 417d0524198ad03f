"""The event types of the Stream API and their attributes, in the order in which they are sent.

Source: Sitecore's developer pages "Stream API" (VIEW, IDENTITY, ADD, CONFIRM, CHECKOUT).
"""

from dataclasses import dataclass
from types import MappingProxyType

COMMON = ("channel", "type", "language", "currency", "page", "pos", "browser_id")
"""What every event carries, in wire order. The CDP refuses (400) one without browser_id or type."""

CHECKOUT_STATUSES = ("PURCHASED", "PAYMENT_PENDING", "CONFIRMED", "REFUNDED", "CANCELLED")

PURCHASED = "PURCHASED"
"""The checkout status that makes an order and its revenue exist."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type: its name on the wire, what it carries beyond COMMON, and what people see of it.

    ``title`` is the entry on a session's timeline, where the CDP shows one other than the type's name.
    """

    name: str
    attributes: tuple[str, ...] = ()
    title: str = ""


IDENTITY_ATTRIBUTES = (
    "identifiers",
    "email",
    "title",
    "firstname",
    "lastname",
    "gender",
    "dob",
    "street",
    "city",
    "state",
    "country",
    "postal_code",
    "phone",
    "mobile",
    "nationality",
)

LARGEST_EXT = 50
"""Attributes that ``ext`` of a custom event may hold, each of them flat."""

VIEW = EventType("VIEW", ("referrer", "uri"))
IDENTITY = EventType("IDENTITY", IDENTITY_ATTRIBUTES)
SEARCH = EventType("SEARCH")
ADD = EventType("ADD", ("product",))
CONFIRM = EventType("CONFIRM", ("product",), title="Order Confirmed")
PAYMENT = EventType("PAYMENT", ("pay_type", "card_type"))
CHECKOUT = EventType("CHECKOUT", ("status", "reference_id"), title="Purchase Complete")
ORDER_CHECKOUT = EventType("ORDER_CHECKOUT", ("order",), title="Purchase Complete")
CLEAR_CART = EventType("CLEAR_CART", title="Cart Cleared")
FORCE_CLOSE = EventType("FORCE_CLOSE", title="Session Closed")

NEEDED = MappingProxyType({"ADD_CONTACTS": ("contacts",), "ADD_CONSUMERS": ("consumers",)})
"""Attributes without which an event of a type without a step of its own says nothing."""

FORM = "FORM"
FORM_NEEDS = ("formId", "interactionType")
"""What ``ext`` of a FORM event holds."""
FORM_INTERACTIONS = ("VIEWED", "SUBMITTED")

EVENT_TYPES = MappingProxyType(
    {
        e.name: e
        for e in (
            VIEW,
            IDENTITY,
            SEARCH,
            ADD,
            CONFIRM,
            PAYMENT,
            CHECKOUT,
            ORDER_CHECKOUT,
            CLEAR_CART,
            FORCE_CLOSE,
        )
    }
)
"""Event type by its wire name. Any other upper-case name is a custom event, with ``ext`` of its own."""

ABANDONED_REVENUE = "Abandoned Revenue"
"""How the CDP titles the value of a cart that was left behind in a session that is closed."""
