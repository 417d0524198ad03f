"""The per-second view as CSV, a line a step and second. Percentiles in ms, empty where no reply came."""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, fields

from harness.record.series import SeriesRow

MOST_SECONDS = 1_000_000
"""Eleven days."""

_MEASURED = ("p50", "p95", "p99")
_CORRECTED = ("corrected_p50", "corrected_p95", "corrected_p99")


def header() -> str:
    """The first line: the fields of a ``SeriesRow``."""
    return _line([field.name for field in fields(SeriesRow)])


def line(row: SeriesRow) -> str:
    """The line of one step in one second."""
    return _line(["" if value is None else value for value in astuple(row)])


def _line(values: list[object]) -> str:
    text = io.StringIO()
    # The writer quotes what holds a character of the terminator: with both, a stray carriage return is quoted too.
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue().removesuffix("\r\n") + "\n"


def _second(text: str) -> int:
    """Raises ValueError for one that no run has: reports have a place for each."""
    second = int(text)
    if not 0 <= second <= MOST_SECONDS:
        raise ValueError(text)
    return second


def read(text: str) -> tuple[SeriesRow, ...]:
    """The rows of a file, as far as they are whole: the last may have been cut off while it was written."""
    rows = []
    reader = csv.DictReader(io.StringIO(text, newline=""))
    while True:
        try:
            cells = next(reader)
            rows.append(
                SeriesRow(
                    _second(cells["second"]),
                    cells["journey"],
                    cells["step"],
                    *(int(cells[name]) for name in ("sent", "ok", "failed")),
                    *(float(cells[name]) if cells[name] else None for name in _MEASURED),
                    # Files of the first versions end before them.
                    *(float(cells[name]) if cells.get(name) else None for name in _CORRECTED),
                )
            )
        except (StopIteration, KeyError, TypeError, ValueError, csv.Error):
            return tuple(rows)
