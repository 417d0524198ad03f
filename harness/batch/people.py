"""Synthetic guests in the Batch and Guest REST APIs' words, each rendered once and varied by its number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import orjson

from harness.cdp.guests_api import OWN_PROVIDER
from harness.guests import make_pool
from harness.guests.identity import EMAIL_DOMAIN, base36
from harness.guests.profile import Profile

_MARK = "\u0001"
"""Stands for a guest's own mark until it is known; nothing that Faker makes has it."""
COLUMNS = (
    "guestType",
    "title",
    "firstName",
    "lastName",
    "gender",
    "dateOfBirth",
    "email",
    "phoneNumbers",
    "street",
    "city",
    "country",
    "postCode",
    "identifiers.provider",
    "identifiers.id",
)
"""Of a CSV file of guests."""


class People:
    """Guest *i* is a function of locales, seed and *i*: email and id are theirs alone, the rest is a pool's."""

    def __init__(self, locales: tuple[tuple[str, float], ...], seed: int) -> None:
        self._seed = base36(seed)
        values = [_value(profile) for profile in make_pool(locales, seed).profiles]
        escaped = orjson.dumps(_MARK)[1:-1]
        self._json = [orjson.dumps(value).split(escaped) for value in values]
        self._csv = [_csv_row(value).encode().split(_MARK.encode()) for value in values]

    def json(self, first: int = 0) -> Iterator[bytes]:
        """Values as minified JSON, from guest ``first`` on, without end."""
        return self._render(self._json, first)

    def csv(self, first: int = 0) -> Iterator[bytes]:
        """Rows of a CSV file with COLUMNS, without line breaks."""
        return self._render(self._csv, first)

    def _render(self, gapped: list[list[bytes]], first: int) -> Iterator[bytes]:
        people, seed = len(gapped), self._seed
        for number in count(first):
            # Digits, lower-case letters and -: the same in JSON and CSV.
            yield f"{seed}-{base36(number)}".encode("ascii").join(gapped[number % people])


def _value(profile: Profile) -> dict[str, object]:
    return {
        "guestType": "customer",
        "title": profile.title,
        "firstName": profile.firstname,
        "lastName": profile.lastname,
        "gender": profile.gender,
        "dateOfBirth": f"{profile.dob}Z",
        "email": f"{profile.mailbox}.{_MARK}@{EMAIL_DOMAIN}",
        "phoneNumbers": [profile.phone],
        "street": [profile.street],
        "city": profile.city,
        "country": profile.country,
        "postCode": profile.postal_code,
        "identifiers": [{"provider": OWN_PROVIDER, "id": _MARK}],
    }


def _csv_row(value: dict[str, object]) -> str:
    flat = {**value, "identifiers.provider": OWN_PROVIDER, "identifiers.id": _MARK}
    cells = [each[0] if isinstance(each := flat[name], list) else str(each) for name in COLUMNS]
    return ",".join(_cell(each) for each in cells)


def _cell(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""')) if any(c in text for c in ',"\r\n') else text
