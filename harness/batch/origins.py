"""Where each record of a part comes from: which input, which line. Kept beside the part, a line for each gap.

Records that stand one below the other in their input take one line of this file together.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO


class Origins:
    """Writes them. A row is ``record source line``: from this record on, lines count up from there."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path = path
        self._file = file
        self._source = -1
        self._offset = 0

    @classmethod
    def create(cls, folder: Path, part: str) -> Origins:
        """Beside a part. Raises OSError."""
        path = path_of(folder, part)
        return cls(path, path.open("w", encoding="ascii"))

    def add(self, record: int, source: int, line: int) -> None:
        """A record's place, the records being told one after the other from 0 on."""
        if source != self._source or line - record != self._offset:
            self._source, self._offset = source, line - record
            self._file.write(f"{record} {source} {line}\n")

    def close(self) -> None:
        """Nothing more comes."""
        self._file.close()


def path_of(folder: Path, part: str) -> Path:
    """The file of a part."""
    return folder / f"{part.removesuffix('.json.gz')}.lines"


def read(path: Path) -> Iterator[tuple[int, int]]:
    """(source, line) of each record, endlessly; nothing where there is no such file. Raises OSError, ValueError."""
    if not path.is_file():
        return
    with path.open(encoding="ascii") as file:
        rows = (tuple(int(each) for each in row.split()) for row in iter(lambda: file.readline(100), ""))
        record = 0
        current = next(rows, None)
        following = next(rows, None)
        while current is not None:
            first, source, line = current
            yield source, line + record - first
            record += 1
            if following is not None and following[0] == record:
                current, following = following, next(rows, None)
