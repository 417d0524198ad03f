"""How a batch is built, checked and uploaded: a bar on a terminal, a line for each step in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from harness.batch.manifest import Manifest, Part
from harness.report import words

EVERY_S = 5.0
"""Between two lines of one thing in a log."""


class BatchProgress:
    """Shows what it is told. ``seconds`` is how long the last thing took."""

    def __init__(self, console: Console, quiet: bool) -> None:
        self._console = console
        self._silent = quiet
        self._live = console.is_terminal and not console.is_dumb_terminal and not quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._told: tuple[str, str] = ("", "")
        self._told_at = 0.0
        self._place = ""
        self._parts = 0
        self._number = 0
        self.seconds = 0.0

    @contextmanager
    def building(self, expected: int | None) -> Iterator[Callable[[int, int], None]]:
        """While parts are built: the function gets records and parts so far."""
        with self._shown(TextColumn("building  {task.description}"), BarColumn(), total=expected):
            yield lambda records, parts: self._count(
                records, f"{words.counted(records, 'record')}, {words.counted(parts, 'part')}"
            )

    @contextmanager
    def checking(self) -> Iterator[Callable[[int], None]]:
        """While files are checked: the function gets the records so far."""
        with self._shown(TextColumn("checking  {task.description}"), BarColumn(), total=None):
            yield lambda records: self._count(records, words.counted(records, "record"))

    @contextmanager
    def uploading(self, manifest: Manifest) -> Iterator[None]:
        """While parts are uploaded and followed."""
        self._parts = len(manifest.parts)
        self._names = {part.file: number for number, part in enumerate(manifest.parts, 1)}
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with self._shown(*columns, total=None):
            yield

    def sending(self, part: Part, host: str) -> None:
        """A part is being sent, to a host."""
        where = f" to {words.clean(host)}" if host != self._place else ""
        self._place = host
        self._line(f"{self._of(part)}: sending {words.size(part.size)}{where}")
        if self._bar is not None and self._task is not None:
            self._bar.reset(self._task, total=part.size, description=f"{self._of(part)}  sending{where}")

    def sent(self, size: int) -> None:
        """So many bytes of it so far."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=size)

    def state(self, part: Part, waited_s: float) -> None:
        """The target says this of a part."""
        told = (part.file, part.state)
        if told != self._told or time.monotonic() - self._told_at >= EVERY_S:
            self._line(f"{self._of(part)}: {words.clean(part.state)}{_after(waited_s)}")
            self._told, self._told_at = told, time.monotonic()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=f"{self._of(part)}  {words.clean(part.state)}{_after(waited_s)}")

    def again(self, part: Part, reason: str) -> None:
        """A part is tried once more."""
        self._line(f"{self._of(part)}: {words.clean(reason, 300)}; it is tried once more")

    def _of(self, part: Part) -> str:
        return f"part {self._names.get(part.file, 1)} of {self._parts}"

    def _count(self, records: int, text: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=records, description=text)
        elif time.monotonic() - self._told_at >= EVERY_S:
            self._line(text)
            self._told_at = time.monotonic()

    def _line(self, text: str) -> None:
        if not self._silent and not self._live:
            self._console.print(text, soft_wrap=True, highlight=False, markup=False)

    @contextmanager
    def _shown(
        self, *columns: TextColumn | BarColumn | DownloadColumn | TransferSpeedColumn, total: int | None
    ) -> Iterator[None]:
        begun = time.monotonic()
        self._told_at = begun
        try:
            if not self._live:
                yield
                return
            with Progress(*columns, console=self._console, transient=True) as bar:
                self._bar, self._task = bar, bar.add_task("", total=total)
                yield
        finally:
            self._bar = self._task = None
            self.seconds = time.monotonic() - begun


def _after(seconds: float) -> str:
    return f" after {words.duration(seconds)}" if seconds >= 1 else ""
