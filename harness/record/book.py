"""The book of one process of a load: what ought to exist afterwards, whose it is, and a few stories in full."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from harness.record.ledger import Ledger
from harness.record.stories import Stories
from harness.record.two_bits import TwoBits


class Identified(IntEnum):
    """What is known of a guest."""

    NO = 0
    ACKNOWLEDGED = 1
    """The target said yes to who it is."""
    UNKNOWN = 2
    """It was told, and nobody knows whether it arrived."""


@dataclass(slots=True)
class Book:
    """Process ``index`` of ``stride``: its *n*-th guest is number *n* · stride + index of the load, orders likewise.

    ``given`` are order numbers that the scenario gives itself, by their places in the ledger.
    """

    index: int
    stride: int
    ledger: Ledger = field(default_factory=Ledger)
    guests: TwoBits = field(default_factory=TwoBits)
    given: dict[int, str] = field(default_factory=dict)
    stories: Stories = field(default_factory=lambda: Stories(0))

    def number(self, place: int) -> int:
        """The number, in the whole load, of this process's guest or order at a place."""
        return place * self.stride + self.index

    def identified(self, guest: int, state: Identified) -> None:
        """A guest (its number in the whole load) told who it is. Once acknowledged is acknowledged."""
        place = (guest - self.index) // self.stride
        while len(self.guests) <= place:
            self.guests.append(Identified.NO)
        if self.guests[place] != Identified.ACKNOWLEDGED:
            self.guests[place] = state
