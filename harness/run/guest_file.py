"""A file of guests, read record by record: JSON lines, or CSV with a header. Memory does not grow with it."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cdp.guest_records import guest_of

LONGEST_LINE = 1 << 18
MOST_COLUMNS = 1000


class GuestFileError(ValueError):
    """The file cannot be used; the text says so."""


@dataclass(frozen=True, slots=True)
class Record:
    """One guest. ``line``: where it begins, from 1. ``wrong``: why it cannot be sent. ``mark``: of what stands there."""

    line: int
    fields: dict[str, Any]
    wrong: tuple[str, ...]
    mark: str


def records(path: Path) -> Iterator[Record]:
    """The records of a file. Raises GuestFileError, OSError."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            first = file.readline(LONGEST_LINE)
            file.seek(0)
            if first.lstrip().startswith(("{", "[")):
                yield from _json_lines(file)
            else:
                yield from _rows(file)
        except UnicodeDecodeError:
            raise GuestFileError(f"{path} is not UTF-8") from None
        except csv.Error as error:
            raise GuestFileError(f"{path} is not CSV: {error}") from None


def _json_lines(file: Any) -> Iterator[Record]:
    line = 0
    while text := file.readline(LONGEST_LINE):
        line += 1
        if not text.endswith("\n") and len(text) >= LONGEST_LINE:
            raise GuestFileError(f"line {line} is longer than {LONGEST_LINE:,} characters")
        if not text.strip():
            continue
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield Record(line, {}, (f"no JSON: {error}",), _mark(text))
            continue
        if not isinstance(found, dict):
            yield Record(line, {}, ("no JSON object",), _mark(text))
            continue
        yield _record(line, found, text)


def _rows(file: Any) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_LINE)
    rows = csv.reader(file, strict=True)
    header = [name.strip() for name in next(rows, [])]
    if not any(header) or len(header) > MOST_COLUMNS:
        raise GuestFileError("the first line names no columns: email, firstName, lastName …")
    if len(set(header)) < len(header):
        raise GuestFileError("the first line names a column twice")
    line = rows.line_num + 1
    for cells in rows:
        text = "\0".join(cells)
        if len(cells) > len(header):
            yield Record(line, {}, (f"{len(cells)} cells, and there are {len(header)} columns",), _mark(text))
        elif any(cells):
            yield _record(line, dict(zip(header, cells, strict=False)), text)
        line = rows.line_num + 1


def _record(line: int, found: dict[str, Any], text: str) -> Record:
    fields, wrong = guest_of(found)
    return Record(line, fields, tuple(wrong), _mark(text))


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
