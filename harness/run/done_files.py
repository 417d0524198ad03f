"""The files of a run directory that tell what a load did: guests.jsonl and stories.jsonl. Written and read line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from harness.record import run_file
from harness.record.book import Identified
from harness.run.outcome import Done
from harness.verify.sent import SentEvent
from harness.verify.story import ToldStory

_WORDS = {Identified.ACKNOWLEDGED: "acknowledged", Identified.UNKNOWN: "unknown", Identified.DELETED: "deleted"}
_KEYS = ("client_key", "clientKey")
LONGEST_LINE = 1 << 16
MOST_STORIES = 10_000


class DoneFileError(ValueError):
    """A file is not what a run writes; the text says so."""


def guest_lines(done: Done) -> Iterator[str]:
    """A line for each guest who told the target who it is.

    ``state``: acknowledged; unknown: nobody knows whether that arrived; or deleted, by a journey.
    """
    for book in done.books:
        for place, state in enumerate(book.guests):
            if state:
                number = book.number(place)
                told = {"guest": number, "email": done.guest(number, "email"), "id": done.guest(number, "id")}
                yield json.dumps({**told, "state": _WORDS[Identified(state)]}, ensure_ascii=False) + "\n"


def story_lines(stories: tuple[ToldStory, ...]) -> Iterator[str]:
    """A line for each story: what one guest sent, without keys of the account."""
    for story in stories:
        events = [
            {"step": e.step, "type": e.type, "message": {k: v for k, v in e.message.items() if k not in _KEYS}}
            for e in story.events
        ]
        told = {"guest": story.guest, "journey": story.journey, "clear": story.clear, "events": events}
        # Numbers with a point become texts, and so keep their digits; what is expected is the same of either.
        yield json.dumps(told, ensure_ascii=False, default=_number) + "\n"


SET_OUT = "guests.begun.json"
"""While a load runs: how many guests have set out. Gone when guests.jsonl is there."""


def to_set_out(stride: int, guests: Mapping[int, int]) -> bytes:
    """The file SET_OUT: guest *n* of process *i* is number *n* · stride + *i* of the load."""
    return json.dumps({"stride": stride, "guests": {str(index): count for index, count in guests.items()}}).encode()


def read_set_out(path: Path) -> tuple[int, dict[int, int]] | None:
    """Stride, and how many set out by process; None where there is no such file. Raises OSError, DoneFileError."""
    try:
        told = json.loads(run_file.read(path))
        return int(told["stride"]), {int(index): int(count) for index, count in told["guests"].items()}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DoneFileError(f"{path} does not tell how many guests set out ({error})") from None


def read_guest_states(path: Path) -> Iterator[tuple[int, str]]:
    """Number and state of each guest in a guests.jsonl. Raises OSError, DoneFileError."""
    for number, line in enumerate(run_file.lines(path, LONGEST_LINE), 1):
        try:
            told = json.loads(line)
            yield int(told["guest"]), str(told["state"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DoneFileError(f"{path}, line {number}, is no guest ({error})") from None


def read_stories(path: Path) -> tuple[ToldStory, ...]:
    """The stories of a file; none where there is no such file. Raises OSError, DoneFileError."""
    if not path.exists():
        return ()
    stories: list[ToldStory] = []
    for line in run_file.read(path).splitlines()[:MOST_STORIES]:
        try:
            told = json.loads(line, parse_float=Decimal)
            events = tuple(SentEvent(e["step"], e["type"], e["message"]) for e in told["events"])
            stories.append(ToldStory(told["guest"], told["journey"], events, told["clear"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DoneFileError(f"{path}, line {len(stories) + 1}, is no story ({error})") from None
    return tuple(stories)


def _number(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
