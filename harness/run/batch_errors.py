"""Error logs: fetched, unpacked within bounds, joined to the lines that the records were made from."""

from __future__ import annotations

import csv
import io
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from harness.batch.joining import Errors, RecordError, entry, join
from harness.batch.manifest import Manifest, Part
from harness.engine.batch_api import BatchApi
from harness.engine.target_errors import TargetError
from harness.run.batch_files import Bundle, private
from harness.run.directory import write_whole

LARGEST_LOG = 64 << 20
"""Bytes of a log that are fetched."""
LARGEST_UNPACKED = 1 << 30
LONGEST_LINE = 1 << 16
AT_ONCE = 64 * 1024
_GZIP_OR_ZLIB = 47
HEAD = ("source", "line", "code", "message", "ref", "schema", "mode", "part")


@dataclass(frozen=True, slots=True)
class PartErrors:
    """What went wrong in a part. ``note`` says why nothing is known, or not all."""

    part: str
    ref: str
    errors: Errors
    note: str = ""


def errors_of(api: BatchApi, bundle: Bundle, manifest: Manifest, most: int, out: Path | None) -> list[PartErrors]:
    """Of each part that has a log; with ``out`` all that are joined go into that CSV file. Raises TargetError, OSError."""
    kept = most if out is None else 1 << 62
    found = [
        _of_part(api, bundle, manifest, part, kept) for part in manifest.parts if part.has_log or part.state == "error"
    ]
    if out is not None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEAD)
        for each in found:
            writer.writerows([_cell(getattr(error, name)) for name in HEAD] for error in each.errors.first)
        with private():
            write_whole(out.parent, out.name, text.getvalue().encode("utf-8", "replace"))
    return found


def log_of(api: BatchApi, ref: str, most: int) -> PartErrors:
    """Of a batch whose file is not here: codes and messages, no lines. Raises TargetError."""
    with _scratch() as file:
        note = _fetch(api, ref, file)
        first: list[RecordError] = []
        by_code: Counter[int] = Counter()
        for code, ref_of, message in _entries(file):
            by_code[code] += 1
            if len(first) < most:
                first.append(RecordError(ref_of, code, message, "", "", 0))
    return PartErrors("", ref, Errors(tuple(first), by_code), note)


def _of_part(api: BatchApi, bundle: Bundle, manifest: Manifest, part: Part, most: int) -> PartErrors:
    if not part.has_log:
        return PartErrors(
            part.file, part.ref, Errors((), Counter()), "there is no log: a file that is no gzip has none"
        )
    with _scratch() as file:
        note = _fetch(api, part.ref, file)
        errors = join(_lines(file), bundle.folder, part.file, manifest.sources, most)
    return PartErrors(part.file, part.ref, errors, note)


def _scratch() -> BinaryIO:
    return cast(BinaryIO, tempfile.TemporaryFile())


def _fetch(api: BatchApi, ref: str, file: BinaryIO) -> str:
    """The log of a batch; a note if it was cut. Raises TargetError."""
    status = api.status(ref)
    if status is None:
        raise TargetError(f"the target knows no batch {ref}")
    if status.log is None:
        return f"there is no log: the batch is {status.code}"
    whole = api.log(status.log, file, LARGEST_LOG)
    return "" if whole else f"the log is larger than {LARGEST_LOG >> 20} MB: the first errors alone were looked at"


def _entries(file: BinaryIO) -> Iterator[tuple[int, str, str]]:
    for line in _lines(file):
        if (told := entry(line)) is not None:
            yield told[1].code, told[0], told[1].message


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines of a log that is gzip, or is not; what is damaged ends it."""
    rest = b""
    for piece in _unpacked(file):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > LONGEST_LINE:
            rest = b""
    if rest:
        yield rest


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    if file.read(2) != b"\x1f\x8b":
        file.seek(0)
        while piece := file.read(AT_ONCE):
            yield piece
        return
    file.seek(0)
    gzip, total, packed = zlib.decompressobj(_GZIP_OR_ZLIB), 0, b""
    while packed or (packed := file.read(AT_ONCE)):
        try:
            piece = gzip.decompress(packed, AT_ONCE)
        except zlib.error:
            return
        packed = gzip.unconsumed_tail
        total += len(piece)
        if total > LARGEST_UNPACKED:
            return
        yield piece
        if gzip.eof:
            packed, gzip = gzip.unused_data, zlib.decompressobj(_GZIP_OR_ZLIB)


def _cell(value: object) -> str:
    """Text that a spreadsheet does not take for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text[:1] else text
