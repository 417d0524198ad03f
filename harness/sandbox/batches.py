"""The batches that were announced, and what became of each: their statuses, and the logs of what went wrong."""

import zlib
from collections import Counter, OrderedDict
from dataclasses import dataclass, field

import orjson

from harness.cdp.batch import ENDS, ERROR, FILE_UPLOADED, PROCESSING, UPLOADING
from harness.sandbox.config import Limits

_GZIP = 31


class ErrorLog:
    """Lines of JSON, compressed as they come. Beyond a ceiling they are counted, not kept."""

    def __init__(self, most: int) -> None:
        self._gzip = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self._pieces: list[bytes] = []
        self._most = most
        self._whole = b""
        self.count = 0

    def add(self, ref: str | None, code: int, message: str) -> None:
        """A record went wrong."""
        self.count += 1
        if self.count <= self._most:
            line = orjson.dumps({"ref": ref, "code": code, "message": message}) + b"\n"
            self._pieces.append(self._gzip.compress(line))

    def as_gzip(self) -> bytes:
        """All of it; nothing can be added afterwards."""
        if not self._whole:
            self._whole = b"".join((*self._pieces, self._gzip.flush()))
            self._pieces.clear()
        return self._whole


@dataclass(slots=True)
class Batch:
    """One batch. Times are seconds since the epoch; ``expires`` is until when its file may come.

    ``is_gzip`` False: the file was no gzip file, and so there is no log.
    """

    ref: str
    checksum: str
    size: int
    created: float
    modified: float
    expires: float
    log: ErrorLog
    status: str = UPLOADING
    is_gzip: bool = True
    records: Counter[str] = field(default_factory=Counter)
    """By schema and mode, like "guest upsert"; those that went wrong are among them."""

    @property
    def shown_status(self) -> str:
        """As the status call shows it, which does not know that a file lies there untouched."""
        return UPLOADING if self.status == FILE_UPLOADED else self.status

    @property
    def has_log(self) -> bool:
        """Whether there is a log to fetch."""
        return self.status == ERROR and self.is_gzip


class Batches:
    """Batches by ref. Beyond the ceiling the oldest is forgotten, and its ref can be used again."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._batches: OrderedDict[str, Batch] = OrderedDict()
        self.get = self._batches.get

    def __len__(self) -> int:
        return len(self._batches)

    def newest(self) -> list[Batch]:
        """All of them, the latest first."""
        return list(reversed(self._batches.values()))

    def open(self, ref: str, checksum: str, size: int, now: float) -> Batch:
        """A batch is announced."""
        expires = now + self._limits.batch_expires_s
        batch = Batch(ref, checksum, size, now, now, expires, ErrorLog(self._limits.batch_errors))
        self._batches[ref] = batch
        if len(self._batches) > self._limits.batches:
            self._batches.popitem(last=False)
        return batch

    @staticmethod
    def move(batch: Batch, status: str, is_gzip: bool, now: float) -> None:
        """It has come so far."""
        if batch.status not in ENDS:
            batch.status, batch.is_gzip, batch.modified = status, is_gzip, now

    def interrupted(self, now: float) -> None:
        """The sandbox was not there for a while: files that had come are lost, and those batches are errors."""
        for batch in self._batches.values():
            if batch.status in (FILE_UPLOADED, PROCESSING):
                batch.log.add(None, 500, "The sandbox ended while it worked on this file: send it again.")
                self.move(batch, ERROR, True, now)
