"""Guests: the same for the same seed, each one different, in the shares asked for."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.guests import Identities, make_pool
from harness.guests.identity import base36
from harness.guests.profile import ProfileMaker, mailbox
from harness.scenario.language import LOCALES

MIX = (("en_GB", 0.7), ("de_DE", 0.2), ("ja_JP", 0.1))
FIELDS = ("email", "id", "firstname", "lastname", "country")


def identities(seed: int = 1, size: int = 50) -> Identities:
    return Identities(make_pool(MIX, seed, size), seed, FIELDS, str.encode)


def test_the_same_seed_makes_the_same_guests():
    assert [identities().fields(n) for n in range(200)] == [identities().fields(n) for n in range(200)]
    assert identities(1).fields(3) != identities(2).fields(3)


def test_no_two_guests_share_an_email_or_an_id():
    people = identities()
    rows = [people.fields(number) for number in range(20_000)]
    assert len({row[0] for row in rows}) == len({row[1] for row in rows}) == 20_000
    assert all(row[0].endswith(b"@example.com") and row[0].isascii() for row in rows)


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_different_numbers_are_different_guests(one, other):
    assert (one == other) == (base36(one) == base36(other))
    assert int(base36(one), 36) == one


def test_locales_get_their_shares():
    pool = make_pool(MIX, 1, 1000)
    assert Counter(p.locale for p in pool.profiles) == {"en_GB": 700, "de_DE": 200, "ja_JP": 100}
    assert len({p.locale for p in pool.profiles[:20]}) > 1, "they come mixed"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_makes_whole_people(locale):
    made = ProfileMaker(locale, 1).make()
    for name in ("firstname", "lastname", "street", "city", "postal_code", "phone"):
        assert getattr(made, name).strip(), name
    assert len(made.country) == 2
    assert made.dob[4] == made.dob[7] == "-"


def test_mailboxes_are_plain():
    assert mailbox("Zoë", "O'Brien-Müller") == "zoe.obrienmuller"
    assert mailbox("王", "芳") == "guest"
