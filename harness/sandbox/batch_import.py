"""Works on uploaded files, one after the other, in small slices: everybody else is answered in between.

Memory is bounded: a file lies on disk, is unpacked a piece at a time, and stops being unpacked at a ceiling.
"""

import asyncio
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from time import monotonic, perf_counter
from typing import IO, Any

import orjson

from harness.cdp.batch import CORRUPTED, ERROR, FILE_UPLOADED, PROCESSING, SUCCESS
from harness.sandbox.batches import Batch
from harness.sandbox.faults import BatchFaults
from harness.sandbox.journal import NotKeptError
from harness.sandbox.store import Store

SLICE_S = 0.004
"""How long records are worked on in one go."""
LONGEST_RECORD = 1 << 20
_AT_ONCE = 64 * 1024
_LOOK_EVERY_S = 0.1
_GZIP = 31
_MAGIC = b"\x1f\x8b"


@dataclass(slots=True)
class Upload:
    """A file that came: on disk, with what it is."""

    file: IO[bytes]
    checksum: str
    size: int
    came: float = field(default_factory=monotonic)

    def close(self) -> None:
        """The file is gone."""
        self.file.close()


def new_file() -> IO[bytes]:
    """A nameless file on disk."""
    return tempfile.TemporaryFile()


class Importer:
    """The queue of uploads, and the one task that works on them while there are any."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: list[tuple[Batch, Upload]] = []
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._queue)

    def take(self, batch: Batch, upload: Upload) -> None:
        """A batch's file is complete. Raises NotKeptError."""
        self._move(batch, FILE_UPLOADED)
        self._queue.append((batch, upload))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._queue:
            batch, upload = self._queue[0]
            try:
                await self._import(batch, upload)
            except NotKeptError:
                # The data file is full. Everybody is told so by 503, and this batch stays as far as it came.
                pass
            finally:
                upload.close()
                self._queue.pop(0)

    async def _import(self, batch: Batch, upload: Upload) -> None:
        faults = self._store.batch_faults
        dice = Random(f"{faults.seed}/{batch.ref}")
        if not await self._is_due(batch, upload.came + max(faults.delay_s, self._store.config.visible_after_s)):
            return
        self._move(batch, PROCESSING)
        await self._store.kept()
        await asyncio.sleep(0)
        spoilt = dice.random() < faults.corrupted
        if spoilt or (upload.checksum, upload.size) != (batch.checksum, batch.size):
            self._move(batch, CORRUPTED)
        elif not _is_gzip(upload.file):
            self._move(batch, ERROR, is_gzip=False)
        else:
            await self._records(batch, upload.file, faults, dice)
            self._move(batch, ERROR if batch.log.count else SUCCESS)
        await self._store.kept()

    async def _is_due(self, batch: Batch, due: float) -> bool:
        """Waits until then; False when the sandbox was reset meanwhile."""
        while (left := due - monotonic()) > 0:
            await asyncio.sleep(min(left, _LOOK_EVERY_S))
            if self._store.batches.get(batch.ref) is not batch:
                return False
        return True

    async def _records(self, batch: Batch, file: IO[bytes], faults: BatchFaults, dice: Random) -> None:
        begun = perf_counter()
        self._store.advance()
        for record in _read(file, self._store.limits.batch_raw_bytes):
            # Whoever reset the sandbox meanwhile does not want the rest.
            if self._store.batches.get(batch.ref) is not batch:
                return
            if isinstance(record, _Complaint):
                self._store.write("batch.complaint", ref=batch.ref, message=record.text)
            elif record is not None:
                fails = bool(faults.failed_records) and dice.random() < faults.failed_records
                self._store.write("batch.record", ref=batch.ref, record=record, fails=fails)
            if perf_counter() - begun > SLICE_S:
                await self._store.kept()
                await asyncio.sleep(0)
                begun = perf_counter()
                self._store.advance()

    def _move(self, batch: Batch, status: str, is_gzip: bool = True) -> None:
        self._store.advance()
        self._store.write("batch.move", ref=batch.ref, status=status, is_gzip=is_gzip)


@dataclass(frozen=True, slots=True)
class _Complaint:
    text: str


def _is_gzip(file: IO[bytes]) -> bool:
    file.seek(0)
    return file.read(2) == _MAGIC


def _read(file: IO[bytes], most: int) -> Iterator[Any]:
    """What each line holds, a complaint where that is none; None after each piece without a line's end."""
    number = 0
    rest = b""
    too_long = False
    for piece in _unpacked(file, most):
        if isinstance(piece, _Complaint):
            yield piece
            return
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            number += 1
            if too_long or len(line) > LONGEST_RECORD:
                too_long = False
                yield _Complaint(f"Line {number} is longer than {LONGEST_RECORD >> 20} MiB.")
            elif text := line.strip():
                yield _loaded(text, number)
        if len(rest) > LONGEST_RECORD:
            rest, too_long = b"", True
        yield None
    if too_long:
        yield _Complaint(f"Line {number + 1} is longer than {LONGEST_RECORD >> 20} MiB.")
    elif text := rest.strip():
        yield _loaded(text, number + 1)


def _loaded(text: bytes, number: int) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _Complaint(f"Line {number} is not JSON: {error}.")


def _unpacked(file: IO[bytes], most: int) -> Iterator["bytes | _Complaint"]:
    """Pieces of the file's contents, of all its gzip members; at last a complaint, if they are too much or damaged."""
    file.seek(0)
    gzip = zlib.decompressobj(_GZIP)
    total = 0
    packed = b""
    try:
        while packed or (packed := file.read(_AT_ONCE)):
            piece = gzip.decompress(packed, _AT_ONCE)
            packed = gzip.unconsumed_tail
            total += len(piece)
            if total > most:
                yield _Complaint(f"The file is larger than {most:,} bytes when it is unpacked.")
                return
            if piece:
                yield piece
            if gzip.eof:
                packed = gzip.unused_data or file.read(_AT_ONCE)
                gzip = zlib.decompressobj(_GZIP)
                if not packed:
                    return
    except zlib.error as error:
        yield _Complaint(f"The file is no whole gzip file: {error}.")
        return
    yield _Complaint("The file ends in the middle of its gzip data.")
