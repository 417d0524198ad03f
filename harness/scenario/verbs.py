"""The verbs: what stands behind each in a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.cdp import events
from harness.scenario import actions, model
from harness.scenario.guest_calls import GuestCallShape
from harness.scenario.json_values import JsonShape, ObjectShape
from harness.scenario.quantity_shapes import PAUSE, QUANTITY
from harness.scenario.replies import HEADER_NAME
from harness.scenario.shapes import Field, MapOf, OneOrMany, Shape
from harness.scenario.texts import Choice, StepText, Text

if TYPE_CHECKING:
    from harness.scenario.speaking import Speech

UPPER = Text("a type of upper-case letters, digits and _, such as WISHLIST", r"[A-Z][A-Z0-9_]{0,79}")
ORDER_NUMBER = Text("an order number of upper-case letters, digits, - and _", r"[A-Z0-9][A-Z0-9_-]{0,99}")
ITEM = Text("an item_id of the catalog, or any")
ANY_ITEM = Field(ITEM, doc="An item_id of the catalog, or any")
HOW_MANY = Field(QUANTITY, doc="How many, e.g. 1..3")
ORDER_STATUS = Field(Choice(events.CHECKOUT_STATUSES, "status"), doc="PURCHASED makes an order")
HEADERS = MapOf(HEADER_NAME, StepText(), "headers by their names")
TEXTS = MapOf(Text("a name"), StepText(), "texts by their names")
FRIENDLY_ID = Text("a friendly id of letters, digits, - and _", r"[A-Za-z0-9_-]{1,200}")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Verb:
    """A step's verb: the keys in its mapping, and which of them may stand behind the verb by itself.

    ``free``: any key is an attribute, and ``make`` takes them as one JSON object. ``bare``: nothing need stand
    behind it. ``system``: the vocabulary it belongs to; empty: all.
    """

    make: Callable[..., actions.Action]
    fields: Mapping[str, Field]
    doc: str
    example: str = ""
    main: str | None = None
    bare: bool = True
    free: bool = False
    system: str = model.CDP
    shape: Shape[Any] | None = None
    """Reads all that stands behind the verb, where keys of their own do not do."""
    speech: Speech | None = None
    """Where the verb is an extension's: ``make`` gives what that says, and this an action of it."""


def _search(**attributes: Any) -> actions.Action:
    return actions.Search(attributes["attributes"])


BASE64 = Text(
    "base64 such as base64 -w0 FILE prints",
    r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    longest=200_000,
    meant=lambda text: None,
)
VERBS: Mapping[str, Verb] = {
    "browse": Verb(
        actions.Browse,
        {
            "page": Field(StepText(), doc="The page's name"),
            "uri": Field(StepText(), doc="The page's address"),
            "referrer": Field(StepText(), doc="Where the guest came from"),
        },
        "The guest looks at a page (VIEW).",
        "home page",
        main="page",
    ),
    "identify": Verb(actions.Identify, {}, "The visitor becomes a customer, by name and email address (IDENTITY)."),
    "search": Verb(
        _search, {}, "The guest looks for something (SEARCH); attributes are free.", "{product: shoes}", free=True
    ),
    "add": Verb(
        actions.Add,
        {
            "item": ANY_ITEM,
            "quantity": HOW_MANY,
        },
        "An item goes into the cart (ADD).",
        "any",
        main="item",
    ),
    "confirm": Verb(
        actions.Confirm,
        {"items": Field(OneOrMany(ITEM, "an item_id or a list"), doc="Only these; else all that is in the cart")},
        "The guest confirms what is in the cart (CONFIRM).",
        "EXACT_90",
        main="items",
    ),
    "payment": Verb(
        actions.Payment,
        {"pay_type": Field(StepText(), doc="e.g. Card"), "card_type": Field(StepText(), doc="e.g. Visa")},
        "The guest pays (PAYMENT).",
        "Card",
        main="pay_type",
    ),
    "checkout": Verb(
        actions.Checkout,
        {
            "status": ORDER_STATUS,
            "reference_id": Field(ORDER_NUMBER, doc="The order number; without it a new one each time"),
        },
        "The guest orders (CHECKOUT).",
        "PURCHASED",
        main="status",
    ),
    "order_checkout": Verb(
        actions.OrderCheckout,
        {
            "item": ANY_ITEM,
            "quantity": HOW_MANY,
            "status": ORDER_STATUS,
            "payment_type": Field(StepText(), doc="e.g. Card"),
            "card_type": Field(StepText(), doc="e.g. Visa"),
        },
        "A whole order in one event (ORDER_CHECKOUT); identified guests only.",
        "any",
        main="item",
    ),
    "clear_cart": Verb(actions.ClearCart, {}, "The guest empties the cart (CLEAR_CART)."),
    "force_close": Verb(
        actions.ForceClose, {}, "The session ends, and its cart is abandoned (FORCE_CLOSE). Not in production."
    ),
    "event": Verb(
        actions.Event,
        {
            "type": Field(UPPER, True, "type: WISHLIST", "The event's type, upper case"),
            "ext": Field(ObjectShape(), doc="Its own attributes: 50 at most, flat"),
        },
        "Any event by its type.",
        "WISHLIST",
        main="type",
        bare=False,
    ),
    "personalize": Verb(
        actions.Personalize,
        {
            "friendly_id": Field(
                FRIENDLY_ID,
                True,
                "friendly_id: home_offer",
                "The experience's friendly id",
            ),
            "params": Field(ObjectShape(), doc="What the experience wants to know"),
        },
        "A full-stack experience is asked what to show.",
        "home_offer",
        main="friendly_id",
        bare=False,
    ),
    "guest": Verb(
        actions.GuestCall,
        {},
        "A guest is created, found, read, updated, deleted or extended by the Guest REST API.",
        "create",
        bare=False,
        shape=GuestCallShape(),
    ),
    "request": Verb(
        actions.HttpRequest,
        {
            "path": Field(
                StepText("a path such as /api/items"), True, "path: /api/items", "Path, from the target's base URL"
            ),
            "method": Field(Choice(METHODS, "method"), doc="GET, unless said otherwise"),
            "query": Field(TEXTS, doc="Query parameters"),
            "headers": Field(HEADERS, doc="Header fields"),
            "json": Field(JsonShape(), doc="A body, sent as JSON"),
            "form": Field(TEXTS, doc="A body, sent as a form"),
            "body": Field(StepText(longest=100_000), doc="A body, as it is"),
            "base64": Field(BASE64, doc="A body of bytes, written in base64"),
        },
        "Any HTTP request.",
        "/api/items",
        main="path",
        bare=False,
        system="",
    ),
    "think": Verb(
        actions.Think,
        {"pause": Field(PAUSE, True)},
        "The guest pauses.",
        "1s..4s",
        main="pause",
        bare=False,
        system="",
    ),
}
FLOW_VERBS: Mapping[str, str] = {
    "repeat": "The steps below it so many times, e.g. repeat: 1..5",
    "choose": "One of several ways, by their shares",
    "when": "The steps below it if the condition is true, else those under 'else'",
    "leave": "So large a share of the guests goes away, by design",
    "steps_from": "The steps of a part, or of another journey, stand here",
}
ALL_VERBS = (*VERBS, *FLOW_VERBS)
