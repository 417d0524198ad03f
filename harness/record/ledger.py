"""The ledger: which orders ought to exist afterwards, in two bits an order and what its value takes compressed.

Order number *n* of a process is a function of run, process and *n*. What became of it is kept in two bits; its value, its
guest and its step are written down once, and put away compressed, a few thousand orders at a time: guests come in order
and values are few, so that is a byte or two.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.record.two_bits import TwoBits

PAGE = 1024
"""Orders that are put away together, in a third of a millisecond."""
UNPRICED = -1
"""The value of an order of which nobody says what it comes to."""
Rows = npt.NDArray[np.int64]
"""Three rows: value, guest and step of orders."""


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


def outcome_of(status: int, unsent: bool) -> Outcome:
    """What a reply (status 0: none) tells of what was sent. 4xx says no; after anything else nobody knows."""
    if 200 <= status <= 299:
        return Outcome.ACKNOWLEDGED
    return Outcome.REFUSED if unsent or 400 <= status <= 499 else Outcome.UNKNOWN


@dataclass(frozen=True, slots=True)
class Entry:
    """An order that was sent: its place in the ledger, its value in ten-thousandths (or UNPRICED), what became of it.

    ``guest`` is the number of the guest whose order it is, ``step`` that of the step that sent it.
    """

    place: int
    value: int
    outcome: Outcome
    guest: int = 0
    step: int = 0


class Ledger:
    """Orders in the order in which they were sent."""

    def __init__(self) -> None:
        self._outcomes = TwoBits()
        self._pages: list[bytes] = []
        self._values, self._guests, self._steps = array("q"), array("q"), array("q")
        self._told = 0
        self._closed: dict[int, Outcome] | None = None

    def __len__(self) -> int:
        return len(self._outcomes)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(map(len, self._pages)) + len(self._outcomes) // 4 + 3 * 8 * len(self._values)

    def open(self, value: int, guest: int = 0, step: int = 0) -> int:
        """An order worth ``value`` is about to be sent; gives its place. Unknown until ``close``."""
        self._values.append(value)
        self._guests.append(guest)
        self._steps.append(step)
        self._outcomes.append(Outcome.UNKNOWN)
        if len(self._values) >= PAGE:
            self._put_away()
        return len(self._outcomes) - 1

    def close(self, place: int, outcome: Outcome) -> None:
        """The reply to the order came."""
        self._outcomes[place] = outcome
        if self._closed is not None:
            self._closed[place] = outcome

    def watch(self) -> None:
        """From now on keep in mind what ``take`` is to tell."""
        self._closed = {}

    def take(self) -> list[Any]:
        """What changed since the last call, in plain numbers and bytes. ``add`` puts it into another ledger."""
        closed, self._closed = self._closed or {}, {}
        rows = self._rows_from(self._told)
        first, self._told = self._told, len(self)
        places = np.array([*closed], "<i8")
        outcomes = np.array([*closed.values()], np.uint8)
        return [
            first,
            rows.shape[1],
            _shut(rows),
            zlib.compress(np.diff(places, prepend=0).tobytes(), 1),
            outcomes.tobytes(),
        ]

    def add(self, changes: Sequence[Any]) -> None:
        """Take over what another ledger's ``take`` told, all of it in its order. Raises ValueError."""
        first, count, rows, places, outcomes = changes
        if first != len(self):
            raise ValueError(f"changes from order {first} on for a ledger of {len(self)}")
        opened = _rows(rows, count)
        for kept, new in zip((self._values, self._guests, self._steps), opened, strict=True):
            kept.frombytes(new.tobytes())
        self._outcomes.grow(first + count)
        while len(self._values) >= PAGE:
            self._put_away()
        closed = np.cumsum(np.frombuffer(zlib.decompress(places), "<i8"))
        self._outcomes.put(closed, np.frombuffer(outcomes, np.uint8))

    def _rows_from(self, place: int) -> Rows:
        """Value, guest and step of every order from a place on."""
        page = place // PAGE
        rows = [
            *(_rows(each) for each in self._pages[page:]),
            np.array((self._values, self._guests, self._steps), "<i8"),
        ]
        return np.concatenate(rows, axis=1)[:, place - page * PAGE :]

    def outcome(self, place: int) -> Outcome:
        """What is known of the order at a place."""
        return Outcome(self._outcomes[place])

    def entries(self) -> Iterator[Entry]:
        """All of them."""
        outcomes = iter(self._outcomes)
        place = 0
        for page in (*self._pages, self._page()):
            for value, guest, step in _rows(page).T.tolist():
                yield Entry(place, value, Outcome(next(outcomes)), guest, step)
                place += 1

    def counts(self) -> Counter[Outcome]:
        """How many orders came to what."""
        return Counter({Outcome(outcome): number for outcome, number in Counter(self._outcomes).items()})

    def _page(self) -> bytes:
        return _shut(np.array((self._values, self._guests, self._steps), dtype="<i8"))

    def _put_away(self) -> None:
        """Make a page of the oldest orders that are in none."""
        rows = (self._values, self._guests, self._steps)
        self._pages.append(_shut(np.array([column[:PAGE] for column in rows], dtype="<i8")))
        for column in rows:
            del column[:PAGE]

    def pack(self) -> list[Any]:
        """Plain numbers and bytes, for a file or another process. ``unpack`` takes them back."""
        return [len(self), self._outcomes.to_bytes(), *self._pages, self._page()]

    @classmethod
    def unpack(cls, packed: Sequence[Any]) -> Ledger:
        """The ledger that ``pack`` made. Raises ValueError when it is none."""
        made = cls()
        try:
            count, outcomes, *pages, last = packed
            made._outcomes = TwoBits(outcomes, count)
            made._pages = [bytes(page) for page in pages]
            rows = _rows(last).T.tolist()
        except (TypeError, zlib.error) as error:
            raise ValueError(f"no ledger: {error}") from None
        if len(pages) * PAGE + len(rows) != count:
            raise ValueError(f"a ledger of {count} orders with the rows of {len(pages) * PAGE + len(rows)}")
        for value, guest, step in rows:
            made._values.append(value)
            made._guests.append(guest)
            made._steps.append(step)
        return made


def _shut(rows: Rows) -> bytes:
    """Rows compressed. Guests come in order: small differences instead of large numbers."""
    rows = rows.copy()
    rows[1] = np.diff(rows[1], prepend=0)
    return zlib.compress(rows.tobytes(), 1)


def _rows(page: bytes, orders: int = PAGE) -> Rows:
    """Value, guest and step of each of at most so many orders. Raises ValueError, zlib.error."""
    opener = zlib.decompressobj()
    rows = np.frombuffer(opener.decompress(page, 3 * 8 * max(orders, 1)), "<i8").reshape(3, -1).copy()
    rows[1] = np.cumsum(rows[1])
    return rows
