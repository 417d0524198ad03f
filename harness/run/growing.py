"""Files of a run that grow while it goes on: by whole lines, whatever happens to the disk; and the log."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from pathlib import Path
from typing import TextIO

from harness.record.run_file import private


class GrowingFile:
    """A new file to which whole lines are added at once: what cannot be written in full is taken back. Raises OSError."""

    def __init__(self, path: Path, head: str = "") -> None:
        self._name = str(path)
        self._file = private(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC)
        self._size = 0
        if head:
            self.add(head)

    def add(self, text: str) -> None:
        """Add lines, each with its end. Raises OSError; then nothing of them is in the file."""
        data = text.encode("utf-8", "replace")
        try:
            written = os.write(self._file, data)
            if written < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._name)
        except OSError:
            os.ftruncate(self._file, self._size)
            os.lseek(self._file, self._size, os.SEEK_SET)
            raise
        self._size += len(data)

    def close(self) -> None:
        """Nothing more comes. May be called again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class LogFile(logging.StreamHandler[TextIO]):
    """A log that a failing disk cuts short without a word: the run itself tells of the disk. Raises OSError."""

    def __init__(self, path: Path) -> None:
        super().__init__(open(path, "w", encoding="utf-8", opener=private))  # noqa: SIM115 - open as long as the run

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Nothing: Python would print a stack trace for each line."""

    def close(self) -> None:
        """Close it, whatever is left to write."""
        super().close()
        with contextlib.suppress(OSError):
            self.stream.close()
