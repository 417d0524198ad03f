"""The data file: what arrived, in order, in SQLite. The store is what comes of doing it all again.

Events that arrive together are written together, in one transaction, and only then acknowledged. SQLite's
write-ahead log is handed to the operating system with each of them: what was acknowledged survives the end of the
process, however it ends, and in the middle of whatever. The disk is not waited for: that would hold up everybody for
ten milliseconds at a time. Only when the whole machine dies may the file be damaged, which is then said.
"""

import asyncio
import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from harness.sandbox.config import SandboxError

APPLICATION_ID = 0x48534258
FORMAT = 1
"""Of the file. Higher when an older sandbox could not read it, or when the same events would come to something else."""

_HEAD = struct.Struct("<BdII")
_HEADER_BYTES = 100
_CHECKPOINT_PAGES = 250
"""So few that moving them from the log to the file takes less than a millisecond: nobody waits for more."""
_NOT_OURS = "is not a sandbox's data file: choose another, or one that is not there yet."


class Kind(IntEnum):
    """What a record is about."""

    START = 0
    EVENT = 1
    BROWSER = 2
    BEHIND = 3
    REJECTED = 4
    WRITE = 5


class Record(NamedTuple):
    """One thing that arrived: its number, when (s since the epoch), and what, in two pieces of JSON."""

    number: int
    at: float
    kind: Kind
    body: bytes
    more: bytes


class NotKeptError(Exception):
    """The data file cannot take more; the text says why, in a sentence."""


class Journal:
    """A data file that is open, by this process alone."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        """Opens the file, or makes it. Raises SandboxError when it is another's, of another version or in use."""
        self.path = path
        self._most_bytes = most_bytes
        self._database, self.seed = _opened(path)
        self._bytes = path.stat().st_size
        self._next = 1
        self._first = 1
        self._new: list[bytes] = []
        self._committed: asyncio.Future[None] | None = None
        self._failure = ""

    def records(self) -> Iterator[Record]:
        """Everything so far, in order. New records are numbered on from there."""
        for first, batch in self._database.execute("SELECT first, records FROM batches ORDER BY first"):
            number, at = first, 0
            while at < len(batch):
                kind, when, body_length, more_length = _HEAD.unpack_from(batch, at)
                body_at = at + _HEAD.size
                more_at = body_at + body_length
                at = more_at + more_length
                yield Record(number, when, Kind(kind), batch[body_at:more_at], batch[more_at:at])
                number += 1
            self._next = self._first = number

    def add(self, at: float, kind: Kind, body: bytes = b"", more: bytes = b"") -> int:
        """Takes a record, to be written with the others of the moment; its number. Raises NotKeptError."""
        if self._failure:
            raise NotKeptError(self._failure)
        self._new.append(_HEAD.pack(kind, at, len(body), len(more)) + body + more)
        number = self._next
        self._next = number + 1
        return number

    async def committed(self) -> None:
        """Returns when all that was added is written. Raises NotKeptError when it cannot be."""
        if self._committed is None:
            if not self._new:
                return
            loop = asyncio.get_running_loop()
            self._committed = loop.create_future()
            # After all requests that arrived with this one.
            loop.call_soon(self._commit_and_tell)
        await asyncio.shield(self._committed)

    def commit(self) -> None:
        """Writes all that was added. Raises NotKeptError."""
        if self._failure:
            raise NotKeptError(self._failure)
        if not self._new:
            return
        batch = b"".join(self._new)
        if self._bytes + len(batch) > self._most_bytes:
            self._fail(f"{self.path} has its {self._most_bytes:,} bytes: reset the sandbox, or begin a new file.")
        try:
            self._database.execute("INSERT INTO batches VALUES (?, ?)", (self._first, batch))
        except sqlite3.Error as error:
            self._fail(f"{self.path} cannot be written: {error}.")
        self._bytes += len(batch)
        self._first = self._next
        self._new.clear()

    def clear(self) -> None:
        """Forgets every record, the failures too; what follows gets refs of its own. Raises NotKeptError."""
        self._failure = ""
        self._new.clear()
        self.seed = os.urandom(16)
        try:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("DELETE FROM batches")
            self._database.execute("UPDATE about SET value = ? WHERE name = 'seed'", (self.seed,))
            self._database.execute("COMMIT")
            self._database.execute("VACUUM")
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            self._fail(f"{self.path} cannot be written: {error}.")
        self._bytes = self.path.stat().st_size
        self._next = self._first = 1

    def close(self) -> None:
        """Writes what is left, as far as that is possible, and lets go of the file."""
        with suppress(NotKeptError):
            self.commit()
        self._database.close()

    def _commit_and_tell(self) -> None:
        waiting, self._committed = self._committed, None
        assert waiting is not None
        try:
            self.commit()
        except NotKeptError as error:
            waiting.set_exception(error)
            # Those who wait may all have gone.
            waiting.exception()
        else:
            waiting.set_result(None)

    def _fail(self, failure: str) -> None:
        self._failure = failure
        raise NotKeptError(failure)


def _opened(path: Path) -> tuple[sqlite3.Connection, bytes]:
    """The database, and its seed."""
    _look(path)
    try:
        database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise SandboxError(f"The data file {path} cannot be opened: {error}.") from None
    try:
        _prepare(database)
        found = database.execute("SELECT value FROM about WHERE name = 'seed'").fetchone()
        return database, bytes(found[0])
    except (sqlite3.Error, TypeError) as error:
        database.close()
        raise SandboxError(_why_not(path, error)) from None


def _look(path: Path) -> None:
    """Sees whose a file is from its first bytes, so that another's is not even opened as a database."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return
    except OSError as error:
        raise SandboxError(f"The data file {path} cannot be opened: {error.strerror}.") from None
    if not head:
        return
    if len(head) < _HEADER_BYTES or not head.startswith(b"SQLite format 3\0"):
        raise SandboxError(f"{path} {_NOT_OURS}")
    (version,) = struct.unpack_from(">I", head, 60)
    (owner,) = struct.unpack_from(">I", head, 68)
    if owner != APPLICATION_ID:
        raise SandboxError(f"{path} {_NOT_OURS}")
    if version != FORMAT:
        raise SandboxError(f"The data file {path} is of version {version}, this sandbox reads version {FORMAT}.")


def _prepare(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("BEGIN EXCLUSIVE")
    if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value BLOB NOT NULL)")
        database.execute("CREATE TABLE batches (first INTEGER PRIMARY KEY, records BLOB NOT NULL)")
        database.execute("INSERT INTO about VALUES ('seed', ?)", (os.urandom(16),))
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {FORMAT}")
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    database.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")


def _why_not(path: Path, error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_BUSY:
        return f"The data file {path} is in use, by another sandbox perhaps."
    return f"The data file {path} cannot be used: {error}."
