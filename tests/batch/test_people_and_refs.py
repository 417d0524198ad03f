"""Synthetic guests: the same for the same seed, each one different, in JSON and CSV alike; refs that are UUIDs."""

from __future__ import annotations

import csv
import io
import uuid
from itertools import islice

import orjson

from harness.batch.people import COLUMNS, People
from harness.batch.refs import RecordRefs, new_batch_ref
from harness.batch.sources import items
from harness.cdp.batch_rules import flaw

LOCALES = (("en_GB", 0.5), ("ja_JP", 0.25), ("de_DE", 0.25))
MANY = 3_000


def test_every_guest_is_right_and_their_own():
    people = People(LOCALES, 7)
    values = [orjson.loads(value) for value in islice(people.json(), MANY)]
    assert len({value["email"] for value in values}) == len({v["identifiers"][0]["id"] for v in values}) == MANY
    refs = RecordRefs(7)
    for number, value in enumerate(values):
        assert flaw({"ref": refs.ref(number), "schema": "guest", "mode": "upsert", "value": value}) is None
    assert orjson.loads(next(people.json(2_500))) == values[2_500]
    assert {value["country"] for value in values} == {"GB", "JP", "DE"}


def test_the_seed_decides():
    first, again, other = (list(islice(People(LOCALES, seed).json(), 50)) for seed in (1, 1, 2))
    assert first == again
    assert not set(first) & set(other)


def test_csv_says_the_same_as_json(tmp_path):
    people = People(LOCALES, 3)
    rows = b"\n".join(islice(people.csv(), 1200)).decode()
    (tmp_path / "guests.csv").write_text(",".join(COLUMNS) + "\n" + rows + "\n", "utf-8")
    assert [len(row) for row in csv.reader(io.StringIO(rows))] == [len(COLUMNS)] * 1200
    read = [item.value for item in items(tmp_path / "guests.csv", "guest")]
    assert read == [orjson.loads(value) for value in islice(people.json(), 1200)]


def test_refs_are_uuids_of_version_5_and_follow_from_the_seed():
    made = [RecordRefs(1).ref(number) for number in range(500)]
    assert made == [RecordRefs(1).ref(number) for number in range(500)]
    assert len({*made, *(RecordRefs(2).ref(number) for number in range(500))}) == 1000
    assert {(uuid.UUID(ref).version, uuid.UUID(ref).variant) for ref in made} == {(5, uuid.RFC_4122)}


def test_refs_of_batches_are_never_the_same():
    made = {new_batch_ref() for _ in range(1000)}
    assert len(made) == 1000
