"""The scenario as a frozen value: what the author means, free of YAML.

Times are seconds, shares lie between 0 and 1, money is Decimal. Values from outside (``Secret``) print masked.
``span`` says where a part stands in its file, ``node`` is what was read there, for messages that point into it;
neither counts when two scenarios are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from harness.cdp import endpoints
from harness.scenario.diagnostics import Span
from harness.scenario.expressions import Expression, Interpolated
from harness.scenario.source import Node


class Secret:
    """A text that must not be shown: prints as ``***``; ``reveal`` gives it to the one who sends it.

    ``written`` is what stands in the file for it, when that names the environment and not the secret.
    """

    __slots__ = ("_text", "written")

    def __init__(self, text: str, written: str = "") -> None:
        self._text = text
        self.written = written or "***"

    def reveal(self) -> str:
        """The secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; a single value is a range of itself."""

    low: float
    high: float


SANDBOX = "sandbox"
CDP = "sitecore-cdp"
HTTP = "http"
PRODUCTION = "production"
PRODUCTION_RATE = 10.0
"""Requests a second that a production system is sent at most, unless the scenario says how many (``max_rate``)."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How the target is trusted, and who we are to it: paths of PEM files. Without ``ca`` the usual authorities count."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """What the load goes to. ``url`` is a base URL, or the word ``sandbox`` for an embedded one.

    ``system`` is the vocabulary: CDP, which needs ``client_key`` and ``point_of_sale``, or HTTP for none. ``stream``:
    events travel in the URL (``get``) or as a body (``post``), the latter with ``library_version``. ``max_rate``: requests
    a second at most, as the author says (None: not said).
    """

    system: str
    url: str
    environment: str
    client_key: Secret | None = None
    api_token: Secret | None = None
    point_of_sale: str = ""
    tls: Tls = Tls()
    proxy: str = ""
    stream: str = endpoints.GET
    library_version: str = endpoints.LIBRARY_VERSION
    max_rate: float | None = None
    span: Span | None = field(default=None, compare=False)
    node: Node | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> str:
        """The client key, revealed; empty where there is none."""
        return "" if self.client_key is None else self.client_key.reveal()

    @property
    def token(self) -> str:
        """The API token, revealed; empty where there is none."""
        return "" if self.api_token is None else self.api_token.reveal()

    @property
    def is_production(self) -> bool:
        """Whether people depend on it."""
        return self.environment == PRODUCTION

    @property
    def most_a_second(self) -> float | None:
        """Requests a second that it is sent at most: as stated, in production few unless stated. None: no limit."""
        return PRODUCTION_RATE if self.max_rate is None and self.is_production else self.max_rate

    @property
    def is_sandbox(self) -> bool:
        """Whether the run brings its own target."""
        return self.url == SANDBOX


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every event carries unless its step says otherwise."""

    channel: str = "WEB"
    language: str = "EN"
    currency: str = "EUR"
    page: str = "home page"
    node: Node | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Feed:
    """How rows of a file are handed out: ``sequential``, ``random`` or ``unique`` (each once).

    ``wrap``: begin again when they run out; else running out ends the run. ``source`` is the file's name.
    ``first_line`` is the line of the first row.
    """

    order: str
    wrap: bool
    source: str
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    first_line: int = 2


@dataclass(frozen=True, slots=True)
class Guests:
    """Who the guests are: locale to share (sum 1), the share that comes back, the seed (None: a new one each run).

    ``browser``: whether those who come back do so on a ``new`` browser or on the ``same``. With a ``feed`` they are people
    from a file; what its rows lack, Faker adds.
    """

    locales: tuple[tuple[str, float], ...] = (("en_GB", 1.0),)
    returning: float = 0.0
    seed: int | None = None
    feed: Feed | None = None
    browser: str = "new"


@dataclass(frozen=True, slots=True)
class Item:
    """A thing to sell. ``price`` is in the scenario's currency."""

    item_id: str
    type: str
    name: str
    price: Decimal
    node: Node | None = field(default=None, compare=False, repr=False)


Words = str | Interpolated
"""A text of a step: as it is, or with ``${…}`` in it."""


@dataclass(frozen=True, slots=True)
class JsonObject:
    """A JSON object in the order in which it was written."""

    items: tuple[tuple[str, Json], ...] = ()


Json = str | Interpolated | int | Decimal | bool | None | tuple["Json", ...] | JsonObject
"""A JSON value; lists are tuples. Texts may hold ``${…}``; one that is nothing else takes the value's own type."""


@dataclass(frozen=True, slots=True)
class Path:
    """A place in a JSON document: keys and list positions, from the outside in; ``text`` as written."""

    text: str
    parts: tuple[str | int, ...]


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


CLOSED, OPEN = "closed", "open"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the load, ``over`` seconds long. ``level`` in users (closed) or guests per second (open).

    ``ramp``: from where the load stands to ``level``, evenly; ``step``: at once to ``level``, and stay;
    ``spike``: at once to ``level``, and back at its end; ``hold``: stay (``level`` is None).
    """

    kind: Literal["ramp", "step", "spike", "hold"]
    over: float
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """How much load, for how long. Every load is a list of stages; it begins at nothing.

    Closed: so many users at a time, each on one journey after the other, until the stages are over or, with
    ``iterations``, every user has made so many. Open: guests come at a rate, whether or not the target keeps
    up, evenly spaced or (``arrivals: poisson``) at random; ``max_in_flight`` bounds those under way.
    """

    model: str
    stages: tuple[Stage, ...]
    iterations: int | None = None
    arrivals: str = "constant"
    max_in_flight: int = 10_000
    span: Span | None = field(default=None, compare=False)

    @property
    def duration(self) -> float:
        """Seconds from beginning to end."""
        return sum(stage.over for stage in self.stages)


Unit = Literal["ms", "share", "per_second", "count"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """``metric`` of a ``journey``, of a ``step`` (of a journey, or of all), or of the whole run (neither).

    ``value`` is in ``unit``: ms, a share between 0 and 1, 1/s, or a plain count.
    """

    text: str
    metric: str
    op: str
    value: float
    unit: Unit
    journey: str | None = None
    step: str | None = None
    span: Span | None = field(default=None, compare=False)
    node: Node | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StopRule:
    """The load ends when ``condition`` has been true for ``seconds`` (whole ones), each looked at by itself."""

    text: str
    condition: Threshold
    seconds: int
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """How many of something are looked at: a random ``size`` of them, or all (None). 0: none."""

    size: int | None = None


@dataclass(frozen=True, slots=True)
class Verify:
    """What is read back after a load. ``wait`` (s): as long as something is missing it is asked for again; None: by target.

    ``orders`` by number, ``guests`` by their whole story. ``rate`` (1/s): questions, at most; None: by target.
    """

    orders: Sample = Sample()
    guests: Sample = Sample(100)
    wait: float | None = None
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole file. ``load_name`` is the profile that was picked, where the file has several.

    ``secrets`` are values from the environment that steps send and nothing may show.
    """

    name: str
    target: Target
    journeys: tuple[Journey, ...]
    load: Load
    description: str = ""
    defaults: Defaults = Defaults()
    guests: Guests = Guests()
    catalog: tuple[Item, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    stop_when: tuple[StopRule, ...] = ()
    verify: Verify = Verify()
    load_name: str = field(default="", compare=False)
    secrets: tuple[Secret, ...] = field(default=(), compare=False)
