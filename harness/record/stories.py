"""Stories: of a few guests everything they sent, so that what became of it can be read back in full.

Which guests is decided when they set out, evenly over the whole load however long it is: at first every one, and each time
there are twice as many as wanted, every second of them is let go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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
    """What one guest sent. ``too_long``: not all of it is here."""

    __slots__ = ("guest", "sent", "too_long")

    def __init__(self, guest: int) -> None:
        self.guest = guest
        self.sent: list[Sent] = []
        self.too_long = False

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

    @classmethod
    def of(cls, stories: Iterable[Story]) -> Stories:
        """These, and no more."""
        made = cls(0)
        made._kept = dict(enumerate(stories))
        return made

    def all(self) -> tuple[Story, ...]:
        """The stories, in the order of their guests."""
        return tuple(self._kept.values())
