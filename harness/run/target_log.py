"""What was done at one target, a line of JSON each, so that a command that was cut off goes on from there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from harness.record import run_file

LONGEST_LINE = 1 << 16


class TargetLog:
    """The first line, ``head``, names the target. ``resumed``: there was a log of that target already."""

    def __init__(self, path: Path, target: str, **more: str) -> None:
        """Looks at what is there; a log of another target is put aside. Raises OSError."""
        self.path = path
        self.head: dict[str, Any] = {"target": target, **more}
        self.resumed = False
        if path.is_file():
            head = next(self._lines(), {})
            if head.get("target") == target:
                self.head, self.resumed = head, True
            else:
                path.replace(path.with_suffix(".before.jsonl"))

    def before(self) -> Iterator[dict[str, Any]]:
        """What was done until now. A line that was cut off says nothing. Raises OSError."""
        return islice(self._lines(), 1, None) if self.resumed else iter(())

    def _lines(self) -> Iterator[dict[str, Any]]:
        for text in run_file.lines(self.path, LONGEST_LINE):
            try:
                told = json.loads(text)
            except (ValueError, RecursionError):
                told = None
            yield told if isinstance(told, dict) else {}

    def open(self) -> None:
        """Begin to write, or go on. Raises OSError."""
        self._file = run_file.append(self.path)
        self._file.write("\n" if self.resumed else json.dumps(self.head) + "\n")

    def write(self, told: dict[str, Any]) -> None:
        """Another line. In the file at once: who is killed now need not ask again. Raises OSError."""
        self._file.write(json.dumps(told, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Nothing more comes."""
        self._file.close()
