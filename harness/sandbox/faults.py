"""Faults that the sandbox can be told to have, as frozen values. The sandbox's own, all of it.

Of several rules of one fault the first that fits an event or a request counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from harness.sandbox import money

LONGEST_LATENCY_S = 60.0


class FaultError(ValueError):
    """A document that is no faults; one sentence for people, with the place in it."""


@dataclass(frozen=True, slots=True)
class Only:
    """What a rule is about: event types, path prefixes; everything when there are none."""

    types: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()

    def fits(self, path: str, kind: str) -> bool:
        """Whether the rule is about an event of that type, or a request to that path."""
        return (not self.types and not self.paths) or kind in self.types or path.startswith(self.paths or ("\0",))


@dataclass(frozen=True, slots=True)
class Latency:
    """Added to a reply, the request being handled at once: ``fixed`` a, ``uniform`` a..b, or ``lognormal`` with
    median a and sigma b. All in seconds, ``most`` at most."""

    only: Only
    shape: str
    a: float
    b: float = 0.0
    most: float = LONGEST_LATENCY_S


@dataclass(frozen=True, slots=True)
class Errors:
    """A share of requests is answered with a status; ``stored`` ones are handled all the same."""

    only: Only
    rate: float
    status: int = 503
    retry_after_s: float | None = None
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Resets:
    """A share of connections is reset in the place of a reply; ``stored`` requests are handled before."""

    only: Only
    rate: float
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing is handled for ``length_s``, first ``after_s`` the fault was set, then every ``every_s`` (0: once)."""

    only: Only
    length_s: float
    after_s: float = 0.0
    every_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RateLimit:
    """More than ``rate`` requests a second, beyond a ``burst``, are answered with a status and Retry-After."""

    only: Only
    rate: float
    burst: int
    status: int = 429
    retry_after_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Drop:
    """A share of events is acknowledged and dropped."""

    only: Only
    rate: float


@dataclass(frozen=True, slots=True)
class VisibleAfter:
    """Events are acknowledged at once, and their effects can be read only later."""

    only: Only
    delay_s: float


@dataclass(frozen=True, slots=True)
class WrongPrice:
    """A share of orders is stored with another price."""

    rate: float
    factor: Decimal = Decimal(1)
    addition: Decimal = money.ZERO


@dataclass(frozen=True, slots=True)
class IgnoreCurrency:
    """Everything in a share of events is stored under one currency."""

    rate: float
    currency: str


@dataclass(frozen=True, slots=True)
class BatchFaults:
    """What goes wrong with batch files: each is left alone for ``delay_s``; a share turns out corrupted; of the others a
    share of the records fails with code 500. The same ``seed`` and ref, the same faults again."""

    seed: int
    delay_s: float = 0.0
    corrupted: float = 0.0
    failed_records: float = 0.0


@dataclass(frozen=True, slots=True)
class Faults:
    """All that is to go wrong. ``document`` is what was asked for; the same ``seed``, the same faults again."""

    seed: int
    document: Mapping[str, Any]
    latency: tuple[Latency, ...] = ()
    errors: tuple[Errors, ...] = ()
    resets: tuple[Resets, ...] = ()
    stall: tuple[Stall, ...] = ()
    rate_limit: tuple[RateLimit, ...] = ()
    drop: tuple[Drop, ...] = ()
    visible_after: tuple[VisibleAfter, ...] = ()
    wrong_price: WrongPrice | None = None
    ignore_currency: IgnoreCurrency | None = None
    duplicate_orders: float = 0.0
    merge_identities: float = 0.0
    confirm_before_add: bool = False
    batches: BatchFaults | None = None

    @property
    def on_the_wire(self) -> bool:
        """Whether a client can see a fault: in time, status or connection."""
        return any((self.latency, self.errors, self.resets, self.stall, self.rate_limit))
