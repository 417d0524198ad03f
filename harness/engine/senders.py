"""Who sends a load: this process (``Alone``), or workers that it leads (``Several``). The bridge treats both alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.engine.beat import Beat
from harness.engine.closed import HarnessUser
from harness.engine.worker import Worker
from harness.record.book import Book


@dataclass(frozen=True, slots=True)
class Rest:
    """What is known of a load when it is over, beside what was told each second.

    ``last``: the stretch after the last second. ``cpu``: the mean share of a core over the whole load, where it was measured.
    ``planned``: how many guests an open load was to have, where that is known. The others as in ``LoadResult``.
    """

    last: Beat
    books: tuple[Book, ...]
    cpu: float | None = None
    workers: int = 1
    workers_lost: int = 0
    unknown: int = 0
    clock_offset_ms: float = 0.0
    planned: int | None = None
    troubles: tuple[str, ...] = ()


class Senders(Protocol):
    """One a process that reports, for all its loads."""

    several: bool
    """Whether other processes send."""
    stride: int
    """Most processes that may number guests and orders."""
    grace_s: float
    """So long after a second is over its figures have come."""
    deserted: bool
    """Whether the load ended because nobody who sends was heard of."""

    @property
    def workers(self) -> int:
        """How many processes take part."""

    @property
    def workers_lost(self) -> int:
        """How many of them are not there at this moment."""

    @property
    def all_done(self) -> bool:
        """Whether the guests of an open load are through, as far as one has to ask for it."""

    @property
    def in_messages(self) -> bool:
        """Whether this is the greenlet in which figures come: it must never wait for any."""

    def begin(self, worker: Worker) -> None:
        """Get ready for a load; ``worker`` knows how guests and orders are called."""

    def start(self, users: Sequence[type[HarnessUser]]) -> float:
        """The load begins; when it does so (perf_counter)."""

    def second(self) -> Beat:
        """What came since the last call, about a second ago."""

    def stopping(self) -> None:
        """Nobody sends another request; requests under way come to their end, if that does not take too long."""

    def give_up(self) -> None:
        """Wait for nothing any more."""

    def internal_error(self) -> None:
        """Something of ours went wrong in a user."""

    def end(self, lasted_s: float) -> Rest:
        """The load is over, after so long."""
