"""Looks through batch files before anything is sent: what would be answered 400 or 409, and what the log would hold."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from harness.batch.lines import UnreadableError, first_bytes, is_gzip, lines
from harness.batch.manifest import BUILT, Manifest, Part
from harness.cdp import batch
from harness.cdp.batch_rules import flaw, identities

MOST_SHOWN = 100
"""Findings that are kept of a check, beside the counts."""
MOST_OF_A_SORT = 20
"""Of one sort, so that one mistake in every record leaves room for others."""
MOST_REMEMBERED = 8_000_000
"""Refs, and identities, among which a second one is noticed: eight bytes each."""
TELL_EVERY = 50_000
READ_AT_ONCE = 1 << 20

WAYS_OUT = {
    "gzip": "compress it with gzip: harness batch build does",
    "checksum": "the file was changed after it was built: build it again",
    "size": "split it: harness batch build FILE --out DIR",
    "json": "write each record as one line of JSON, minified, without line breaks in it",
    "ref": "give each record a UUID of its own: harness batch build does",
    "schema": "use guest, order or tracking",
    "mode": "use a mode that the schema has",
    "value": "put the guest or the order into value, as a JSON object",
    "field": "correct the field, or leave it out",
    "required": "add the field",
    "identity": "add an email, or identifiers with provider and id",
    "empty": "a file needs at least one record",
    "batch ref": "make a new one: harness batch upload --again does",
    "exists": "use upsert, which creates or updates, or leave the record out",
    "twice": "keep one of the two",
    "minified": "harness batch build writes each record minified",
    "insert": "use upsert, which both of Sitecore's pages know",
    "migration": "it is Sitecore's, but neither checked here nor known to the sandbox",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake (or a warning): the status that it would be answered with, or the code that the log would have for it.

    ``line`` 0: the file as a whole.
    """

    file: str
    line: int
    sort: str
    code: int
    message: str
    is_error: bool = True

    @property
    def way_out(self) -> str:
        """What to do about it."""
        return WAYS_OUT[self.sort]


@dataclass(slots=True)
class Check:
    """What was found, bounded; the counts are of all."""

    files: int = 0
    records: int = 0
    bytes: int = 0
    modes: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    shown: list[Found] = field(default_factory=list)
    creates: list[tuple[str, int, tuple[str, str]]] = field(default_factory=list)
    """File, line and identity of the first records that create a guest: whether that exists, a target can tell."""
    complete: bool = True
    """Whether each ref and identity was remembered."""

    def add(self, found: Found) -> None:
        """Counts it, and keeps it if there is room."""
        counted = self.errors if found.is_error else self.warnings
        counted[found.sort] += 1
        if counted[found.sort] <= MOST_OF_A_SORT and len(self.shown) < MOST_SHOWN:
            self.shown.append(found)


MOST_CREATES = 100


class Checker:
    """Checks files one after the other; refs and identities count over all of them."""

    def __init__(self, tell: Callable[[int], None] = lambda records: None, limit: int = batch.LARGEST_FILE) -> None:
        self.check = Check()
        self._tell = tell
        self._limit = limit
        self._refs = _Seen()
        self._guests = _Seen()
        self._files: list[Path] = []

    def file(self, path: Path, part: Part | None = None) -> None:
        """A file of records; ``part`` is what a manifest says of it. Raises UnreadableError."""
        self.check.files += 1
        self._files.append(path)
        is_zipped = is_gzip(path)
        size, checksum = digest(path)
        self.check.bytes += size
        if not is_zipped:
            what = "is a zip file, not gzip" if first_bytes(path, 2) == b"PK" else "is not compressed"
            self._whole(path, "gzip", f"{what}: the CDP takes gzip only")
        if size > self._limit:
            self._whole(path, "size", f"has {size:,} bytes, and {self._limit:,} are allowed")
        if part is not None and (size != part.size or checksum != part.checksum):
            self._whole(path, "checksum", "is not the file of the manifest: checksum or size differ")
        if part is not None and part.state != BUILT:
            what = f"the batch ref {part.ref} was used before (the part is {part.state}): 409 if it is asked for again"
            self.check.add(Found(str(path), 0, "batch ref", 409, what, is_error=False))
        before = self.check.records
        for number, line, whole in lines(path):
            self._record(path, number, line, whole)
        if self.check.records == before:
            self._whole(path, "empty", "holds no record")

    def end(self) -> Check:
        """What is only known when all files were read."""
        self.check.complete = self._refs.complete and self._guests.complete
        self._repeated(self._refs, "ref", "ref {} stands in two records")
        self._repeated(self._guests, "twice", "the guest stands in two records: the second one would change the first")
        return self.check

    def _record(self, path: Path, number: int, line: bytes, whole: bool) -> None:
        self.check.records += 1
        if self.check.records % TELL_EVERY == 0:
            self._tell(self.check.records)
        try:
            record = orjson.loads(line) if whole else None
        except orjson.JSONDecodeError as error:
            self._found(path, number, "json", batch.INVALID, f"is no JSON: {error}")
            return
        if isinstance(record, dict) and record.get("schema") == batch.MIGRATION:
            self._found(path, number, "migration", 0, "moves one guest's history to another", is_error=False)
            return
        wrong = flaw(record)
        if wrong is not None:
            self._found(path, number, wrong.sort, wrong.code, wrong.message)
            return
        assert isinstance(record, dict)
        self._sound(path, number, line, record)

    def _sound(self, path: Path, number: int, line: bytes, record: dict[str, Any]) -> None:
        schema, mode = record["schema"], record["mode"]
        self.check.modes[schema, mode] += 1
        self._refs.add(record["ref"].lower())
        # Whoever leaves spaces leaves them from the beginning on: only then is it worth writing the record anew.
        if b": " in line[:60] and len(orjson.dumps(record)) < len(line):
            self._found(path, number, "minified", batch.INVALID, "is not minified", is_error=False)
        if schema != batch.GUEST:
            return
        known = identities(record["value"])
        self._guests.add(f"{known[0][0]}\0{known[0][1]}")
        if mode == batch.INSERT:
            what = "insert of guests: an older page of Sitecore's says what it does, the newer one that it is not supported"
            self._found(path, number, "insert", batch.BAD_MODE, what, is_error=False)
        if mode == batch.CREATE and len(self.check.creates) < MOST_CREATES:
            self.check.creates.append((str(path), number, known[0]))

    def _repeated(self, seen: _Seen, sort: str, message: str) -> None:
        """Reads the files once more, if something came twice, to say where."""
        twice = seen.repeated()
        if not twice:
            return
        met: set[str] = set()
        for path in self._files:
            for number, record in _sound_records(path):
                text = _key(record, sort)
                if not text or hashed(text) not in twice:
                    continue
                if text in met:
                    creates = sort == "twice" and record["mode"] == batch.CREATE
                    code = batch.EXISTS if creates else batch.INVALID
                    told = "exists" if creates else sort
                    what = "creates a guest whom an earlier record has" if creates else message.format(record["ref"])
                    self._found(path, number, told, code, what, is_error=creates or sort == "ref")
                elif len(met) < MOST_REMEMBERED // 100:
                    met.add(text)

    def _whole(self, path: Path, sort: str, message: str) -> None:
        self.check.add(Found(str(path), 0, sort, 400, message))

    def _found(self, path: Path, line: int, sort: str, code: int, message: str, is_error: bool = True) -> None:
        self.check.add(Found(str(path), line, sort, code, message, is_error))


def used(check: Check, manifest: Manifest, refs: frozenset[str], files: dict[str, str]) -> None:
    """Notes parts whose batch refs a target knows already. ``files`` are shown names by a part's own."""
    for part in manifest.parts:
        if part.ref in refs and part.state == BUILT:
            what = f"the batch ref {part.ref} was used before: 409"
            check.add(Found(files[part.file], 0, "batch ref", 409, what))


def existing(check: Check, there: frozenset[tuple[str, str]]) -> None:
    """Notes records that create a guest who exists at a target."""
    for file, line, identity in check.creates:
        if identity in there:
            check.add(Found(file, line, "exists", batch.EXISTS, "creates a guest who exists"))


def digest(path: Path) -> tuple[int, str]:
    """Bytes of a file, and its MD5 in hex. Raises UnreadableError."""
    md5, size = hashlib.md5(usedforsecurity=False), 0
    try:
        with path.open("rb") as file:
            while some := file.read(READ_AT_ONCE):
                md5.update(some)
                size += len(some)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    return size, md5.hexdigest()


def hashed(text: str) -> int:
    """64 bits of a text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


class _Seen:
    """Remembers so many texts, by 64 bits of each."""

    def __init__(self) -> None:
        self._hashes = array("Q")
        self.complete = True

    def add(self, text: str) -> None:
        if not text:
            return
        if len(self._hashes) >= MOST_REMEMBERED:
            self.complete = False
            return
        self._hashes.append(hashed(text))

    def repeated(self) -> frozenset[int]:
        """The hashes that came twice, a bounded number of them."""
        ordered = np.frombuffer(self._hashes, dtype=np.uint64) if self._hashes else np.empty(0, dtype=np.uint64)
        ordered.sort()
        same = ordered[1:][ordered[1:] == ordered[:-1]]
        return frozenset(int(each) for each in same[: MOST_REMEMBERED // 100])


def _sound_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line, whole in lines(path):
        try:
            record = orjson.loads(line) if whole else None
        except orjson.JSONDecodeError:
            continue
        if flaw(record) is None:
            assert isinstance(record, dict)
            yield number, record


def _key(record: dict[str, Any], sort: str) -> str:
    if sort == "ref":
        return str(record["ref"]).lower()
    if record["schema"] != batch.GUEST:
        return ""
    provider, id_ = identities(record["value"])[0]
    return f"{provider}\0{id_}"
