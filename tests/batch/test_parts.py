"""Parts: none too large, nothing lost or broken, the same bytes again, whatever the records and the limit."""

from __future__ import annotations

import gzip
import hashlib
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.batch import origins
from harness.batch import parts as parts_module
from harness.batch.parts import Parts, TooLargeError


def noise(size: int, seed: int) -> bytes:
    """A record that does not compress to much less than half."""
    return random.Random(seed).randbytes(size).hex().encode() + b"\n"


def built(folder: Path, records: list[tuple[bytes, int, int]], limit: int) -> list[parts_module.Written]:
    parts = Parts(folder, limit)
    for record in records:
        parts.add(*record)
    return parts.close()


places = st.tuples(st.integers(0, 3), st.integers(1, 10_000))
records_of = st.lists(
    st.tuples(st.tuples(st.integers(1, 400), st.integers(0, 5)).map(lambda p: noise(*p)), places).map(
        lambda pair: (pair[0], *pair[1])
    ),
    min_size=1,
    max_size=120,
)


@settings(max_examples=60)
@given(records_of, st.integers(900, 4000))
def test_nothing_is_lost_broken_or_too_large(records, limit):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = built(folder, records, limit)
        read: list[bytes] = []
        told: list[tuple[int, int]] = []
        for part in written:
            packed = (folder / part.file).read_bytes()
            assert len(packed) == part.size <= limit
            assert part.checksum == hashlib.md5(packed).hexdigest()
            lines = gzip.decompress(packed).splitlines(keepends=True)
            assert len(lines) == part.records > 0
            read += lines
            from_ = origins.read(origins.path_of(folder, part.file))
            told += [next(from_) for _ in lines]
        assert read == [record for record, _, _ in records]
        assert told == [(source, line) for _, source, line in records]
        assert {each.name for each in folder.iterdir()} == {
            name for part in written for name in (part.file, origins.path_of(folder, part.file).name)
        }


def test_parts_are_full(tmp_path):
    """The next record would not have fitted: no part is smaller than it has to be."""
    records = [(noise(50, number), 0, number) for number in range(500)]
    written = built(tmp_path, records, 5_000)
    assert len(written) > 5
    assert all(part.size > 5_000 - 120 for part in written[:-1])


def test_a_chunk_that_is_larger_than_a_part_is_dealt_out(tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "CHUNK", 1 << 20)
    written = built(tmp_path, [(noise(200, number), 0, number) for number in range(2000)], 20_000)
    assert sum(part.records for part in written) == 2000


def test_a_record_that_fits_nowhere_is_named_and_nothing_of_its_part_stays(tmp_path):
    with pytest.raises(TooLargeError) as wrong:
        built(tmp_path, [(noise(10, 1), 0, 7), (noise(5_000, 2), 2, 9), (noise(10, 3), 0, 8)], 1_000)
    assert (wrong.value.source, wrong.value.line) == (2, 9)
    assert "and 1,000 are allowed" in str(wrong.value)
    assert not list(tmp_path.glob(".*"))


def test_the_same_records_make_the_same_files(tmp_path):
    records = [(noise(50, number), 0, number) for number in range(300)]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert built(tmp_path / "a", records, 5_000) == built(tmp_path / "b", records, 5_000)
