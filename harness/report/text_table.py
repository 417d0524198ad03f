"""A table as aligned lines of text, as wide as there is room."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from harness.report.tables import Column, Row, Table

LONGEST_NAME = 36
"""A name longer than this many columns is cut, for the table's sake."""
_SACRIFICES = ("corrected", "error_rate", "share", "first", "journey", "type", "unfinished")
GAP = "  "
INDENT = "  "


def fit(table: Table, width: int) -> Iterator[Text]:
    """``table`` as aligned lines of at most ``width`` columns.

    What is least missed goes first: shares (their counts stand beside them), then the journey moves into a line
    above its steps, then the type. Names are cut last.
    """
    grouped = False
    keys = [column.key for column in table.columns]
    for sacrifice in _SACRIFICES:
        if _width(table, keys, grouped) <= width:
            break
        if sacrifice in keys and (sacrifice != "journey" or keys[:2] == ["journey", "step"]):
            grouped = grouped or sacrifice == "journey"
            keys.remove(sacrifice)
    excess = max(_width(table, keys, grouped) - width, 0)
    widths = _widths(table, keys)
    for key in sorted((k for k in keys if not _column(table, k).number), key=lambda k: -widths[k]):
        cut = min(excess, max(widths[key] - 10, 0))
        widths[key] -= cut
        excess -= cut
    yield _header(table, keys, widths, grouped)
    journey = None
    for row in table.rows:
        if grouped and row.cells[0] != journey:
            journey = row.cells[0]
            yield Text(INDENT + padded(journey, width - 4, right=False).rstrip())
        yield _row(table, row, keys, widths, grouped)


def _column(table: Table, key: str) -> Column:
    return next(column for column in table.columns if column.key == key)


def _title(column: Column) -> str:
    return f"{column.short or column.title} {column.unit}".rstrip()


def _widths(table: Table, keys: list[str]) -> dict[str, int]:
    made = {}
    for index, column in enumerate(table.columns):
        if column.key in keys:
            longest = max((cell_len(row.cells[index]) for row in table.rows), default=0)
            made[column.key] = max(min(longest, LONGEST_NAME), len(_title(column)))
    return made


def _width(table: Table, keys: list[str], grouped: bool) -> int:
    return len(INDENT) * (2 if grouped else 1) + sum(_widths(table, keys).values()) + len(GAP) * (len(keys) - 1)


def _header(table: Table, keys: list[str], widths: dict[str, int], grouped: bool) -> Text:
    cells = []
    for key in keys:
        column = _column(table, key)
        cells.append(padded(_title(column), widths[key], right=column.number))
    return Text((INDENT * (2 if grouped else 1) + GAP.join(cells)).rstrip(), style="dim")


def _row(table: Table, row: Row, keys: list[str], widths: dict[str, int], grouped: bool) -> Text:
    line = Text(INDENT * (2 if grouped else 1))
    for index, column in enumerate(table.columns):
        if column.key in keys:
            if column.key != keys[0]:
                line.append(GAP)
            cell = padded(row.cells[index], widths[column.key], right=column.number)
            line.append(cell, style="red" if column.key in row.bad else "")
    line.rstrip()
    return line


def padded(text: str, width: int, *, right: bool) -> str:
    """``text`` in exactly ``width`` columns, cut or filled up."""
    cut = Text(text, end="")
    cut.truncate(width, overflow="ellipsis")
    space = " " * (width - cell_len(cut.plain))
    return space + cut.plain if right else cut.plain + space
