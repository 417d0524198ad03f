"""The files of a run directory that tell what a load did: guests.jsonl and stories.jsonl. Written and read line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from harness.record.book import Identified
from harness.run.outcome import Done
from harness.verify.sent import SentEvent
from harness.verify.story import ToldStory

_WORDS = {Identified.ACKNOWLEDGED: "acknowledged", Identified.UNKNOWN: "unknown", Identified.DELETED: "deleted"}
_KEYS = ("client_key", "clientKey")
LONGEST_LINE = 1 << 20
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


def read_stories(path: Path) -> tuple[ToldStory, ...]:
    """The stories of a file; none where there is no such file. Raises OSError, DoneFileError."""
    if not path.exists():
        return ()
    stories: list[ToldStory] = []
    with path.open(encoding="utf-8") as file:
        while (line := file.readline(LONGEST_LINE)) and len(stories) < MOST_STORIES:
            try:
                told = json.loads(line, parse_float=Decimal)
                events = tuple(SentEvent(e["step"], e["type"], e["message"]) for e in told["events"])
                stories.append(ToldStory(told["guest"], told["journey"], events, told["clear"]))
            except (ValueError, KeyError, TypeError) as error:
                raise DoneFileError(f"{path}, line {len(stories) + 1}, is no story ({error})") from None
    return tuple(stories)


def _number(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
