"""Inputs of a build: batch records, values as JSON lines, CSV, and the guests of a run. Read line by line.

What a line of JSON is, it says itself: with ``ref``, ``schema``, ``mode`` and ``value`` it is a record and stays as it
is; with ``guest``, ``email`` and ``state`` it is a guest of a run; else it is the value of a record.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from harness.batch.lines import UnreadableError, lines, opened
from harness.cdp.guests_api import FIELDS, PHONE_ATTRIBUTES, TEXTS

RECORD_KEYS = frozenset({"ref", "schema", "mode", "value"})
_RUN_KEYS = frozenset({"guest", "email", "state"})
MOST_COLUMNS = 1_000
LONGEST_CELL = 1 << 20
LIST_SEPARATOR = "|"
"""Between the texts of a list in a CSV cell."""
_BY_ATTRIBUTE = {field.attribute: field.name for field in FIELDS.values() if field.attribute}


class InputError(ValueError):
    """An input that cannot be used; the text says where, why, and what would help."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record or value, and the line it stands in, counted from 1."""

    line: int
    value: dict[str, Any]
    is_record: bool = False


def files_of(path: Path) -> Path:
    """The file that is meant: of a run directory its guests. Raises InputError."""
    if path.is_dir():
        guests = path / "guests.jsonl"
        if not guests.is_file():
            raise InputError(f"{path} is a directory without guests.jsonl: name a file, or a directory of a run")
        return guests
    if not path.exists():
        raise InputError(f"{path} does not exist")
    return path


def items(path: Path, schema: str) -> Iterator[Item]:
    """What a file holds, for records of a schema. Raises InputError."""
    name = path.name.lower().removesuffix(".gz")
    try:
        yield from _csv(path, schema) if name.endswith(".csv") else _json(path)
    except UnreadableError as error:
        raise InputError(str(error)) from None


def _json(path: Path) -> Iterator[Item]:
    for number, line, whole in lines(path):
        if not whole:
            raise InputError(f"{path}:{number}: a line of more than 64 MiB: no record is that long")
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            whole_file = number == 1 and line[:1] in (b"[", b"{")
            hint = "one record a line is wanted, for example from jq -c '.[]'" if whole_file else "mend or remove it"
            raise InputError(f"{path}:{number}: not JSON: {error}; {hint}") from None
        if not isinstance(value, dict):
            raise InputError(
                f"{path}:{number}: no JSON object, but one record a line is wanted: jq -c '.[]' makes that"
            )
        if value.keys() >= RECORD_KEYS:
            yield Item(number, value, is_record=True)
        elif value.keys() >= _RUN_KEYS:
            yield Item(number, {"email": value["email"]})
        else:
            yield Item(number, value)


def _csv(path: Path, schema: str) -> Iterator[Item]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        with opened(path) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            head = next(reader, [])
            if not head or len(head) > MOST_COLUMNS:
                raise InputError(f"{path}:1: the names of 1 to {MOST_COLUMNS:,} columns are wanted in the first line")
            columns = [_column(name.strip(), schema) for name in head]
            begun = reader.line_num + 1
            for row in reader:
                if row:
                    if len(row) != len(head):
                        what = f"{len(row)} cells where the first line has {len(head)}"
                        raise InputError(f"{path}:{begun}: {what}: quote cells that have a comma in them")
                    yield Item(begun, _nested(columns, row))
                begun = reader.line_num + 1
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8: save it as CSV UTF-8") from None
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: {error}") from None
    except (OSError, EOFError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _column(name: str, schema: str) -> tuple[str, bool]:
    """Where a column's cells go in a value, and whether a cell is a list."""
    if schema == "guest":
        if name in PHONE_ATTRIBUTES:
            name = "phoneNumbers"
        name = _BY_ATTRIBUTE.get(name, name)
        return name, name in FIELDS and FIELDS[name].kind == TEXTS
    return name, False


def _nested(columns: list[tuple[str, bool]], row: list[str]) -> dict[str, Any]:
    """A row as a value; empty cells are left out. ``identifiers.provider`` and ``.id`` make one identifier."""
    value: dict[str, Any] = {}
    identifier: dict[str, str] = {}
    for (name, is_list), cell in zip(columns, row, strict=True):
        text = cell.strip()
        if not text:
            continue
        if name.startswith("identifiers."):
            identifier[name.removeprefix("identifiers.")] = text
        elif is_list:
            value.setdefault(name, []).extend(part.strip() for part in text.split(LIST_SEPARATOR))
        else:
            value[name] = text
    if identifier:
        value["identifiers"] = [identifier]
    return value
