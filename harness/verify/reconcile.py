"""Reconciliation of orders: expected against found, one order after the other, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

MOST_NAMED = 100
"""Problems of each kind that are named."""
MOST_EXAMPLES = 10
"""Orders that are named though nothing is wrong with them."""
KINDS = ("missing", "duplicated", "mispriced", "unexpected")
ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
CONFIDENCE_Z = 1.959964
"""Of 95 %."""


class Found(Protocol):
    """An order as the target holds it."""

    @property
    def price(self) -> Decimal:
        """Its value."""

    @property
    def currency(self) -> str:
        """ISO 4217."""


@dataclass(frozen=True, slots=True)
class ExpectedOrder:
    """An order that was sent. ``currency`` is empty where nobody knows before; ``value`` None: nobody says what it comes to.

    ``outcome``: the target ACKNOWLEDGED it, so that it ought to exist; REFUSED it, so that it ought not to; or UNKNOWN,
    there was no reply: it may exist or not, and is never missing. ``guest`` and ``step`` say whose it is, for people.
    """

    number: str
    value: Decimal | None
    currency: str
    outcome: str = ACKNOWLEDGED
    guest: str = ""
    step: str = ""

    @property
    def worth(self) -> str:
        """Value and currency, for people."""
        return f"an order in {self.currency}" if self.value is None else f"{self.value:f} {self.currency}".strip()


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """An order that is not as it ought to be. ``kind``: missing, duplicated, mispriced, unexpected."""

    kind: str
    order: str
    guest: str
    step: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class OrderFound:
    """An order that exists, to look it up: its number, whose it is, and what the target says it comes to."""

    order: str
    guest: str
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What became of orders. ``expected`` were acknowledged, and ``found`` of those exist.

    ``of``: acknowledged orders in all, more than ``expected`` where a sample was taken; ``interval`` then is the share of
    all that is missing, with 95 % confidence. ``unknown`` orders got no reply; ``unknown_found`` of them exist.
    ``counts`` are problems by kind, ``problems`` the first of each. Revenue by currency: of the acknowledged orders,
    and of all that was found of them, twice what was found twice; without the ``unpriced`` ones, of which nobody says what
    they come to. ``examples`` are the first orders that were found.
    """

    expected: int
    found: int
    of: int
    unknown: int
    unknown_found: int
    counts: Mapping[str, int]
    problems: tuple[OrderProblem, ...]
    revenue_expected: Mapping[str, Decimal]
    revenue_found: Mapping[str, Decimal]
    interval: tuple[float, float] | None = None
    unpriced: int = 0
    examples: tuple[OrderFound, ...] = ()

    @property
    def missing(self) -> int:
        """Acknowledged orders that do not exist."""
        return self.counts["missing"]

    @property
    def held(self) -> bool:
        """Whether everything is as it ought to be."""
        return not any(self.counts.values())


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The interval in which a share lies with 95 % confidence, when ``part`` of a sample of ``whole`` have it (Wilson)."""
    if not whole:
        return 0.0, 1.0
    z2 = CONFIDENCE_Z**2
    share = part / whole
    middle = share + z2 / (2 * whole)
    spread = CONFIDENCE_Z * ((share * (1 - share) + z2 / (4 * whole)) / whole) ** 0.5
    low, high = ((middle + sign * spread) / (1 + z2 / whole) for sign in (-1, 1))
    return (0.0 if part == 0 else max(low, 0.0)), (1.0 if part == whole else min(high, 1.0))


@dataclass(slots=True)
class Tally:
    """Counts orders one after the other. Every order ends in ``found`` or in ``not_found``, once."""

    expected: int = 0
    there: int = 0
    unknown: int = 0
    unknown_found: int = 0
    unpriced: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    problems: list[OrderProblem] = field(default_factory=list)
    examples: list[OrderFound] = field(default_factory=list)
    revenue_expected: dict[str, Decimal] = field(default_factory=dict)
    revenue_found: dict[str, Decimal] = field(default_factory=dict)

    def found(self, order: ExpectedOrder, found: Sequence[Found]) -> None:
        """The target holds it, once or more often."""
        if order.outcome == REFUSED:
            self._problem("unexpected", order, "none: the target refused it", _shown(found))
            return
        if order.outcome == UNKNOWN:
            self.unknown += 1
            self.unknown_found += 1
        else:
            self._expect(order)
            self.there += 1
            if len(self.examples) < MOST_EXAMPLES:
                self.examples.append(OrderFound(order.number, order.guest, found[0].price, found[0].currency))
        for each in found if order.outcome == ACKNOWLEDGED and order.value is not None else ():
            self.revenue_found[each.currency] = self.revenue_found.get(each.currency, Decimal(0)) + each.price
        if len(found) > 1:
            one = "one order" if order.value is None else f"one order of {order.worth}"
            self._problem("duplicated", order, one, _shown(found))
        if any(order.value not in (None, each.price) or order.currency not in ("", each.currency) for each in found):
            self._problem("mispriced", order, order.worth, _shown(found))

    def not_found(self, order: ExpectedOrder) -> None:
        """The target does not hold it, and is not given more time."""
        if order.outcome == ACKNOWLEDGED:
            self._expect(order)
            self._problem("missing", order, order.worth, "none")
        elif order.outcome == UNKNOWN:
            self.unknown += 1

    def _expect(self, order: ExpectedOrder) -> None:
        self.expected += 1
        if order.value is None:
            self.unpriced += 1
            return
        self.revenue_expected[order.currency] = self.revenue_expected.get(order.currency, Decimal(0)) + order.value

    def _problem(self, kind: str, order: ExpectedOrder, expected: str, found: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= MOST_NAMED:
            self.problems.append(OrderProblem(kind, order.number, order.guest, order.step, expected, found))

    def result(self, of: int) -> Reconciliation:
        """What it came to. ``of``: acknowledged orders in all."""
        return Reconciliation(
            expected=self.expected,
            found=self.there,
            of=of,
            unknown=self.unknown,
            unknown_found=self.unknown_found,
            counts=dict(self.counts),
            problems=tuple(sorted(self.problems, key=lambda each: KINDS.index(each.kind))),
            revenue_expected=dict(self.revenue_expected),
            revenue_found=dict(self.revenue_found),
            interval=wilson(self.counts["missing"], self.expected) if self.expected < of else None,
            unpriced=self.unpriced,
            examples=tuple(self.examples),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values, to go on later."""
        return {
            "expected": self.expected,
            "there": self.there,
            "unknown": self.unknown,
            "unknown_found": self.unknown_found,
            "unpriced": self.unpriced,
            "counts": self.counts,
            "problems": [[p.kind, p.order, p.guest, p.step, p.expected, p.found] for p in self.problems],
            "examples": [[e.order, e.guest, str(e.price), e.currency] for e in self.examples],
            "revenue_expected": {name: str(value) for name, value in self.revenue_expected.items()},
            "revenue_found": {name: str(value) for name, value in self.revenue_found.items()},
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Tally:
        """The tally that ``to_json`` wrote. Raises ValueError, KeyError, TypeError, ArithmeticError for anything else."""
        return cls(
            expected=int(told["expected"]),
            there=int(told["there"]),
            unknown=int(told["unknown"]),
            unknown_found=int(told["unknown_found"]),
            unpriced=int(told.get("unpriced", 0)),
            counts={kind: int(told["counts"][kind]) for kind in KINDS},
            problems=[OrderProblem(*map(str, each)) for each in told["problems"]],
            examples=[
                OrderFound(str(order), str(guest), Decimal(price), str(currency))
                for order, guest, price, currency in told.get("examples", ())
            ],
            revenue_expected={str(name): Decimal(value) for name, value in told["revenue_expected"].items()},
            revenue_found={str(name): Decimal(value) for name, value in told["revenue_found"].items()},
        )


def _shown(found: Sequence[Found]) -> str:
    return ", ".join(f"{each.price:f} {each.currency}".strip() for each in found)
