"""How things arrive: events and REST calls are taken, kept if there is a file, made visible when they are due.

With a journal, what arrives is kept and done again from there: nothing but what is in it, and in its order, may
change the state.
"""

import sqlite3
import struct
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

import orjson

from harness.sandbox.batch_writes import BATCH_WRITES
from harness.sandbox.config import SandboxConfig, SandboxError
from harness.sandbox.faults import BatchFaults
from harness.sandbox.journal import Journal, Kind, NotKeptError, Record
from harness.sandbox.model import Guest
from harness.sandbox.rejections import name_of
from harness.sandbox.state import State
from harness.sandbox.twister import Twister
from harness.sandbox.twists import NO_TWIST, Twist, from_json
from harness.sandbox.writes import WRITES

_WRITES = {**WRITES, **BATCH_WRITES}


class Outcome(Enum):
    """What became of an event. REJECTED is not told to the sender: its point of sale is unknown."""

    ACCEPTED = 1
    REJECTED = 2
    UNKNOWN_BROWSER = 3


class _Waiting(NamedTuple):
    """An event that was acknowledged ``at`` a time and becomes visible when it is ``due``, s since the epoch."""

    due: float
    at: float
    number: int
    event: dict[str, Any]
    raw: bytes
    library: str
    twist: Twist


class Store(State):
    """The state, and the way into it. ``clock`` gives seconds since the epoch."""

    def __init__(
        self, config: SandboxConfig, clock: Callable[[], float] = time.time, journal: Journal | None = None
    ) -> None:
        """Raises SandboxError when the journal cannot be read."""
        super().__init__(config)
        self.clock = clock
        self._journal = journal
        self.on_rejected: Callable[[str], None] | None = None
        """Told a point of sale that is not known, when the first event of it comes."""
        self._pos = frozenset(config.points_of_sale)
        self._twister: Twister | None = None
        self._waiting: deque[_Waiting] = deque()
        self.batch_faults = BatchFaults(0)
        self._now = clock()
        self.is_full = False
        """Whether there is no memory for more. Said from outside: it is the process's."""
        if journal is not None:
            self.begin(journal.seed)
            self._restore(journal)
        self._weigh()

    def reset(self) -> None:
        """Forgets everything; what decides on faults stays. Raises NotKeptError."""
        if self._journal is not None:
            self._journal.clear()
        self._waiting.clear()
        self.begin(b"" if self._journal is None else self._journal.seed)
        self._note_start()
        self._weigh()

    def use_twister(self, twister: Twister | None) -> None:
        """What decides from now on which events go wrong, and how."""
        self._twister = twister
        self._weigh()

    @property
    def keeps(self) -> bool:
        """Whether there is a file that keeps what arrives."""
        return self._journal is not None

    def close(self) -> None:
        """Lets go of the file."""
        if self._journal is not None:
            self._journal.close()

    @property
    def waiting_count(self) -> int:
        """How many events were acknowledged and are not yet visible."""
        return len(self._waiting)

    # -- what arrives ---------------------------------------------------------------------------------

    def create_browser(self) -> str:
        """A new browser id. Raises NotKeptError."""
        if not self._is_plain:
            self.advance()
            self._keep(Kind.BROWSER)
        return self.people.create_browser()

    def record(self, event: dict[str, Any], raw: bytes, library: str = "") -> Outcome:
        """Takes an event that has ``browser_id`` and ``type``, both text. ``raw`` is its JSON.

        ``library`` is the version of the JavaScript library that sent it. Raises NotKeptError.
        """
        if event["browser_id"] not in self.browsers:
            return Outcome.UNKNOWN_BROWSER
        pos = event.get("pos")
        if not isinstance(pos, str) or pos not in self._pos:
            name = name_of(pos)
            self._keep(Kind.REJECTED, name.encode())
            if self.rejections.add(name) and self.on_rejected is not None:
                self.on_rejected(name)
            return Outcome.REJECTED
        now = self.clock()
        if self._is_plain:
            self.happen(event, raw, library, now, NO_TWIST)
            return Outcome.ACCEPTED
        twist = NO_TWIST if self._twister is None else self._twister.twist(event)
        if twist.drop:
            return Outcome.ACCEPTED
        number = 0
        if self._journal is not None:
            known = {name: each for name, each in (("library", library), ("twist", twist.as_json())) if each}
            number = self._journal.add(now, Kind.EVENT, raw, orjson.dumps(known) if known else b"")
        self._take(_Waiting(now + twist.delay_s, now, number, event, raw, library, twist))
        return Outcome.ACCEPTED

    def write(self, operation: str, /, **args: Any) -> Any:
        """Does one of ``WRITES`` or ``BATCH_WRITES``, with args of plain JSON.

        The caller knows it to be possible, since the last ``advance``. Raises NotKeptError.
        """
        self._keep(Kind.WRITE, operation.encode(), args)
        return _WRITES[operation](self, self._now, **args)

    def guest_of(self, browser_id: str) -> Guest:
        """The guest behind a known browser id. They count only from their first event on. Raises NotKeptError."""
        if self.browsers[browser_id] is None:
            self._keep(Kind.BEHIND, browser_id.encode())
        return self.people.behind(browser_id, self._now)

    async def kept(self) -> None:
        """Returns when all that arrived is where it will stay. Raises NotKeptError."""
        if self._journal is not None:
            await self._journal.committed()

    def advance(self) -> None:
        """Does what is due by now: events become visible, sessions close that had none for the session timeout."""
        self._now = self.clock()
        self._advance(self._now)

    def stats(self) -> dict[str, Any]:
        """Counts since the start or the last reset, in the shape of ``GET /_sandbox/stats``."""
        self.advance()
        return super().stats()

    # -- how it comes to pass -------------------------------------------------------------------------

    def _weigh(self) -> None:
        """Events take the short way while there is nothing to keep, to twist or to wait for."""
        self._is_plain = self._journal is None and self._twister is None and not self._waiting

    def _take(self, event: _Waiting) -> None:
        """Lets an event happen when it is due, and never before one that came earlier."""
        self._show_due(event.at)
        if not self._waiting and event.due <= event.at:
            self._show(event)
            return
        if self._waiting:
            event = event._replace(due=max(event.due, self._waiting[-1].due))
        self._waiting.append(event)
        self._is_plain = False
        if len(self._waiting) > self.limits.waiting_events:
            self._show(self._waiting.popleft())

    def _advance(self, now: float) -> None:
        self._show_due(now)
        # A session is not over while events of it may be among those that wait.
        self.sessions.close_idle(min(now, self._waiting[0].at) if self._waiting else now)

    def _show_due(self, now: float) -> None:
        if not self._waiting:
            return
        while self._waiting and self._waiting[0].due <= now:
            self._show(self._waiting.popleft())
        self._weigh()

    def _show(self, event: _Waiting) -> None:
        self.refs.begin(event.number)
        # It may have been forgotten while the event waited.
        if event.event["browser_id"] in self.browsers:
            self.happen(event.event, event.raw, event.library, event.at, event.twist)

    # -- what is kept ---------------------------------------------------------------------------------

    def _keep(self, kind: Kind, body: bytes = b"", args: dict[str, Any] | None = None) -> None:
        if self._journal is not None:
            more = b"" if args is None else orjson.dumps(args)
            self.refs.begin(self._journal.add(self._now, kind, body, more))

    def _note_start(self) -> None:
        """Keeps what the events from now on are judged by, so that they come to the same again."""
        if self._journal is not None:
            self._keep(Kind.START, orjson.dumps({"session_timeout_s": self.config.session_timeout_s}))
            self._journal.commit()

    def _restore(self, journal: Journal) -> None:
        """Does again what is in the journal, each thing at its time."""
        done = 0
        try:
            for record in journal.records():
                self._redo(record)
                done = record.number
        except (sqlite3.Error, struct.error, ArithmeticError, LookupError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise SandboxError(f"{journal.path} is damaged after {done:,} records ({reason}).") from error
        # Until now the session timeout of before counts.
        self.advance()
        self.batches.interrupted(self._now)
        self.sessions.timeout_s = self.config.session_timeout_s
        try:
            self._note_start()
        except NotKeptError as error:
            raise SandboxError(str(error)) from None

    def _redo(self, record: Record) -> None:
        if record.kind is Kind.EVENT:
            more = orjson.loads(record.more) if record.more else {}
            twist = from_json(more["twist"]) if "twist" in more else NO_TWIST
            event, library, due = orjson.loads(record.body), more.get("library", ""), record.at + twist.delay_s
            self._take(_Waiting(due, record.at, record.number, event, record.body, library, twist))
            return
        self._advance(record.at)
        self.refs.begin(record.number)
        if record.kind is Kind.BROWSER:
            self.people.create_browser()
        elif record.kind is Kind.BEHIND:
            self.people.behind(record.body.decode(), record.at)
        elif record.kind is Kind.REJECTED:
            self.rejections.add(name_of(record.body.decode()))
        elif record.kind is Kind.WRITE:
            _WRITES[record.body.decode()](self, record.at, **orjson.loads(record.more))
        else:
            self.sessions.timeout_s = orjson.loads(record.body)["session_timeout_s"]
