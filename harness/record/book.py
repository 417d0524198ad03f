"""The book of one process of a load: what ought to exist afterwards, whose it is, and a few stories in full."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

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
    DELETED = 3
    """A journey deleted it, or tried to and got no reply: nothing of it need be there, orders included."""


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
    _changed: dict[int, Identified] | None = None
    _given_told: int = 0

    def number(self, place: int) -> int:
        """The number, in the whole load, of this process's guest or order at a place."""
        return place * self.stride + self.index

    def identified(self, guest: int, state: Identified) -> None:
        """A guest (its number in the whole load) told who it is. Acknowledged stays acknowledged, and deleted deleted."""
        place = self.place(guest)
        while len(self.guests) <= place:
            self.guests.append(Identified.NO)
        before = self.guests[place]
        if before == Identified.DELETED or (before == Identified.ACKNOWLEDGED and state == Identified.UNKNOWN):
            return
        self.guests[place] = state
        if self._changed is not None:
            self._changed[place] = state

    def watch(self) -> None:
        """From now on keep in mind what ``take`` is to tell."""
        self._changed = {}
        self.ledger.watch()

    def take(self) -> dict[str, Any]:
        """What changed since the last call, to travel to another process, where ``add`` takes it over."""
        changed, self._changed = self._changed or {}, {}
        places = np.array([*changed], "<i8")
        given = [[place, number] for place, number in [*self.given.items()][self._given_told :]]
        self._given_told = len(self.given)
        return {
            "ledger": self.ledger.take(),
            "guests": [zlib.compress(np.diff(places, prepend=0).tobytes(), 1), bytes(changed.values())],
            "given": given,
            "stories": self.stories.take(),
        }

    def add(self, changes: Mapping[str, Any]) -> None:
        """Take over what ``take`` told of another process's book. Raises ValueError."""
        self.ledger.add(changes["ledger"])
        packed, states = changes["guests"]
        places = np.cumsum(np.frombuffer(zlib.decompress(packed), "<i8"))
        if len(places):
            self.guests.grow(int(places.max()) + 1)
            self.guests.put(places, np.frombuffer(states, np.uint8))
        self.given.update((place, number) for place, number in changes["given"])
        self.stories.add(changes["stories"])

    def place(self, guest: int) -> int:
        """Where this process has a guest, by its number in the whole load."""
        return (guest - self.index) // self.stride

    def is_deleted(self, guest: int) -> bool:
        """Whether a journey deleted the guest (its number in the whole load)."""
        place = self.place(guest)
        return place < len(self.guests) and self.guests[place] == Identified.DELETED

    @property
    def deletes(self) -> bool:
        """Whether any guest was deleted."""
        return any(state == Identified.DELETED for state in self.guests)
