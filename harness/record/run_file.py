"""The files of a run directory, opened: readable by their owner alone, and no way out of the directory.

Whoever made a directory that is read here may have put a link in the place of a file, or a pipe, or one that is too
large to be read.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read, unless the reader says otherwise."""


def private(path: str, flags: int) -> int:
    """An ``opener`` for files that are written: 0600 whatever the umask, and never through a link. Raises OSError."""
    made = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    os.fchmod(made, 0o600)
    return made


def make_private(folder: Path) -> None:
    """Make a directory that only its owner can look into, whatever the umask. Raises OSError, FileExistsError."""
    folder.mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)


def write(path: Path, data: bytes | Iterable[bytes], sync: bool = True) -> None:
    """Write a file so that it is there whole or not at all; with ``sync`` also when the machine dies. Raises OSError."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with open(partial, "xb", opener=private) as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def open_plain(path: Path) -> BinaryIO:
    """A file to read that is a file and nothing else. Raises OSError."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "is a link, and links in a run directory are not followed", str(path)) from None
        raise
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise OSError(errno.EINVAL, "is no plain file", str(path))
    return os.fdopen(opened, "rb")


def lines(path: Path, longest: int) -> Iterator[str]:
    """A file's lines, cut where one is longer than so many bytes. Raises OSError."""
    with open_plain(path) as file:
        while line := file.readline(longest):
            yield line.decode("utf-8", "replace")


def append(path: Path) -> TextIO:
    """A private file to write on at its end. Raises OSError."""
    return open(path, "a", encoding="utf-8", opener=private)


def read(path: Path, most: int = LARGEST, *, cut: bool = False) -> bytes:
    """A file's bytes; with ``cut`` the first ``most`` of them. Raises OSError for what is no plain file, or larger."""
    with open_plain(path) as file:
        data = file.read(most + 1)
    if len(data) > most and not cut:
        raise OSError(errno.EFBIG, f"is larger than {most >> 20} MB", str(path))
    return data[:most]
