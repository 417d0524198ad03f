"""The load itself, second by second: how many were at work, how many came, and whether the generator kept up."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields

from harness.record.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Moment:
    """One second. ``users`` of a closed load, or guests under way of an open one; ``started``: guests that set out.

    ``saturated`` is 1 when the generator was too busy for this second's figures to be the target's.
    """

    second: int
    users: int
    started: int
    saturated: int


def moment(second: int, snapshot: Snapshot) -> Moment:
    """What a snapshot says of its second."""
    started = sum(journey.started for journey in snapshot.figures.journeys.values())
    return Moment(second, snapshot.users, started, int(snapshot.saturated))


def header() -> str:
    """The first line of load.csv."""
    return ",".join(field.name for field in fields(Moment)) + "\n"


def line(of: Moment) -> str:
    """The line of one second."""
    return f"{of.second},{of.users},{of.started},{of.saturated}\n"


def read(text: str) -> tuple[Moment, ...]:
    """The seconds of a file, as far as they are whole: the last line may have been cut off while it was written."""
    made = []
    whole = text[: text.rfind("\n") + 1]
    reader = csv.DictReader(io.StringIO(whole))
    while True:
        try:
            cells = next(reader)
            made.append(Moment(*(int(cells[field.name]) for field in fields(Moment))))
        except (StopIteration, KeyError, TypeError, ValueError, csv.Error):
            return tuple(made)
