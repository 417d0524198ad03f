"""What master and workers of one load tell each other, in Locust's own messages.

The master tells each worker once what the load is (BEGIN); a worker says that it is ready (JOINED), then each second what
came (BEAT, numbered), that its guests of an open load are through (DONE), and in the end what is left, with its book
(FINAL). Beats are deltas: the master adds them up, counts none twice and sees where one is missing. Locust's own statistics
travel beside all this as they always do.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gevent

from harness.engine.beat import Beat, merged
from harness.record.book import Book
from harness.record.book_pack import pack_book, unpack_book

_NAMES = ("begin", "joined", "beat", "done", "final", "finish")
BEGIN, JOINED, BEAT, DONE, FINAL, FINISH = (f"harness_{name}" for name in _NAMES)
STRIDE = 1024
"""Most workers of one load: guests and orders of worker *i* are numbered *i* modulo this."""
JOIN_S = 20.0
"""How long a worker may take to make its guests."""
LOOK_S = 0.01
LOST_AFTER_S = 5.0
"""A worker that tells nothing for so long, though it ought to each second, is given up when the load ends."""
_log = logging.getLogger("harness")


@dataclass(slots=True)
class Member:
    """A worker, as the master knows it. ``heard``: when last (monotonic s); ``missed``: beats that never came."""

    index: int
    joined: bool = False
    done: bool = False
    final: bool = False
    seen: int = 0
    missed: int = 0
    heard: float = field(default_factory=time.monotonic)
    refused: str = ""


class Crew:
    """The master's side of one load."""

    def __init__(self, runner: Any, plan_mark: str) -> None:
        self._runner = runner
        self._mark = plan_mark
        self._members: dict[str, Member] = {}
        self._told: dict[str, Any] = {}
        self._beats: list[Beat] = []
        self.books: list[Book] = []
        self.listening: Any = None
        """The greenlet in which messages come; it must never wait for one."""
        for name, listener in (
            (JOINED, self._on_joined),
            (BEAT, self._on_beat),
            (DONE, self._on_done),
            (FINAL, self._on_final),
        ):
            runner.register_message(name, listener)
        runner.environment.events.worker_connect.add_listener(self._on_connect)

    def begin(self, told: Mapping[str, Any]) -> None:
        """A load begins: tell all workers, and wait until they have made their guests."""
        self._members.clear()
        self._beats.clear()
        self.books.clear()
        clients = [client.id for client in self._runner.clients.all]
        self._told = {**told, "mark": self._mark, "stripes": len(clients)}
        for stripe, client_id in enumerate(clients):
            self._begin(client_id, stripe)
        patience = time.monotonic() + JOIN_S
        while not all(m.joined or m.refused for m in self._members.values()) and time.monotonic() < patience:
            gevent.sleep(LOOK_S)

    def _begin(self, client_id: str, stripe: int | None) -> None:
        index = self._runner.get_worker_index(client_id)
        self._members[client_id] = Member(index)
        self._runner.send_message(BEGIN, {**self._told, "index": index, "stripe": stripe}, client_id)

    def _on_connect(self, client_id: str, **_: Any) -> None:
        """A worker comes while a load runs: it gets users of a closed load; arrivals of an open one are dealt out."""
        if self._told and client_id not in self._members:
            self._begin(client_id, None)

    def take(self) -> Beat:
        """What came since the last call."""
        beats, self._beats = self._beats, []
        return merged(beats)

    def finish(self, patience_s: float) -> None:
        """The load is over: ask those for what is left who have not told, and wait for them as long as they are alive."""
        for client_id, member in self._members.items():
            if not member.final and not member.refused:
                self._runner.send_message(FINISH, None, client_id)
        ends = time.monotonic() + patience_s
        while time.monotonic() < ends and any(self._may_come(member) for member in self._members.values()):
            gevent.sleep(LOOK_S)
        self._told = {}

    @staticmethod
    def _may_come(member: Member) -> bool:
        return not member.final and not member.refused and time.monotonic() - member.heard < LOST_AFTER_S

    @property
    def all_done(self) -> bool:
        """Whether the guests of every worker that is alive are through."""
        return all(member.done or not self._may_come(member) for member in self._members.values())

    @property
    def workers(self) -> int:
        """How many took part."""
        return sum(not member.refused for member in self._members.values())

    @property
    def troubles(self) -> list[str]:
        """What makes the load incomplete, in sentences."""
        troubles = [
            f"Worker {member.index} did not take part: {member.refused}."
            for member in self._members.values()
            if member.refused
        ]
        if lost := self.lost:
            named = ", ".join(str(member.index) for member in lost)
            troubles.append(
                f"{len(lost)} of {self.workers} workers lost (number {named}): what they sent after their last word, at "
                "most a second or so before they went, is not in these figures, nor are their orders."
            )
        if missed := sum(member.missed for member in self._members.values()):
            troubles.append(f"{missed} reports of workers did not arrive: their seconds are not in these figures.")
        return troubles

    @property
    def lost(self) -> list[Member]:
        """Workers that did not tell to the end."""
        return [member for member in self._members.values() if not member.final and not member.refused]

    def _member(self, msg: Any) -> Member | None:
        self.listening = gevent.getcurrent()
        member = self._members.get(msg.node_id)
        if member is None or msg.data["run_id"] != self._told.get("run_id"):
            return None  # of an earlier load
        member.heard = time.monotonic()
        return member

    def _on_joined(self, environment: Any, msg: Any, **_: Any) -> None:
        if member := self._member(msg):
            member.refused = msg.data["refused"]
            member.joined = True

    def _on_beat(self, environment: Any, msg: Any, **_: Any) -> None:
        if (member := self._member(msg)) and msg.data["number"] > member.seen:
            member.missed += msg.data["number"] - member.seen - 1
            member.seen = msg.data["number"]
            self._beats.append(Beat.unpack(msg.data["beat"]))

    def _on_done(self, environment: Any, msg: Any, **_: Any) -> None:
        if member := self._member(msg):
            member.done = True

    def _on_final(self, environment: Any, msg: Any, **_: Any) -> None:
        self._on_beat(environment, msg)
        if (member := self._member(msg)) and not member.final:
            member.final = True
            self.books.append(unpack_book(msg.data["book"]))


class Hand:
    """A worker's side. ``join`` is called with what the load is, and gives why it cannot be ("" when it can).

    ``finish`` is called when the master asks for what is left.
    """

    def __init__(
        self, runner: Any, plan_mark: str, join: Callable[[Mapping[str, Any]], str], finish: Callable[[], None]
    ) -> None:
        self._runner = runner
        self._mark = plan_mark
        self._join = join
        self._finish = finish
        self._run_id = ""
        self._number = 0
        runner.register_message(BEGIN, self._on_begin)
        runner.register_message(FINISH, self._on_finish, concurrent=True)

    def beat(self, beat: Beat) -> None:
        """Tell what came in the last second."""
        self._number += 1
        self._send(BEAT, {"number": self._number, "beat": beat.pack()})

    def done(self) -> None:
        """Tell that all guests who were to come have come, and gone."""
        self._send(DONE, {})

    def final(self, beat: Beat, book: Book) -> None:
        """Tell what is left, and what ought to exist."""
        self._number += 1
        self._send(FINAL, {"number": self._number, "beat": beat.pack(), "book": pack_book(book)})

    def _send(self, name: str, data: dict[str, Any]) -> None:
        try:
            self._runner.send_message(name, {**data, "run_id": self._run_id})
        except Exception:  # Locust's own error, when the connection is gone: it tries again to connect
            _log.exception("the master could not be told")

    def _on_begin(self, environment: Any, msg: Any, **_: Any) -> None:
        self._run_id, self._number = msg.data["run_id"], 0
        refused = ""
        if msg.data["mark"] != self._mark:
            refused = "its scenario, options or version of harness are not those of the master"
        elif msg.data["index"] >= STRIDE:
            refused = f"there are more than {STRIDE} workers"
        refused = refused or self._join(msg.data)
        self._send(JOINED, {"refused": refused})

    def _on_finish(self, environment: Any, msg: Any, **_: Any) -> None:
        self._finish()
