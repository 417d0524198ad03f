"""What passes between the engine and whoever wants to know how a load goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from harness.compiler.plan import Plan, Send
from harness.engine.http_reply import Reply
from harness.engine.lookup import Held
from harness.engine.web_tab import WebTab
from harness.engine.worker import Worker
from harness.record.book import Book
from harness.record.figures import Figures
from harness.record.others import OtherUsers
from harness.record.recorder import Failure
from harness.record.series import SeriesRow
from harness.record.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A load that has ended. ``started`` in seconds since the epoch; ``internal_errors`` are ours, not the target's."""

    figures: Figures
    books: tuple[Book, ...]
    started: float
    duration_s: float
    users: int
    interrupted: bool
    cpu: float
    loop_lag_p99_ms: float
    lateness_p99_ms: float
    saturated_seconds: tuple[int, ...]
    gc_longest_ms: float
    internal_errors: int
    last_rows: tuple[SeriesRow, ...]
    """The stretch after the last whole second."""
    workers: int = 1
    workers_lost: int = 0
    unknown: int = 0
    """Requests that lost workers may have sent beside those they told of, at most."""
    clock_offset_ms: float = 0.0
    """How far the clock of another process is from this one's, at most."""
    troubles: tuple[str, ...] = ()
    """What makes the load incomplete, in sentences."""
    others: OtherUsers | None = None
    """Users of other locustfiles, where there were any."""


@dataclass(frozen=True, slots=True)
class ToldToLocust:
    """What Locust's own options make of a load: None, or nothing, where the scenario decides.

    ``expect_workers``: workers that other commands start. ``locustfile`` (as it was named) and ``host`` where other
    locustfiles take part; ``classes``: those that were chosen; ``more``: further options.
    """

    users: int | None = None
    duration_s: float | None = None
    processes: int | None = None
    expect_workers: int | None = None
    locustfile: str = ""
    headless: bool = True
    host: str = ""
    classes: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadBegins:
    """A load that is about to begin: how many compiled ``users``, and ``others``; for so long (None: until it is stopped).

    ``follows_stages``: users come and go as the scenario's stages want it. With a ``stride`` of more than 1 it is other
    processes that send.
    """

    users: int
    duration_s: float | None
    stride: int
    others: int = 0
    other_classes: tuple[str, ...] = ()
    follows_stages: bool = False
    told: ToldToLocust = ToldToLocust()


class NotJoinedError(Exception):
    """This process cannot take part in a load; the text says why."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a process needs to take part in a load."""

    plan: Plan
    worker: Worker


class Sender(Protocol):
    """What a process that sends tells somebody."""

    def failure(self, send: Send, target: bytes, reply: Reply, failure: Failure) -> None:
        """A request of this process failed."""

    def take_samples(self) -> list[dict[str, object]]:
        """Samples of this process's failures since the last call, secrets masked."""

    def ran_out(self, reason: str) -> None:
        """Guests come from a file, and there are no more: the load ends early."""


class Joiner(Sender, Protocol):
    """What a worker of a load that another process leads tells somebody."""

    def refuse(self, reason: str) -> NoReturn:
        """The command line asks for what cannot be: end the process (SystemExit)."""

    def join(self, told: Mapping[str, Any], index: int, stride: int) -> Joined:
        """Take part in a load, as worker ``index`` of at most ``stride``. Raises NotJoinedError."""

    def close(self) -> None:
        """The process is about to end."""


class Listener(Sender, Protocol):
    """Who is told how the load goes."""

    def refuse(self, reason: str) -> NoReturn:
        """The command line asks for what cannot be: end the process (SystemExit)."""

    def ready(self) -> tuple[str, Held]:
        """Before anything is sent: make sure of the target. Gives its base URL, and the addresses that are held.

        May end the process (SystemExit).
        """

    def web_tab(self) -> WebTab | None:
        """A tab for Locust's web UI; None: it stays as it is."""

    def begin(self, begins: LoadBegins) -> Worker:
        """A load begins: what its users share. Where other processes send, this worker only knows how they are called."""

    def hand_out(self) -> dict[str, Any]:
        """What workers need to know of the plan, in plain values."""

    def second(self, snapshot: Snapshot) -> bool:
        """A second of the load is over; whether the load has to end now."""

    def sampled(self, samples: list[dict[str, object]]) -> None:
        """Samples of this process, or of others: keep them."""

    def end(self, result: LoadResult) -> int | None:
        """The load is over; gives the exit code (None: Locust's own)."""

    def interrupted_early(self) -> int:
        """The process is to end before any load began; gives the exit code."""

    def hurry(self) -> None:
        """Somebody waits for ``end`` to come back: leave out what takes long."""

    def close(self) -> None:
        """The process is about to end."""
