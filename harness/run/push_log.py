"""FILE.pushed.jsonl: what became of each line of a file of guests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.run.target_log import TargetLog

SUFFIX = ".pushed.jsonl"
UNCERTAIN = 64
"""Lines after the last one that is in the log: a push that was killed may have sent some of them."""


class PushLogError(ValueError):
    """The log is none that a push wrote; the text says so."""


class PushLog(TargetLog):
    """``done``: mark by line; ``tried``: lines of which nobody knows; ``begun``: when the first push began."""

    def __init__(self, file: Path, target: str) -> None:
        """Raises OSError, PushLogError."""
        super().__init__(file.with_name(file.name + SUFFIX), target, begun=datetime.now(UTC).isoformat())
        self.begun = self._begun()
        self.done: dict[int, str] = {}
        self.tried: set[int] = set()
        self._last = 0
        for told in self.before():
            number = told.get("line")
            if isinstance(number, int):
                self._take(number, told)

    def _begun(self) -> datetime:
        try:
            return datetime.fromisoformat(str(self.head.get("begun"))).astimezone(UTC)
        except (ValueError, OverflowError):
            raise PushLogError(f"{self.path} does not tell when its push began: take it away to begin anew") from None

    def _take(self, number: int, told: dict[str, Any]) -> None:
        self._last = max(self._last, number)
        status = told.get("status", 0)
        if told.get("ref"):
            self.done[number] = str(told.get("mark"))
            self.tried.discard(number)
        elif not isinstance(status, int) or status == 0 or status >= 500:
            self.tried.add(number)

    def may_be_there(self, line: int) -> bool:
        """Whether an earlier push may have made the guest of a line without having written it down."""
        return self.resumed and (line in self.tried or self._last < line <= self._last + UNCERTAIN)

    def add(self, line: int, mark: str, ref: str = "", status: int = 0, why: str = "") -> None:
        """What became of a line. Raises OSError."""
        self.write({"line": line, "mark": mark, **({"ref": ref} if ref else {"status": status, "why": why})})
