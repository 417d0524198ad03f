"""Lines of a file, gzipped or not, within bounds: what is longer than a line may be is cut, and said to be."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

LONGEST_LINE = 64 << 20
"""Bytes of a record that is read: more than fits into a part, unless it is one letter again and again."""
_GZIP_MAGIC = b"\x1f\x8b"


class UnreadableError(ValueError):
    """A file cannot be read; the text says which and why."""


def is_gzip(path: Path) -> bool:
    """By its first bytes. Raises UnreadableError."""
    return first_bytes(path, 2) == _GZIP_MAGIC


def first_bytes(path: Path, count: int) -> bytes:
    """What a file begins with. Raises UnreadableError."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except IsADirectoryError:
        raise UnreadableError(f"{path} is a directory") from None
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None


def lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """(number from 1 on, line without its end, whether it is whole) of each line that is not empty.

    Raises UnreadableError, also in the middle of a gzip file that is damaged.
    """
    number = 0
    try:
        with opened(path) as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                whole = True
                if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    whole = False
                    while (more := file.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
                        pass
                if line := line.strip(b" \t\r\n\xef\xbb\xbf" if number == 1 else b" \t\r\n"):
                    yield number, line, whole
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError(f"{path} is a damaged gzip file after line {number:,} ({error})") from None
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None


def opened(path: Path) -> IO[bytes]:
    """The file's bytes, unzipped. Raises OSError, UnreadableError."""
    return cast(IO[bytes], gzip.open(path, "rb")) if is_gzip(path) else path.open("rb")
