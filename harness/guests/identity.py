"""Identities: guest number *i* of a run, always the same for the same seed, never the same for another number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from harness.guests.pool import Pool

EMAIL_DOMAIN = "example.com"
"""Reserved for examples (RFC 2606): nobody's mailbox."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


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
    and ``id``, which carry the seed and the number and so are unique.
    """

    def __init__(self, pool: Pool, seed: int, fields: tuple[str, ...], encode: Callable[[str], bytes]) -> None:
        self._seed = base36(seed)
        self._encode = encode
        self._unique = [place for place, name in enumerate(fields) if name in ("email", "id")]
        self._fields = fields
        self._rows: list[tuple[bytes, ...]] = []
        for profile in pool.profiles:
            known = asdict(profile)
            self._rows.append(tuple(encode(str(known.get(name, ""))) for name in fields))
        self._mailboxes = [profile.mailbox for profile in pool.profiles]

    def fields(self, number: int) -> list[bytes]:
        """The wanted fields of one guest, in order."""
        place = number % len(self._rows)
        row = list(self._rows[place])
        mark = f"{self._seed}-{base36(number)}"
        for unique in self._unique:
            text = mark if self._fields[unique] == "id" else f"{self._mailboxes[place]}.{mark}@{EMAIL_DOMAIN}"
            row[unique] = self._encode(text)
        return row
