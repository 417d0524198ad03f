"""The list of guests with many of them: by page, by browser id, by name; the same whichever way it is looked up."""

from __future__ import annotations

import orjson
import pytest

from harness.sandbox import guests
from harness.sandbox.config import SandboxConfig
from harness.sandbox.store import Store

from .client import POS

COUNT = 3_000


@pytest.fixture(scope="module")
def store() -> Store:
    made = Store(SandboxConfig())
    for number in range(COUNT):
        name = {"firstname": f"Ann{number}", "lastname": "Bell" if number % 2 else "Quist"}
        event = {"type": "IDENTITY", "channel": "WEB", "pos": POS, "email": f"ann.{number}@example.com", **name}
        event["browser_id"] = made.create_browser()
        made.record(event, orjson.dumps(event))
    return made


def names(found: list[guests.Guest]) -> list[str]:
    return [guest.name.split()[0] for guest in found]


def test_pages_are_the_same_from_either_end(store: Store) -> None:
    newest = [f"Ann{number}" for number in reversed(range(COUNT))]
    for offset, limit in ((0, 50), (1_490, 50), (1_600, 200), (2_950, 50), (2_990, 50), (3_000, 50), (9_999, 50)):
        total, page = store.search("", offset, limit)
        assert (total, names(page)) == (COUNT, newest[offset : offset + limit])


def test_who_is_named_is_found_alone(store: Store) -> None:
    guest = list(store.guests.values())[5]
    for query in (guest.browsers[0], guest.ref.upper(), " ANN.5@example.com "):
        assert store.search(query, 0, 50) == (1, [guest])
    assert store.search("ann.5@example.co", 0, 50) == (1, [guest]), "a part of it is looked for in all"
    assert store.search(store.create_browser(), 0, 50) == (0, []), "nobody yet"


def test_by_a_name_the_latest_come_first_whether_few_or_many(store: Store) -> None:
    wanted = [f"Ann{number}" for number in reversed(range(COUNT)) if number % 2]
    assert len(wanted) > guests._MANY
    total, page = store.search("BELL", 10, 20)
    assert (total, names(page)) == (len(wanted), wanted[10:30])
    total, page = store.search("ann29", 0, 200)
    few = [each for each in (f"Ann{number}" for number in reversed(range(COUNT))) if each.startswith("Ann29")]
    assert (total, names(page)) == (len(few), few)
