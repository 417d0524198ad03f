"""cleanup.jsonl of a run directory: what became of each guest, line by line, so that a cleanup that was cut off goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.record import run_file

FILE = "cleanup.jsonl"
LONGEST_LINE = 1 << 16
DELETED, ABSENT, LEFT, FAILED = "deleted", "absent", "left", "failed"


class CleanupLog:
    """What was done at one target. ``done``: numbers that need not be looked at again (those that failed do)."""

    def __init__(self, folder: Path, target: str) -> None:
        """Reads what is there; that of another target is put aside. Raises OSError."""
        self._path = folder / FILE
        self._target = target
        self.done: set[int] = set()
        self.deleted = 0
        if self._path.is_file() and not self._read():
            self._path.replace(self._path.with_suffix(".before.jsonl"))
            self.done.clear()
            self.deleted = 0

    def _read(self) -> bool:
        """Whether it is of this target. A last line that was cut off is none."""
        lines = run_file.lines(self._path, LONGEST_LINE)
        if self._line(next(lines, "")).get("target") != self._target:
            return False
        for text in lines:
            told = self._line(text)
            number = told.get("guest")
            if isinstance(number, int) and told.get("done") in (DELETED, ABSENT, LEFT):
                self.done.add(number)
                refs = told.get("refs")
                self.deleted += len(refs) if told["done"] == DELETED and isinstance(refs, list) else 0
        return True

    @staticmethod
    def _line(text: str) -> dict[str, Any]:
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    def open(self) -> None:
        """Begin to write, or go on. Raises OSError."""
        begin = not self._path.is_file()
        self._file = run_file.append(self._path)
        self._file.write(json.dumps({"target": self._target}) + "\n" if begin else "\n")

    def add(self, number: int, done: str, refs: tuple[str, ...] = (), why: str = "") -> None:
        """What became of a guest. In the file at once: who is killed now need not ask again. Raises OSError."""
        told = {"guest": number, "done": done, **({"refs": refs} if refs else {}), **({"why": why} if why else {})}
        self._file.write(json.dumps(told, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Nothing more comes."""
        self._file.close()
