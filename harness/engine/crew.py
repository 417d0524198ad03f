"""The master's side of a load of several processes: who takes part, who lets in whom, and what they tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import gevent

from harness.compiler.profile import Profile
from harness.engine.beat import Beat
from harness.engine.crew_member import Member
from harness.engine.crew_words import (
    BEAT,
    BEGIN,
    CLOCK,
    DONE,
    FINAL,
    FINISH,
    JOINED,
    LEASE_S,
    LOOK_S,
    LOST_AFTER_S,
    STRIDE,
    WORD,
)
from harness.engine.roll import Share
from harness.record.book import Book
from harness.record.stories import Stories

JOIN_S = 20.0
"""How long a worker may take to make its guests."""
CLOCK_S = 0.5
"""How long the master waits for clocks to answer."""
CLOCK_TRIES = 3
START_S = 0.1
"""The load begins so long after everybody was told when."""
BACK_S = 15.0
"""How long a load that ended because nobody was heard of waits for workers to come back and tell."""
NOTICE_S = 1.0
"""New shares hold for guests who are due so much later, or later still: by then everybody knows of them."""


class Crew:
    """The workers of one load, and of the next."""

    def __init__(self, runner: Any, profile: Profile) -> None:
        self._runner = runner
        self._profile = profile
        self._members: dict[str, Member] = {}
        self._told: dict[str, Any] = {}
        self._beat = Beat()
        self._dealt: list[str] = []
        self.began = 0.0
        """When the load began (perf_counter)."""
        self.planned: int | None = None
        """How many guests an open load was to have, once a worker has come to the end of them."""
        self.listening: Any = None
        """The greenlet in which messages come; it must never wait for one."""
        listeners: dict[str, Callable[[Member, str, Any], None]] = {
            JOINED: self._on_joined,
            CLOCK: self._on_clock,
            BEAT: self._on_beat,
            DONE: self._on_done,
            FINAL: self._on_beat,
        }
        for name, listener in listeners.items():
            runner.register_message(name, self._heard(listener))
        runner.environment.events.worker_connect.add_listener(self._on_connect)

    # A load, from beginning to end

    def begin(self, told: Mapping[str, Any]) -> None:
        """A load begins: tell all workers, wait until they have made their guests, set the clocks, deal out the guests."""
        self._members.clear()
        self._beat = Beat()
        self._dealt = []
        self.planned = None
        self._told = dict(told)
        self.began = time.perf_counter() + JOIN_S  # not yet
        for client in [*self._runner.clients.all]:
            self._begin(client.id)
        self._wait(lambda: all(m.joined or m.refused for m in self._members.values()), JOIN_S)
        for _ in range(CLOCK_TRIES):
            asked = [(client_id, m, m.trip) for client_id, m in self._members.items() if m.takes_part]
            for client_id, member, _trip in asked:
                member.trip = None
                self._ask_time(client_id)
            self._wait(lambda asked=asked: all(m.trip is not None for _, m, _ in asked), CLOCK_S)  # type: ignore[misc]
        self.began = time.perf_counter() + START_S
        self._deal(0.0)
        for client_id, member in self._members.items():
            if member.takes_part:
                self._word(client_id, member, began=True)

    def second(self) -> Beat:
        """What came since the last call; and whoever is silent loses its share to the others, until it is back."""
        for client_id, member in self._members.items():
            if not (member.joined or member.refused):
                self._send_begin(client_id, member)
        now = self._now
        if [each for each, m in self._members.items() if self._alive(m)] != self._dealt:
            self._deal(now + NOTICE_S)
            for client_id, member in self._members.items():
                if self._alive(member):
                    self._word(client_id, member)
        return self.take()

    def take(self) -> Beat:
        """What came since the last call."""
        taken, self._beat = self._beat, Beat()
        return taken

    def finish(self, patience_s: float, *, all_silent: bool) -> None:
        """The load is over: ask those for what is left who have not told, and wait for them as long as they are alive.

        ``all_silent``: nobody is heard of, as when this machine is cut off from the others: wait for some to come back.
        """
        for client_id, member in self._members.items():
            if not member.final and not member.refused:
                self._runner.send_message(FINISH, None, client_id)
        ends = time.monotonic() + BACK_S

        def all_told() -> bool:
            hoping = all_silent and time.monotonic() < ends
            return not any(self._may_come(member, hoping) for member in self._members.values())

        self._wait(all_told, patience_s + (BACK_S if all_silent else 0.0))
        for member in self.lost:
            member.book.stories.cut_off()
        self._told = {}

    # What became of it

    @property
    def all_done(self) -> bool:
        """Whether the guests of every worker that is alive are through."""
        alive = [member for member in self._members.values() if self._alive(member)]
        return bool(alive) and all(member.done for member in alive)

    @property
    def workers(self) -> int:
        """How many took part."""
        return sum(not member.refused for member in self._members.values())

    @property
    def books(self) -> tuple[Book, ...]:
        """What ought to exist, by worker, as far as each has told."""
        return tuple(member.book for member in self._members.values() if member.joined and not member.refused)

    @property
    def lost(self) -> list[Member]:
        """Workers that did not tell to the end."""
        return [member for member in self._members.values() if not member.final and not member.refused]

    @property
    def unknown(self) -> int:
        """How many requests lost workers may have sent beside those they told of: as many as a worker did in the busiest
        second, for as long as one of them may send without a word."""
        busiest = max((member.busiest for member in self._members.values()), default=0)
        return round(busiest * (LEASE_S + 1.5)) * len(self.lost)

    @property
    def clock_offset_ms(self) -> float:
        """How far the clock of a worker is from the master's, at most. Arrivals and series are corrected for it."""
        return max((abs(member.wall) * 1000 for member in self._members.values()), default=0.0)

    @property
    def troubles(self) -> list[str]:
        """What makes the load incomplete, in sentences."""
        troubles = [
            f"Worker {member.index} did not take part: {member.refused}."
            for member in self._members.values()
            if member.refused
        ]
        if lost := self.lost:
            named = ", ".join(f"number {m.index}, last heard of at {m.told:.1f} s" for m in lost)
            troubles.append(
                f"{len(lost)} of {self.workers} workers lost ({named}): what they sent after that, perhaps {self.unknown:,} "
                "requests, is not in these figures, nor are their orders."
            )
        return troubles

    # How it is done

    @property
    def _now(self) -> float:
        """Seconds since the load began."""
        return time.perf_counter() - self.began

    @staticmethod
    def _wait(until: Callable[[], bool], seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not until() and time.monotonic() < ends:
            gevent.sleep(LOOK_S)

    def _alive(self, member: Member) -> bool:
        return member.takes_part and self._now <= member.leased

    @staticmethod
    def _may_come(member: Member, hoping: bool) -> bool:
        heard = time.monotonic() - member.heard < LOST_AFTER_S
        return not member.final and not member.refused and (heard or hoping)

    def _begin(self, client_id: str) -> None:
        index = self._runner.get_worker_index(client_id)
        member = Member(index, Book(index, STRIDE, stories=Stories(self._told["stories"])))
        self._members[client_id] = member
        self._send_begin(client_id, member)

    def _send_begin(self, client_id: str, member: Member) -> None:
        self._runner.send_message(BEGIN, {**self._told, "index": member.index, "run_s": self._now}, client_id)

    def _ask_time(self, client_id: str) -> None:
        self._runner.send_message(CLOCK, {"asked": time.perf_counter()}, client_id)

    def _deal(self, from_s: float) -> None:
        """Deal out the guests who are due from a moment on among those who are alive."""
        first = not self._dealt
        members = [*self._members.items()]
        self._dealt = [each for each, m in members if (m.takes_part if first and not from_s else self._alive(m))]
        since = self._profile.until(from_s)
        for client_id, member in members:
            stripe = self._dealt.index(client_id) if client_id in self._dealt else None
            member.shares.append(Share(since, stripe, max(len(self._dealt), 1)))
            del member.shares[:-32]  # so many changes back nobody is due any more
            member.shares_told = 0

    def _word(self, client_id: str, member: Member, *, began: bool = False) -> None:
        """Confirm what came, and give leave for another while."""
        member.leased = max(self._now, 0.0) + LEASE_S
        word: dict[str, Any] = {"run_id": self._told["run_id"], "seen": member.seen, "lease_s": member.leased}
        if member.shares_told != len(member.shares):
            word["shares"] = [[share.since, share.stripe, share.stripes] for share in member.shares]
            member.shares_told = len(member.shares)
        if began:
            word["began"] = self.began + member.ahead
        self._runner.send_message(WORD, word, client_id)

    # What workers tell

    def _on_connect(self, client_id: str, **_: Any) -> None:
        """A worker comes while a load runs: it takes part from now on."""
        if self._told and client_id not in self._members:
            self._begin(client_id)

    def _heard(self, listener: Callable[[Member, str, Any], None]) -> Callable[..., None]:
        def on_message(msg: Any, **_: Any) -> None:
            self.listening = gevent.getcurrent()
            member = self._members.get(msg.node_id)
            if member is None or not self._told or msg.data["run_id"] != self._told["run_id"]:
                return  # of an earlier load
            member.heard = time.monotonic()
            listener(member, msg.node_id, msg.data)

        return on_message

    def _on_joined(self, member: Member, client_id: str, data: Any) -> None:
        if member.joined:
            return
        member.refused = data["refused"]
        member.joined = not member.refused
        if member.joined and self._now > 0:  # while the load runs
            self._ask_time(client_id)

    def _on_clock(self, member: Member, client_id: str, data: Any) -> None:
        now, wall = time.perf_counter(), time.time()
        trip = now - data["asked"]
        middle = (now + data["asked"]) / 2
        if member.trip is None or trip < member.trip:
            member.trip = trip
            member.ahead = data["perf"] - middle
            member.wall = data["wall"] - (wall - trip / 2)
        if self._now > 0:
            self._word(client_id, member, began=True)

    def _on_beat(self, member: Member, client_id: str, data: Any) -> None:
        if data["number"] == member.seen + 1:
            member.seen += 1
            member.told = data["told_s"]
            member.busiest = max(member.busiest, sum(row[2] for row in data["beat"]["figures"]["steps"]))
            self._beat.merge_packed(data["beat"])
            member.book.add(data["book"])
            if data["last"]:
                member.final = True
                self.planned = self.planned or data["planned"]
        self._word(client_id, member)

    def _on_done(self, member: Member, client_id: str, data: Any) -> None:
        member.done = True
