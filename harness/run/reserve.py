"""Room on the disk that is held while a run goes on, so that a disk which fills meanwhile still takes the report."""

from __future__ import annotations

from pathlib import Path

from harness.record.run_file import private

SIZE = 2 << 20
"""Bytes: the report of an hour takes about half of it."""
_PIECE = bytes(1 << 16)


class Reserve:
    """A file of zeros. Raises OSError when there is no such room; then nothing is left of it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".reserve"
        try:
            with open(self._path, "wb", opener=private) as file:
                for _ in range(SIZE // len(_PIECE)):
                    file.write(_PIECE)
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        """Give the room free. May be called again."""
        self._path.unlink(missing_ok=True)
