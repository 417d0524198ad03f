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
from harness.scenario.actions import Journey
from harness.scenario.diagnostics import Span
from harness.scenario.source import Node
from harness.scenario.values import Sample, Secret

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
