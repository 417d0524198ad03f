"""One worker of a load of several processes, as the master knows it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from harness.engine.roll import Share
from harness.record.book import Book


@dataclass(slots=True)
class Member:
    """Times in s: ``heard`` monotonic, ``leased`` and ``told`` since the load began.

    ``ahead``: its perf_counter less ours, known to ``trip`` / 2; ``wall``: the same of its clock on the wall.
    """

    index: int
    book: Book
    joined: bool = False
    refused: str = ""
    done: bool = False
    final: bool = False
    seen: int = 0
    heard: float = field(default_factory=time.monotonic)
    leased: float = 0.0
    told: float = 0.0
    busiest: int = 0
    shares: list[Share] = field(default_factory=list)
    shares_told: int = 0
    trip: float | None = None
    ahead: float = 0.0
    wall: float = 0.0

    @property
    def takes_part(self) -> bool:
        """Whether it is in, and not through yet."""
        return self.joined and not self.refused and not self.final
