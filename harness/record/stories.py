"""Stories: of a few guests everything they sent, so that what became of it can be read back in full.

Which guests is decided when they set out, evenly over the whole load however long it is: at first every one, and each time
there are twice as many as wanted, every second of them is let go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

MOST_REQUESTS = 200
"""Of one story. A longer one is not told."""


class Sent(NamedTuple):
    """A request of a story: the number of its step, method, path and query, body; and the reply's status (0: none).

    ``unsent``: the target certainly never saw it.
    """

    step: int
    method: str
    target: bytes
    body: bytes | None
    status: int
    unsent: bool


class Story:
    """What one guest sent. ``too_long``: not all of it is here. ``ended``: no more will come."""

    __slots__ = ("ended", "guest", "sent", "told", "too_long")

    def __init__(self, guest: int) -> None:
        self.guest = guest
        self.sent: list[Sent] = []
        self.too_long = False
        self.ended = False
        self.told = (0, False)

    def add(self, sent: Sent) -> None:
        """Another request."""
        if len(self.sent) < MOST_REQUESTS:
            self.sent.append(sent)
        else:
            self.too_long = True


class Stories:
    """At least ``wanted`` stories where there were so many guests, and fewer than twice as many."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self._every = 1
        self._kept: dict[int, Story] = {}

    def __contains__(self, guest: int) -> bool:
        return guest in self._kept

    def begin(self, guest: int, number: int) -> Story | None:
        """The ``guest``-th of this process sets out for the first time; its story, if it is to be kept.

        ``number`` is the guest's number in the whole load.
        """
        if guest % self._every or not self.wanted:
            return None
        story = self._kept[guest] = Story(number)
        if len(self._kept) >= 2 * self.wanted:
            self._every *= 2
            self._kept = {place: kept for place, kept in self._kept.items() if place % self._every == 0}
            if guest % self._every:
                return None
        return story

    def take(self) -> list[Any]:
        """What came since the last call, in plain numbers and bytes. ``add`` puts it into other stories."""
        changed = []
        for guest, story in self._kept.items():
            now = (len(story.sent), story.ended)
            if now != story.told:
                new = [list(sent) for sent in story.sent[story.told[0] :]]
                changed.append([guest, story.guest, story.too_long, story.ended, new])
                story.told = now
        return [self._every, changed]

    def add(self, changes: Sequence[Any]) -> None:
        """Take over what other stories' ``take`` told."""
        every, changed = changes
        for guest, number, too_long, ended, new in changed:
            story = self._kept.setdefault(guest, Story(number))
            story.sent += [Sent(*each) for each in new]
            story.too_long, story.ended = too_long, ended
        if every != self._every:
            self._every = every
            self._kept = {guest: story for guest, story in self._kept.items() if guest % every == 0}

    def cut_off(self) -> None:
        """Nobody knows how the stories that have not ended go on."""
        for story in self._kept.values():
            story.too_long = story.too_long or not story.ended

    @classmethod
    def of(cls, stories: Iterable[Story]) -> Stories:
        """These, and no more."""
        made = cls(0)
        made._kept = dict(enumerate(stories))
        return made

    def all(self) -> tuple[Story, ...]:
        """The stories, in the order of their guests."""
        return tuple(self._kept.values())
