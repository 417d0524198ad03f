"""The scenario as a frozen value: what the author means, free of YAML.

Times are seconds, shares lie between 0 and 1, money is Decimal. Values from outside (``Secret``) print masked.
``span`` says where a part stands in its file; it does not count when two scenarios are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from harness.scenario.diagnostics import Span


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


@dataclass(frozen=True, slots=True)
class Target:
    """What the load goes to. ``url`` is a base URL, or the word ``sandbox`` for an embedded one."""

    system: str
    url: str
    environment: str
    client_key: Secret
    api_token: Secret | None
    point_of_sale: str
    span: Span | None = field(default=None, compare=False)

    @property
    def is_sandbox(self) -> bool:
        """Whether the run brings its own target."""
        return self.url == SANDBOX


SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every event carries unless its step says otherwise."""

    channel: str = "WEB"
    language: str = "EN"
    currency: str = "EUR"
    page: str = "home page"


@dataclass(frozen=True, slots=True)
class Guests:
    """Who the guests are: locale to share (sum 1), the share that comes back, the seed (None: a new one each run)."""

    locales: tuple[tuple[str, float], ...] = (("en_GB", 1.0),)
    returning: float = 0.0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A thing to sell. ``price`` is in the scenario's currency."""

    item_id: str
    type: str
    name: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Expect:
    """What a reply must be like: its status, and how soon (seconds) it must be there."""

    status: int | None = None
    within: float | None = None


ANY = "any"
"""``add: {item: any}``: an item of the catalog, each as likely as the others."""


@dataclass(frozen=True, slots=True)
class BrowserId:
    """The guest's browser gets its id. Put in front of every journey that needs one."""


@dataclass(frozen=True, slots=True)
class Browse:
    """VIEW: the guest looks at a page."""

    page: str | None = None
    uri: str | None = None
    referrer: str | None = None


@dataclass(frozen=True, slots=True)
class Identify:
    """IDENTITY: the visitor becomes a customer with a name and an email address."""


@dataclass(frozen=True, slots=True)
class Add:
    """ADD: an item (its id, or ``any``) goes into the cart, ``quantity`` times."""

    item: str = ANY
    quantity: Range = Range(1, 1)


@dataclass(frozen=True, slots=True)
class Confirm:
    """CONFIRM: the guest confirms what is in the cart."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """CHECKOUT: the order, with its status and a number (None: a new one each time)."""

    status: str = "PURCHASED"
    reference_id: str | None = None


@dataclass(frozen=True, slots=True)
class Think:
    """The guest pauses (seconds)."""

    pause: Range


Action = BrowserId | Browse | Identify | Add | Confirm | Checkout | Think


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``name`` is unique in its journey; a ``think`` has none."""

    name: str
    action: Action
    expect: Expect = Expect()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Journey:
    """One way that guests take. ``think`` (seconds) lies between its steps."""

    name: str
    steps: tuple[Step, ...]
    weight: float = 1.0
    think: Range = Range(0, 0)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Load:
    """Closed load: so many users at a time, each on one journey after the other.

    It ends after ``duration`` seconds, or earlier when every user has made ``iterations`` journeys.
    """

    users: int
    duration: float
    iterations: int | None = None


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


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole file."""

    name: str
    target: Target
    journeys: tuple[Journey, ...]
    load: Load
    description: str = ""
    defaults: Defaults = Defaults()
    guests: Guests = Guests()
    catalog: tuple[Item, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
