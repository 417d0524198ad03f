"""cleanup.jsonl of a run directory: what became of each guest."""

from __future__ import annotations

from pathlib import Path

from harness.run.target_log import TargetLog

FILE = "cleanup.jsonl"
DELETED, ABSENT, LEFT, FAILED = "deleted", "absent", "left", "failed"


class CleanupLog(TargetLog):
    """``done``: numbers that need not be looked at again (those that failed do)."""

    def __init__(self, folder: Path, target: str) -> None:
        """Raises OSError."""
        super().__init__(folder / FILE, target)
        self.done: set[int] = set()
        self.deleted = 0
        for told in self.before():
            number = told.get("guest")
            if isinstance(number, int) and told.get("done") in (DELETED, ABSENT, LEFT):
                self.done.add(number)
                refs = told.get("refs")
                self.deleted += len(refs) if told["done"] == DELETED and isinstance(refs, list) else 0

    def add(self, number: int, done: str, refs: tuple[str, ...] = (), why: str = "") -> None:
        """What became of a guest. Raises OSError."""
        self.write({"guest": number, "done": done, **({"refs": refs} if refs else {}), **({"why": why} if why else {})})
