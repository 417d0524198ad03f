"""Rows from files beside the scenario: CSV or JSON Lines, for guests and catalogs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

from harness.cdp.endpoints import BROWSER_ID
from harness.scenario import iso, model
from harness.scenario.diagnostics import Findings, ScenarioError, Span, nearest
from harness.scenario.shapes import BAD, Bad, Field, Record
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import file_text, inside
from harness.scenario.texts import Choice, FlagShape, Text

MOST_ROWS = 500_000
LONGEST_VALUE = 10_000
ORDERS = ("sequential", "random", "unique")

Row = tuple[tuple[str, str], ...]


FEED = Record(
    lambda **values: values,
    {
        "from": Field(
            Text("a file such as people.csv or people.jsonl"), True, "from: people.csv", "A file beside the scenario"
        ),
        "feed": Field(Choice(ORDERS, "order"), doc="How rows are handed out; unique: each once"),
        "wrap": Field(FlagShape(), doc="Begin again when the rows run out"),
    },
    "a feed",
)


def read_rows(span: Span, name: str, to: Findings) -> tuple[tuple[Row, ...], int] | Bad:
    """The rows of a file beside the one that ``span`` is in, and the line of the first. Mistakes are noted at ``span``."""
    folder = Path(span.source).parent
    path = folder / name
    try:
        if not inside(path, folder):
            to.error("E111", span, f"'{name}' leads out of the scenario's folder", "put the file beside the scenario")
            return BAD
        text = file_text(path)
    except ScenarioError as error:
        found = error.diagnostics[0]
        label = (
            "paths count from the folder of the file that names it"
            if "does not exist" in found.message
            else found.label
        )
        to.error(found.code, span, found.message, label)
        return BAD
    if "\0" in text:
        to.error("E103", span, f"{name} holds NUL bytes, which are no text", "save the file as UTF-8")
        return BAD
    lines = name.lower().endswith((".jsonl", ".ndjson"))
    try:
        rows = tuple(_json_lines(text) if lines else _csv(text))
    except _RowError as error:
        to.error(
            "E112",
            span,
            f"{name}: {error}",
            "a header line, then a row a line" if not lines else "a flat object a line",
        )
        return BAD
    if not rows:
        to.error("E112", span, f"{name} has no rows", "a header line, then a row a line")
        return BAD
    return rows, 1 if lines else 2


class _RowError(Exception):
    pass


def _csv(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if len(set(header)) != len(header) or not all(name.strip() for name in header):
            raise _RowError("line 1: the names of the columns are empty or not different")
        for number, row in enumerate(reader):
            if not row:
                continue
            if len(row) != len(header):
                raise _RowError(f"line {reader.line_num}: {len(row)} values for {len(header)} columns")
            if number >= MOST_ROWS:
                raise _RowError(f"more than {MOST_ROWS} rows")
            yield tuple((name.strip(), _value(value, reader.line_num)) for name, value in zip(header, row, strict=True))
    except csv.Error as error:
        raise _RowError(f"line {reader.line_num}: {error}") from None


def _json_lines(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise _RowError(f"line {number} is not JSON") from None
        flat = isinstance(row, dict) and not any(isinstance(v, dict | list) for v in row.values())
        if not flat:
            raise _RowError(f"line {number} is not a flat object")
        if number > MOST_ROWS:
            raise _RowError(f"more than {MOST_ROWS} rows")
        yield tuple((key, _value("" if value is None else str(value), number)) for key, value in row.items())


def _value(text: str, line: int) -> str:
    if len(text) > LONGEST_VALUE:
        raise _RowError(f"line {line}: a value of {len(text)} characters; {LONGEST_VALUE} at most")
    return text


VERY_ALIKE = 0.75
"""A column of somebody's own is no misspelt one of ours."""


def read_feed(node: MappingNode, columns: tuple[str, ...], to: Findings) -> model.Feed | Bad:
    """A feed whose file has no other columns than these."""
    values = FEED.read(node, to)
    if isinstance(values, Bad):
        return BAD
    span = next(value.span for key, value in node.items if key.text == "from")
    read = read_rows(span, values["from"], to)
    if isinstance(read, Bad):
        return BAD
    rows, first_line = read
    for name in {name for row in rows[:1] for name, _ in row}:
        if name not in columns:
            near = nearest(name, columns, VERY_ALIKE)
            label = f"did you mean '{near}'?" if near else f"take it out; the columns are {', '.join(columns)}"
            to.error("E113", span, f"{values['from']} has an unknown column '{name[:60]}'", label)
            return BAD
    if not _codes_are_right(rows, first_line, span, values["from"], to):
        return BAD
    return model.Feed(values.get("feed", "sequential"), values.get("wrap", False), values["from"], rows, first_line)


def _codes_are_right(rows: tuple[Row, ...], first_line: int, span: Span, name: str, to: Findings) -> bool:
    """Whether the columns ``country`` and ``browser_id``, where there are any, hold codes that exist, and browser ids."""
    for number, row in enumerate(rows):
        given = dict(row)
        if (code := given.get("country")) and not iso.is_country(code):
            label = iso.suggestion(code, iso.countries(), "GB")
            said = f"{name}, line {number + first_line}: no country has the code {code[:20]} (ISO 3166-1)"
            to.error("E319", span, said, label)
            return False
        if (browser := given.get("browser_id")) and not re.fullmatch(BROWSER_ID, browser):
            said = f"{name}: line {number + first_line}: '{browser[:60]}' is no browser id"
            to.error("E112", span, said, "a UUID that the CDP gave: harness browser-id makes one")
            return False
    return True
