"""What guests do: journeys of steps, each with its action. Part of the model, see ``model``."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from harness.scenario.diagnostics import Span
from harness.scenario.expressions import Expression
from harness.scenario.source import Node
from harness.scenario.values import Json, JsonObject, Path, Range, Words


@dataclass(frozen=True, slots=True)
class Expect:
    """What a reply must be like.

    ``status``: one of these, or of these hundreds (2 stands for 200 to 299); empty: 200 to 299. ``within``
    (seconds): how soon it must be there. ``headers``: name and exact value. ``json``: path and exact value.
    ``body``: a text that it holds.
    """

    status: tuple[int, ...] = ()
    within: float | None = None
    headers: tuple[tuple[str, str], ...] = ()
    json: tuple[tuple[Path, str | int | Decimal | bool | None], ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """Take a value from the reply and keep it under ``name``: from JSON, a header, or by a regular expression."""

    name: str
    kind: Literal["json", "header", "regex"]
    path: Path | str
    span: Span | None = field(default=None, compare=False)


ANY = "any"
"""``add: {item: any}``: an item of the catalog, each as likely as the others."""


@dataclass(frozen=True, slots=True)
class Browse:
    """VIEW: the guest looks at a page."""

    page: Words | None = None
    uri: Words | None = None
    referrer: Words | None = None


@dataclass(frozen=True, slots=True)
class Identify:
    """IDENTITY: the visitor becomes a customer with a name and an email address."""


@dataclass(frozen=True, slots=True)
class Search:
    """SEARCH: the guest looks for something; attributes are free."""

    attributes: JsonObject = JsonObject()


@dataclass(frozen=True, slots=True)
class Add:
    """ADD: an item (its id, or ``any``) goes into the cart, ``quantity`` times."""

    item: str = ANY
    quantity: Range = Range(1, 1)


@dataclass(frozen=True, slots=True)
class Confirm:
    """CONFIRM: the guest confirms what is in the cart, or just ``items``, which have to be in it."""

    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """PAYMENT: how the guest pays."""

    pay_type: Words = "Card"
    card_type: Words | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """CHECKOUT: the order, with its status and a number (None: a new one each time)."""

    status: str = "PURCHASED"
    reference_id: str | None = None


@dataclass(frozen=True, slots=True)
class OrderCheckout:
    """ORDER_CHECKOUT: a whole order in one event, of one item beside what is in the cart already."""

    item: str = ANY
    quantity: Range = Range(1, 1)
    status: str = "PURCHASED"
    payment_type: Words = "Card"
    card_type: Words | None = None


@dataclass(frozen=True, slots=True)
class ClearCart:
    """CLEAR_CART: the cart is empty, and that is no abandonment."""


@dataclass(frozen=True, slots=True)
class ForceClose:
    """FORCE_CLOSE: the session ends now; a cart in it is abandoned. Not in production."""


@dataclass(frozen=True, slots=True)
class Event:
    """Any event by its type, with ``ext`` of its own."""

    type: str
    ext: JsonObject = JsonObject()


@dataclass(frozen=True, slots=True)
class Personalize:
    """A full-stack experience is asked for what to show this guest."""

    friendly_id: str
    params: JsonObject = JsonObject()


GuestOperation = Literal["create", "find", "read", "update", "delete", "extension"]


@dataclass(frozen=True, slots=True)
class GuestCall:
    """A call of the Guest REST API, with the target's api_token.

    ``create`` without ``fields``: the journey's own guest. ``find``: by ``fields``, or by the own email. The others are
    about ``ref``, or else (None) the guest whom the journey created or found last.
    """

    operation: GuestOperation
    fields: JsonObject = JsonObject()
    ref: Words | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """Not given, where ``null`` would be a value."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """Any HTTP request. At most one of ``json``, ``form``, ``body``, ``base64``."""

    path: Words
    method: str = "GET"
    query: tuple[tuple[str, Words], ...] = ()
    headers: tuple[tuple[str, Words], ...] = ()
    json: Json | Absent = ABSENT
    form: tuple[tuple[str, Words], ...] | None = None
    body: Words | None = None
    base64: str | None = None


@dataclass(frozen=True, slots=True)
class Think:
    """The guest pauses (seconds)."""

    pause: Range


@dataclass(frozen=True, slots=True)
class Repeat:
    """The steps so many times, each number as likely as the others."""

    times: Range
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """One of several ways, each with its share; what is missing to 1 goes on without any."""

    ways: tuple[tuple[float, tuple[Step, ...]], ...]


@dataclass(frozen=True, slots=True)
class When:
    """The steps if the condition is true, else ``otherwise``."""

    condition: Expression
    steps: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Leave:
    """So large a share of the guests goes away, by design."""

    share: float = 1.0


Flow = Think | Repeat | Choose | When | Leave
"""What sends nothing itself."""
Action = (
    Browse
    | Identify
    | Search
    | Add
    | Confirm
    | Payment
    | Checkout
    | OrderCheckout
    | ClearCart
    | ForceClose
    | Event
    | Personalize
    | GuestCall
    | HttpRequest
    | Flow
)
FLOW = (Think, Repeat, Choose, When, Leave)


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a step was written whose verb is an extension's: its verb, and the node behind that.

    ``type`` is what reports call its request (empty: as any other); ``captures`` are names that the verb itself keeps.
    """

    verb: str
    type: str = ""
    captures: tuple[str, ...] = ()
    written: Node | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``name`` is unique in its journey; one that sends nothing has none.

    ``attributes`` (``set:``) replace or extend what the event carries.
    """

    name: str
    action: Action
    expect: Expect = Expect()
    captures: tuple[Capture, ...] = ()
    attributes: JsonObject = JsonObject()
    spoken: Spoken | None = None
    span: Span | None = field(default=None, compare=False)
    node: Node | None = field(default=None, compare=False, repr=False)


def set_item_ids(attributes: JsonObject) -> list[tuple[tuple[str | int, ...], Json]]:
    """Of each product that ``set`` gives an event in the place of the step's own: where its item_id stands, and the id.

    The place is below ``set``; the id is None where a product has none.
    """
    found: list[tuple[tuple[str | int, ...], Json]] = []
    for name, given in attributes.items:
        if name == "product":
            several = isinstance(given, tuple)
            for number, each in enumerate(given if isinstance(given, tuple) else (given,)):
                place = ("product", *((number,) if several else ()), "item_id")
                found.append((place, dict(each.items).get("item_id") if isinstance(each, JsonObject) else None))
    return found


@dataclass(frozen=True, slots=True)
class Journey:
    """One way that guests take. ``think`` (seconds) lies between its steps.

    ``redirects``: followed, to the target's own host. ``cookies``: kept through the journey. Both take the slower
    transport.
    """

    name: str
    steps: tuple[Step, ...]
    weight: float = 1.0
    think: Range = Range(0, 0)
    redirects: bool = False
    cookies: bool = False
    span: Span | None = field(default=None, compare=False)
    node: Node | None = field(default=None, compare=False, repr=False)
