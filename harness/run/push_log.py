"""FILE.pushed.jsonl: what became of each line of a file of guests, so that a push that was cut off goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SUFFIX = ".pushed.jsonl"
LONGEST_LINE = 1 << 16
UNCERTAIN = 64
"""Lines after the last one that is in the log: a push that was killed may have sent some of them."""


class PushLog:
    """What was pushed to one target. ``done``: mark and ref by line; ``tried``: lines of which nobody knows."""

    def __init__(self, file: Path, target: str) -> None:
        """Reads what is there; that of another target is put aside. Raises OSError."""
        self.path = file.with_name(file.name + SUFFIX)
        self._target = target
        self.begun = datetime.now(UTC)
        self.done: dict[int, str] = {}
        self.tried: set[int] = set()
        self._last = 0
        self.resumed = self.path.is_file()
        if self.resumed and not self._read():
            self.path.replace(self.path.with_suffix(".before.jsonl"))
            self.resumed = False
            self.done.clear()
            self.tried.clear()

    def _read(self) -> bool:
        """Whether it is of this target. A last line that was cut off is none."""
        with self.path.open(encoding="utf-8", errors="replace") as file:
            head = _line(file.readline(LONGEST_LINE))
            if head.get("target") != self._target:
                return False
            self.begun = datetime.fromisoformat(str(head.get("begun")))
            while text := file.readline(LONGEST_LINE):
                told = _line(text)
                number = told.get("line")
                if not isinstance(number, int):
                    continue
                self._last = max(self._last, number)
                if told.get("ref"):
                    self.done[number] = str(told.get("mark"))
                    self.tried.discard(number)
                elif told.get("status", 0) == 0 or told.get("status", 0) >= 500:
                    self.tried.add(number)
        return True

    def may_be_there(self, line: int) -> bool:
        """Whether an earlier push may have made the guest of a line without having written it down."""
        return self.resumed and (line in self.tried or self._last < line <= self._last + UNCERTAIN)

    def open(self) -> None:
        """Begin to write, or go on. Raises OSError."""
        self._file = self.path.open("a", encoding="utf-8")
        if self.resumed:
            self._file.write("\n")
        else:
            head = {"target": self._target, "begun": self.begun.isoformat()}
            self._file.write(json.dumps(head) + "\n")

    def add(self, line: int, mark: str, ref: str = "", status: int = 0, why: str = "") -> None:
        """What became of a line; in the file at once. Raises OSError."""
        told = {"line": line, "mark": mark, **({"ref": ref} if ref else {"status": status, "why": why})}
        self._file.write(json.dumps(told, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Nothing more comes."""
        self._file.close()


def _line(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
