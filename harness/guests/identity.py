"""Identities: guest number *i* of a run, always the same for the same seed, never the same for another number."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict

from harness.guests.pool import Pool
from harness.scenario.model import Feed

EMAIL_DOMAIN = "example.com"
"""Reserved for examples (RFC 2606): nobody's mailbox."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class RanOutError(Exception):
    """Guests come from a file, and there are no more; the text says so."""


def base36(number: int) -> str:
    """A number from 0 on in base 36, lower case."""
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


class Identities:
    """Gives the fields of guest number *i*, encoded for their place, for the price of two joins.

    ``fields`` names what is wanted, ``encode`` encodes a text. Fields: those of ``Profile``, and ``email``
    and ``id``, which carry the seed and the number and so are unique. A ``feed`` replaces what its rows have.
    """

    def __init__(
        self,
        pool: Pool,
        seed: int,
        fields: tuple[str, ...],
        encode: Callable[[str], bytes],
        feed: Feed | None = None,
    ) -> None:
        self._seed = base36(seed)
        self._encode = encode
        self._unique = [place for place, name in enumerate(fields) if name in ("email", "id")]
        self._fields = fields
        self._people = [asdict(profile) for profile in pool.profiles]
        self._rows = [tuple(encode(str(known.get(name, ""))) for name in fields) for known in self._people]
        self._prefixes = [encode(f"{known['mailbox']}.") for known in self._people]
        self._suffix = encode(f"@{EMAIL_DOMAIN}")
        self._feed = feed
        self._dice = seed

    def fields(self, number: int) -> list[bytes]:
        """The wanted fields of one guest, in order. Raises RanOutError."""
        place = number % len(self._rows)
        row = list(self._rows[place])
        # Digits, lower-case letters and -: the same in every encoding.
        mark = f"{self._seed}-{base36(number)}".encode("ascii")
        for unique in self._unique:
            is_id = self._fields[unique] == "id"
            row[unique] = mark if is_id else b"%s%s%s" % (self._prefixes[place], mark, self._suffix)
        if self._feed is not None:
            given = dict(self._feed.rows[self._row(number)])
            for place, name in enumerate(self._fields):
                if name in given:
                    row[place] = self._encode(given[name])
        return row

    def text(self, number: int, field: str) -> str:
        """One field of a guest as text."""
        if self._feed is not None:
            given = dict(self._feed.rows[self._row(number)])
            if field in given:
                return given[field]
        return self._made(number, field)

    def given(self, number: int, column: str) -> str:
        """What the feed's row of a guest has in a column; empty without a feed, or where it has nothing."""
        return dict(self._feed.rows[self._row(number)]).get(column, "") if self._feed is not None else ""

    def _made(self, number: int, field: str) -> str:
        mark = f"{self._seed}-{base36(number)}"
        person = self._people[number % len(self._people)]
        if field == "id":
            return mark
        if field == "email":
            return f"{person['mailbox']}.{mark}@{EMAIL_DOMAIN}"
        return str(person.get(field, ""))

    def _row(self, number: int) -> int:
        """Which row of the feed is this guest's."""
        feed = self._feed
        assert feed is not None
        rows = len(feed.rows)
        if feed.order == "random":
            return random.Random((self._dice << 64) + number).randrange(rows)
        if number < rows or feed.wrap:
            return number % rows
        raise RanOutError(
            f"{feed.source} has {rows} rows, and a guest for line {feed.first_line + number} is wanted: "
            "give it more rows, or wrap: true"
        )
