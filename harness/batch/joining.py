"""An error log joined back: from what the CDP says of a record to the line that the record was made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from harness.batch import origins
from harness.batch.lines import lines

MOST_JOINED = 200_000
"""Errors that are joined; those beyond are counted."""
LONGEST_MESSAGE = 500
FIRST_ERROR = 400
"""A log may tell of what went well, too: those codes are lower."""


@dataclass(frozen=True, slots=True)
class RecordError:
    """What the CDP says of one record. ``source`` and ``line``: where it was made from; else the part and its line.

    Both are empty for what is about no record that can be found.
    """

    ref: str
    code: int
    message: str
    part: str
    source: str
    line: int
    schema: str = ""
    mode: str = ""


class _Said(NamedTuple):
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Errors:
    """Of one part: the first errors in the order of the file, and how many there are by code."""

    first: tuple[RecordError, ...]
    by_code: Counter[int]
    cut: bool = False
    """Whether there were more than are joined."""


def join(log: Iterable[bytes], folder: Path, part: str, sources: tuple[str, ...], most: int) -> Errors:
    """The errors of a log. Raises UnreadableError when the part cannot be read."""
    said: dict[str, _Said] = {}
    loose: list[RecordError] = []
    by_code: Counter[int] = Counter()
    cut = False
    for line in log:
        found = entry(line)
        if found is None:
            continue
        ref, told = found
        by_code[told.code] += 1
        if not ref:
            loose += [RecordError("", *told, part, "", 0)] if len(loose) < most else []
        elif len(said) < MOST_JOINED:
            said[ref] = told
        else:
            cut = True
    first = _first(said, folder, part, sources, most) if said else []
    # What is left is about no record of the part.
    lost = [RecordError(ref, *told, part, "", 0) for ref, told in said.items()]
    return Errors((*first, *loose, *lost)[:most], by_code, cut)


def _first(said: dict[str, _Said], folder: Path, part: str, sources: tuple[str, ...], most: int) -> list[RecordError]:
    """What was said of records of the part, in their order; it is taken out of ``said``."""
    first: list[RecordError] = []
    places = origins.read(origins.path_of(folder, part))
    for number, line, _ in lines(folder / part):
        place = next(places, None)
        told = said.pop(ref := _ref(line), None)
        if told is None:
            continue
        if len(first) < most:
            source, at = (part, number) if place is None or not sources else (sources[place[0]], place[1])
            record = _loads(line)
            schema, mode = str(record.get("schema", "")), str(record.get("mode", ""))
            first.append(RecordError(ref, *told, part, source, at, schema, mode))
        if not said:
            break
    return first


def entry(line: bytes) -> tuple[str, _Said] | None:
    """The ref of a record, and what a line of a log says of it; None when that is no error."""
    told = _loads(line)
    code = told.get("code")
    if isinstance(code, str) and code.isdigit() and len(code) < 5:
        code = int(code)
    if not isinstance(code, int) or isinstance(code, bool) or code < FIRST_ERROR:
        return None
    return str(told.get("ref") or "").lower(), _Said(code, str(told.get("message", ""))[:LONGEST_MESSAGE])


def _ref(line: bytes) -> str:
    """The ref of a record, mostly without reading all of it."""
    if line.startswith(b'{"ref":"') and line[44:45] == b'"':
        return line[8:44].decode("ascii", "replace").lower()
    return str(_loads(line).get("ref", "")).lower()


def _loads(line: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
