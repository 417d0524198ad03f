"""What is asked about after a load: which orders, which stories; a seeded sample where not all."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from harness.record.book import Book
from harness.record.ledger import UNPRICED, Entry, Outcome
from harness.scenario.values import Sample
from harness.verify import reconcile
from harness.verify.reconcile import ExpectedOrder
from harness.verify.story import ToldStory

MOST_REFUSED = 200
"""Refused orders that are looked for: the first ones."""
_WORDS = {
    Outcome.ACKNOWLEDGED: reconcile.ACKNOWLEDGED,
    Outcome.REFUSED: reconcile.REFUSED,
    Outcome.UNKNOWN: reconcile.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Names:
    """How orders and guests are called: the order at a place of a book; the email of a guest; journey, step and currency.

    ``steps`` by their numbers: journey, name, and the currency of the step's orders (empty: unknown before).
    """

    order: Callable[[Book, int], str]
    guest: Callable[[int], str]
    money: Callable[[int], Decimal]
    steps: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Questions:
    """Orders to ask for, in an order that is always the same. ``acknowledged``: how many there are in all.

    ``count`` are asked for. Iterating makes them one after the other.
    """

    books: tuple[Book, ...]
    names: Names
    chosen: frozenset[int] | None
    acknowledged: int
    count: int

    def __iter__(self) -> Iterator[ExpectedOrder]:
        ordinal = refused = 0
        given: set[str] = set()
        for book, entry in _all(self.books):
            outcome = _outcome(book, entry)
            if outcome is Outcome.NO_ORDER:
                continue
            if outcome is Outcome.REFUSED:
                refused += 1
                if refused > MOST_REFUSED:
                    continue
            if outcome is Outcome.ACKNOWLEDGED:
                ordinal += 1
                if self.chosen is not None and ordinal - 1 not in self.chosen:
                    continue
            if entry.place in book.given:
                if book.given[entry.place] in given:
                    continue  # the scenario uses one number twice: there can be only one such order
                given.add(book.given[entry.place])
            journey, step, currency = self.names.steps[entry.step]
            yield ExpectedOrder(
                self.names.order(book, entry.place),
                None if entry.value == UNPRICED else self.names.money(entry.value),
                currency,
                _WORDS[outcome],
                self.names.guest(entry.guest),
                f"{journey}/{step}",
            )


def questions(books: Sequence[Book], names: Names, sample: Sample, seed: int) -> Questions:
    """The orders that are asked for: all that were acknowledged or a sample of them, those unknown, some of those refused."""
    outcomes: Counter[Outcome] = Counter()
    for book in books:
        entries = book.ledger.entries() if book.deletes else ()
        outcomes += Counter(_outcome(book, each) for each in entries) if entries else book.ledger.counts()
    whole = outcomes[Outcome.ACKNOWLEDGED]
    given: set[str] = set()
    for book in books:
        for entry in book.ledger.entries() if book.given else ():
            outcome = _outcome(book, entry)
            if entry.place in book.given and outcome is not Outcome.NO_ORDER:
                number = book.given[entry.place]
                outcomes[outcome] -= number in given
                given.add(number)
    acknowledged = outcomes[Outcome.ACKNOWLEDGED]
    chosen = None
    asked = acknowledged
    if sample.size is not None and sample.size < acknowledged:
        chosen = frozenset(random.Random(seed).sample(range(whole), sample.size))
        asked = sample.size
    count = asked + outcomes[Outcome.UNKNOWN] + min(outcomes[Outcome.REFUSED], MOST_REFUSED)
    return Questions(tuple(books), names, chosen, acknowledged, count)


def stories(told: Sequence[ToldStory], sample: Sample, seed: int) -> tuple[ToldStory, ...]:
    """The stories that are read back, in the order of their guests."""
    clear = [story for story in told if story.clear and story.events]
    size = len(clear) if sample.size is None else min(sample.size, len(clear))
    places = sorted(random.Random(seed).sample(range(len(clear)), size))
    return tuple(clear[place] for place in places)


def _outcome(book: Book, entry: Entry) -> Outcome:
    """What is known of an order; one whose guest was deleted on purpose may have gone with the guest."""
    gone = entry.outcome is Outcome.ACKNOWLEDGED and book.is_deleted(entry.guest)
    return Outcome.UNKNOWN if gone else entry.outcome


def _all(books: Sequence[Book]) -> Iterator[tuple[Book, Entry]]:
    for book in books:
        for entry in book.ledger.entries():
            yield book, entry
