"""The ledger: which orders ought to exist afterwards, at nine bytes an order.

Order number *n* of a process is a function of run, process and *n*, so only value and outcome are kept.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum


class Outcome(IntEnum):
    """What is known of an order."""

    UNKNOWN = 0
    """Sent, and no reply: it may exist or not."""
    ACKNOWLEDGED = 1
    """The target said yes: it ought to exist."""
    REFUSED = 2
    """The target said no, or was never reached."""
    NO_ORDER = 3
    """A checkout with a status that makes no order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An order that was sent: its place in the ledger, its value in ten-thousandths, what became of it."""

    place: int
    value: int
    outcome: Outcome


class Ledger:
    """Orders in the order in which they were sent."""

    def __init__(self) -> None:
        self._values = array("q")
        self._outcomes = bytearray()

    def __len__(self) -> int:
        return len(self._values)

    def open(self, value: int) -> int:
        """An order worth ``value`` is about to be sent; gives its place. Unknown until ``close``."""
        self._values.append(value)
        self._outcomes.append(Outcome.UNKNOWN)
        return len(self._values) - 1

    def close(self, place: int, outcome: Outcome) -> None:
        """The reply to the order came."""
        self._outcomes[place] = outcome

    def entries(self) -> Iterator[Entry]:
        """All of them."""
        for place, (value, outcome) in enumerate(zip(self._values, self._outcomes, strict=True)):
            yield Entry(place, value, Outcome(outcome))
