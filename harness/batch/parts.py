"""Records into gzip files, none larger than the limit, none broken. Memory: one chunk of records, however many there are."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from harness.batch.origins import Origins

LEVEL = 4
"""Of gzip: measured, see docs/batch.md."""
CHUNK = 256 * 1024
"""Bytes of records that are compressed in one go."""
_GZIP = 31


@dataclass(frozen=True, slots=True)
class Written:
    """A part as it was written: its checksum in hex, bytes on disk, records in it."""

    file: str
    checksum: str
    size: int
    records: int


class TooLargeError(ValueError):
    """A record that fits into no part by itself. ``source`` and ``line`` say which; ``size``: what a part of it would be."""

    def __init__(self, source: int, line: int, size: int, limit: int) -> None:
        super().__init__(f"one record alone makes a file of {size:,} bytes, and {limit:,} are allowed")
        self.source = source
        self.line = line


class Parts:
    """Takes records one by one; ``close`` gives the parts. Files are named part-0001.json.gz and so on."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._waiting: list[bytes] = []
        self._places: list[tuple[int, int]] = []
        self._bytes = 0
        self._part: _Part | None = None
        self.written: list[Written] = []

    def add(self, line: bytes, source: int, number: int) -> None:
        """A record, with its line break, and where it comes from. Raises TooLargeError, OSError."""
        self._waiting.append(line)
        self._places.append((source, number))
        self._bytes += len(line)
        if self._bytes >= CHUNK:
            self._flush()

    def close(self) -> list[Written]:
        """Writes what is left. Raises TooLargeError, OSError."""
        self._flush()
        self._end_part()
        return self.written

    def abandon(self) -> None:
        """Lets go of a file that is not whole."""
        if self._part is not None:
            self._part.abandon()
            self._part = None

    def _flush(self) -> None:
        lines, places = self._waiting, self._places
        self._waiting, self._places, self._bytes = [], [], 0
        self._put(lines, places)

    def _put(self, lines: list[bytes], places: list[tuple[int, int]]) -> None:
        """Into the open part what fits, halving what does not, and the rest into the next one."""
        while lines:
            if self._part is None:
                self._part = _Part(self._folder, len(self.written) + 1, self._limit)
            taken = self._part.take(lines, places)
            lines, places = lines[taken:], places[taken:]
            if not lines:
                return
            if not self._part.records:
                size = self._part.size_with(lines[0])
                self.abandon()
                raise TooLargeError(*places[0], size, self._limit)
            self._end_part()

    def _end_part(self) -> None:
        if self._part is None:
            return
        self.written.append(self._part.end())
        self._part = None


class _Part:
    """A file that is being written."""

    def __init__(self, folder: Path, number: int, limit: int) -> None:
        self._name = f"part-{number:04}.json.gz"
        self._path = folder / self._name
        self._partial = folder / f".{self._name}.partial"
        self._file: BinaryIO = self._partial.open("wb")
        # No name and no time in the head: the same records make the same file.
        self._gzip: Any = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._limit = limit
        self._size = 0
        self._origins = Origins.create(folder, self._name)
        self.records = 0

    def take(self, lines: list[bytes], places: list[tuple[int, int]]) -> int:
        """How many of the records, from the first on, are in the file now: as many as fit."""
        taken, step = 0, len(lines)
        while step:
            some = lines[taken : taken + step]
            if some and self._try(b"".join(some)):
                for place in places[taken : taken + step]:
                    self._origins.add(self.records, *place)
                    self.records += 1
                taken += len(some)
                if taken == len(lines):
                    break
            else:
                step //= 2
        return taken

    def size_with(self, line: bytes) -> int:
        """What the file's size would be with this record."""
        after = self._gzip.copy()
        return self._size + len(after.compress(line)) + len(after.flush())

    def end(self) -> Written:
        """Writes the end of the file."""
        self._write(self._gzip.flush())
        self._file.close()
        self._origins.close()
        self._partial.replace(self._path)
        return Written(self._name, self._md5.hexdigest(), self._size, self.records)

    def abandon(self) -> None:
        self._file.close()
        self._origins.close()
        self._partial.unlink(missing_ok=True)
        self._origins.path.unlink(missing_ok=True)

    def _try(self, data: bytes) -> bool:
        """Compresses, and takes it back when the file could not be ended within the limit any more."""
        before = self._gzip.copy()
        made = self._gzip.compress(data)
        # What the compressor holds back shows only at its end, so a copy of it is brought there.
        if self._size + len(made) + len(self._gzip.copy().flush()) > self._limit:
            self._gzip = before
            return False
        self._write(made)
        return True

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._md5.update(data)
        self._size += len(data)
