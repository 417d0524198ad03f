"""The per-second view as CSV, a line a step and second. Percentiles in ms, empty where no reply came."""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, fields

from harness.record.series import SeriesRow


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
