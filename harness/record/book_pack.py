"""A book as plain values, to travel from a worker to the master."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.record.book import Book
from harness.record.ledger import Ledger
from harness.record.stories import Sent, Stories, Story
from harness.record.two_bits import TwoBits


def pack_book(book: Book) -> dict[str, Any]:
    """The book; ``unpack_book`` takes it back."""
    return {
        "index": book.index,
        "stride": book.stride,
        "ledger": book.ledger.pack(),
        "guests": [len(book.guests), book.guests.to_bytes()],
        "given": [[place, number] for place, number in book.given.items()],
        "stories": [[story.guest, story.too_long, [list(sent) for sent in story.sent]] for story in book.stories.all()],
    }


def unpack_book(packed: Mapping[str, Any]) -> Book:
    """The book that ``pack_book`` made."""
    count, bits = packed["guests"]
    stories = []
    for guest, too_long, sent in packed["stories"]:
        story = Story(guest)
        story.sent = [Sent(*each) for each in sent]
        story.too_long = too_long
        stories.append(story)
    return Book(
        packed["index"],
        packed["stride"],
        Ledger.unpack(packed["ledger"]),
        TwoBits(bits, count),
        dict(packed["given"]),
        Stories.of(stories),
    )
