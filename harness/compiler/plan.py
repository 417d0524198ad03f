"""The plan: what to send, as frozen values. Requests are bytes with gaps, encoded beforehand.

A gap is a number: the place of its value in the list that every visit carries. The first places are ``SLOTS``,
those after them belong to the plan's ``computed`` values. To make a request is to join literals and values.
The plan holds no secret of the target: the client key is a gap, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from harness.scenario.expressions import Expression, show
from harness.scenario.model import Guests, Load, Tls
from harness.scenario.values import Path, Range

AMOUNT_SCALE = 10_000
"""Amounts are whole ten-thousandths of the currency's unit, so that sums are exact and small."""

ITEM_SLOTS = ("item.id", "item.type", "item.name", "item.price")
# What a visit carries; the compiler's requests name these, the engine fills them. They are encoded for a JSON text
# within a query or, where events travel as bodies, for a JSON text; ``client_key`` always for the former, what ends in
# ``.json`` always for the latter.
VISIT_SLOTS = (
    "client_key", "client_key.json", "browser_id", "order", "line", "now", "quantity", "cart.confirm", "cart.order",
    "cart.total", "guest.ref", "authorization", *ITEM_SLOTS,
)  # fmt: skip
GUEST_SLOTS = (
    "guest.email", "guest.id", "guest.title", "guest.firstname", "guest.lastname", "guest.gender", "guest.dob",
    "guest.street", "guest.city", "guest.country", "guest.postal_code", "guest.phone",
)  # fmt: skip
SLOTS = (*VISIT_SLOTS, *GUEST_SLOTS)
SLOT = {name: index for index, name in enumerate(SLOTS)}


@dataclass(frozen=True, slots=True)
class Template:
    """Bytes with gaps: ``literals[0] value[gaps[0]] literals[1] value[gaps[1]] …``; one literal more than gaps."""

    literals: tuple[bytes, ...] = (b"",)
    gaps: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Bytes without what fills the gaps."""
        return sum(map(len, self.literals))

    def text(self, names: Sequence[str]) -> str:
        """The template with its gaps by name."""
        shown = [self.literals[0].decode("utf-8", "replace")]
        for gap, literal in zip(self.gaps, self.literals[1:], strict=True):
            shown.append(f"${{{names[gap]}}}{literal.decode('utf-8', 'replace')}")
        return "".join(shown)


Encoding = Literal["query_text", "query_json", "json_text", "json", "query", "path", "form", "header", "plain"]


@dataclass(frozen=True, slots=True)
class Computed:
    """A value worked out before its request is sent: an expression, encoded for its place, into a slot."""

    slot: int
    expression: Expression
    encoding: Encoding

    @property
    def name(self) -> str:
        """The expression as text."""
        return show(self.expression)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be filled. ``target`` is path and query; ``headers`` whole lines, each with its CRLF.

    ``type`` is the event type, or else the method. ``body`` is None where there is none.
    """

    method: str
    target: Template
    type: str
    headers: Template = Template()
    body: Template | None = None
    computed: tuple[Computed, ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """Take a value from the reply. It is kept under ``name``, or goes into ``slot`` as it is.

    ``path`` by ``kind``: keys and positions of a JSON document, a header's name, or a regular expression (RE2).
    ``pattern``: what the text must look like in full, where it goes into a slot.
    """

    name: str
    kind: Literal["json", "header", "regex"]
    path: tuple[str | int, ...] | str
    slot: int | None = None
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """What a reply must be like. ``status``: all that are right. ``within_us``: µs, None for no limit."""

    status: frozenset[int]
    within_us: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    json: tuple[tuple[Path, str | int | Decimal | bool | None], ...] = ()
    body: bytes | None = None
    hidden: bool = False
    """What is expected holds a secret: it is not shown."""

    @property
    def of_body(self) -> bool:
        """Whether more than status and time is looked at."""
        return bool(self.headers or self.json or self.body is not None)


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
class Send:
    """Send a request and judge its reply.

    ``index`` numbers the steps of the whole plan. ``order``: the order number to use, where the step makes an
    order (empty: a new one each time; None: no order). ``purchase``: the order ought to exist afterwards, with
    the cart's value, in ``currency`` (empty: nobody knows before). ``empties``: the cart is empty then. ``identifies``:
    the guest says who it is. ``deletes``: a guest is gone afterwards, as far as is known the visit's own. ``own_guest``:
    the call is about the guest whom the visit created, or found by the own email. ``confirms``: the items that a
    CONFIRM names (empty: all in the cart; None: it is none, or nobody knows before).
    """

    index: int
    name: str
    request: Request
    checks: Checks
    captures: tuple[Capture, ...] = ()
    pick: Pick | None = None
    order: str | None = None
    purchase: bool = False
    currency: str = ""
    identifies: bool = False
    deletes: bool = False
    own_guest: bool = False
    empties: bool = False
    confirms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """The guest thinks, between ``low`` and ``high`` seconds, each as likely as the others."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Repeat:
    """The operations so many times."""

    low: int
    high: int
    ops: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """One of several ways. Each with the sum of the shares up to and with its own; beyond the last: none."""

    ways: tuple[tuple[float, tuple[Op, ...]], ...]


@dataclass(frozen=True, slots=True)
class When:
    """The one or the other, by a condition."""

    condition: Expression
    ops: tuple[Op, ...]
    otherwise: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """So large a share goes away, by design."""

    share: float


Op = Send | Pause | Repeat | Choose | When | Leave


def sends_of(ops: Sequence[Op]) -> Iterator[Send]:
    """Every request, in the order of the file."""
    for op in ops:
        match op:
            case Send():
                yield op
            case Repeat(ops=inner):
                yield from sends_of(inner)
            case Choose(ways=ways):
                for _, inner in ways:
                    yield from sends_of(inner)
            case When(ops=inner, otherwise=otherwise):
                yield from sends_of(inner)
                yield from sends_of(otherwise)


@dataclass(frozen=True, slots=True)
class JourneyPlan:
    """One journey. ``index`` numbers the journeys of the plan; ``think`` (seconds) lies between its requests.

    ``redirects`` are followed, ``cookies`` kept from request to request: neither is what the fast transport does.
    """

    index: int
    name: str
    weight: float
    think: Range
    ops: tuple[Op, ...]
    redirects: bool = False
    cookies: bool = False

    @property
    def sends(self) -> tuple[Send, ...]:
        """Its requests, in the order of the file."""
        return tuple(sends_of(self.ops))


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled scenario. ``slots`` is how many values a visit carries; ``proxy`` a URL, empty for none.

    ``stream``: how events travel, ``get`` (in the URL) or ``post`` (as a body); a visit's values are encoded for that.
    ``max_rate``: requests a second that the target may be sent at most (None: as many as there are), ``production``:
    it is one of those that are never sent some things.
    """

    scenario: str
    system: str
    currency: str
    guests: Guests
    journeys: tuple[JourneyPlan, ...]
    load: Load
    tls: Tls = field(default_factory=Tls)
    proxy: str = ""
    stream: str = "get"
    max_rate: float | None = None
    production: bool = False
    slots: int = len(SLOTS)
    computed: tuple[Computed, ...] = field(default=(), compare=False)

    def on_the_wire(self, journey: JourneyPlan) -> bool:
        """Whether the fast transport carries a journey; else Locust's FastHttpSession does."""
        return not (journey.redirects or journey.cookies or self.proxy)

    @property
    def takes_token(self) -> bool:
        """Whether any request carries the account's API token."""
        return any(SLOT["authorization"] in send.request.headers.gaps for _, send in self.steps)

    @property
    def steps(self) -> tuple[tuple[str, Send], ...]:
        """Journey name and request of every step, by index."""
        return tuple((journey.name, send) for journey in self.journeys for send in journey.sends)

    @property
    def slot_names(self) -> tuple[str, ...]:
        """What each place of a visit's list holds."""
        return (*SLOTS, *(each.name for each in self.computed))


def amount(price: Decimal) -> int:
    """A price in ten-thousandths. Prices have four decimals at most."""
    return int(price * AMOUNT_SCALE)


def money(ten_thousandths: int) -> Decimal:
    """An amount as Decimal, with two decimals at least."""
    exact = Decimal(ten_thousandths) / AMOUNT_SCALE
    cents = exact.quantize(Decimal("0.01"))
    return cents if cents == exact else exact.normalize()
