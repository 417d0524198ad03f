"""A person as Faker makes them. The only place that imports Faker."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from faker import Faker


@dataclass(frozen=True, slots=True)
class Profile:
    """A person, without what makes them unique. ``dob`` is ISO 8601; ``country`` two letters; ``mailbox`` ASCII."""

    locale: str
    title: str
    firstname: str
    lastname: str
    gender: str
    dob: str
    street: str
    city: str
    country: str
    postal_code: str
    phone: str
    mailbox: str


class ProfileMaker:
    """Makes people of one locale; the same seed makes the same people in the same order."""

    def __init__(self, locale: str, seed: int) -> None:
        self._locale = locale
        self._fake: Any = Faker(locale)
        self._fake.seed_instance(f"{locale}/{seed}")

    def make(self) -> Profile:
        """The next person."""
        fake = self._fake
        female = fake.pybool()
        first = fake.first_name_female() if female else fake.first_name_male()
        last = fake.last_name()
        return Profile(
            locale=self._locale,
            title="Ms" if female else "Mr",
            firstname=first,
            lastname=last,
            gender="female" if female else "male",
            dob=f"{fake.date_of_birth(minimum_age=18, maximum_age=85).isoformat()}T00:00",
            street=fake.street_address().replace("\n", ", "),
            city=fake.city(),
            country=self._locale[-2:],
            postal_code=fake.postcode(),
            phone=fake.phone_number(),
            mailbox=mailbox(first, last),
        )


def mailbox(first: str, last: str) -> str:
    """``first.last`` in plain ASCII, ``guest`` where nothing of a name is left."""
    words = (re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", word.lower())) for word in (first, last))
    return ".".join(word[:20] for word in words if word) or "guest"
