"""Builds parts: from inputs, or of synthetic guests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson

from harness.batch.manifest import Part
from harness.batch.origins import path_of
from harness.batch.parts import Parts, TooLargeError, Written
from harness.batch.people import People
from harness.batch.refs import RecordRefs, new_batch_ref
from harness.batch.sources import InputError, files_of, items
from harness.cdp import batch

TELL_EVERY = 20_000
"""Records between two words on how far it is."""


class Made(NamedTuple):
    """A record as a line of a part, and where it comes from: the number of an input, and a line of it."""

    line: bytes
    source: int
    number: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around each value."""

    schema: str
    mode: str

    def __post_init__(self) -> None:
        """Raises InputError for a mode that the schema does not have."""
        modes = batch.MODES[self.schema]
        if self.mode not in modes:
            raise InputError(f"mode {self.mode} is not for {self.schema}s: they have {', '.join(modes)}")

    def around(self, ref: str, value: bytes) -> bytes:
        """A whole line."""
        return b'{"ref":"%s","schema":"%s","mode":"%s","value":%s}\n' % (
            ref.encode("ascii"),
            self.schema.encode("ascii"),
            self.mode.encode("ascii"),
            value,
        )


def from_inputs(inputs: Iterable[Path], frame: Frame, seed: int) -> Iterator[Made]:
    """Records of every input, one after the other. Raises InputError."""
    refs, number = RecordRefs(seed), 0
    for source, path in enumerate(inputs):
        for item in items(files_of(path), frame.schema):
            if item.is_record:
                line = orjson.dumps(item.value) + b"\n"
            else:
                line = frame.around(refs.ref(number), orjson.dumps(_fit(item.value, frame)))
            yield Made(line, source, item.line)
            number += 1


def synthetic(count: int, people: People, frame: Frame, seed: int) -> Iterator[Made]:
    """So many guests."""
    refs = RecordRefs(seed)
    for number, value in enumerate(islice(people.json(), count)):
        yield Made(frame.around(refs.ref(number), value), 0, number + 1)


def build(
    records: Iterable[Made], folder: Path, limit: int, sources: tuple[str, ...], tell: Callable[[int, int], None]
) -> tuple[Part, ...]:
    """Writes the parts. ``tell`` gets the records and the parts so far. Raises InputError, OSError.

    On a mistake nothing is left behind.
    """
    parts = Parts(folder, limit)
    number = 0
    try:
        for number, made in enumerate(records, 1):
            parts.add(*made)
            if number % TELL_EVERY == 0:
                tell(number, len(parts.written) + 1)
        written = parts.close()
    except BaseException as error:
        parts.abandon()
        _remove(folder, parts.written)
        if isinstance(error, TooLargeError):
            where = f"{sources[error.source]}:{error.line}" if sources else f"record {error.line}"
            raise InputError(f"{where}: {error}: shorten the record") from None
        raise
    tell(number, len(written))
    return tuple(Part(each.file, new_batch_ref(), each.checksum, each.size, each.records) for each in written)


def _fit(value: dict[str, object], frame: Frame) -> dict[str, object]:
    """A guest's value says that it is a customer: the only sort that may be uploaded."""
    if frame.schema == batch.GUEST and frame.mode not in batch.DELETES and "guestType" not in value:
        return {"guestType": "customer", **value}
    return value


def _remove(folder: Path, written: Iterable[Written]) -> None:
    for each in written:
        (folder / each.file).unlink(missing_ok=True)
        path_of(folder, each.file).unlink(missing_ok=True)
