"""The file ledger.bin of a run directory: the books of all processes, to verify or clean up later.

A line of JSON that says what follows, then the bytes that it counts. No pickle: nothing in it can run.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.record.book import Book
from harness.record.ledger import Ledger
from harness.record.run_file import read as read_file
from harness.record.two_bits import TwoBits

FORMAT = 1
LARGEST = 1 << 30
"""Bytes of a file that is read."""


class BookFileError(ValueError):
    """The file is not what ``to_bytes`` gives; the text says so."""


def to_bytes(books: Sequence[Book]) -> bytes:
    """The books as one piece."""
    heads: list[dict[str, Any]] = []
    pieces: list[bytes] = []
    for book in books:
        count, *parts = book.ledger.pack()
        heads.append(
            {
                "index": book.index,
                "stride": book.stride,
                "orders": count,
                "parts": [len(part) for part in parts],
                "guests": len(book.guests),
                "given": {str(place): number for place, number in book.given.items()},
            }
        )
        pieces += [*parts, book.guests.to_bytes()]
    return json.dumps({"format": FORMAT, "books": heads}).encode() + b"\n" + b"".join(pieces)


def read(path: Path) -> tuple[Book, ...]:
    """The books of a file. Raises OSError, BookFileError."""
    head, _, rest = read_file(path, LARGEST).partition(b"\n")
    try:
        told = json.loads(head)
        if told["format"] != FORMAT:
            raise BookFileError(f"{path} is of format {told['format']}, this version reads format {FORMAT}")
        books, at = [], 0
        for each in told["books"]:
            parts = []
            for length in (*each["parts"], (each["guests"] + 3) // 4):
                parts.append(rest[at : at + length])
                at += length
            ledger = Ledger.unpack([each["orders"], *parts[:-1]])
            given = {int(place): str(number) for place, number in each["given"].items()}
            books.append(Book(each["index"], each["stride"], ledger, TwoBits(parts[-1], each["guests"]), given))
    except BookFileError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error) as error:
        raise BookFileError(f"{path} is not a ledger of this version ({error})") from None
    return tuple(books)
