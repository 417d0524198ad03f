"""What a cleanup found and did, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

from harness.report import words


class Told(Protocol):
    """What is told of a cleanup."""

    found: int
    deleted: int
    why: Counter[str]
    named: list[tuple[str, str]]

    @property
    def looked(self) -> int:
        """At so many numbers it was looked."""


def dry(out: Console, found: Told, before: int, target: str, killed: bool) -> None:
    """What would be deleted, and what not, and why."""
    guests = words.counted(found.found, "guest")
    out.print(f"{guests} of this run at {target}: they would be deleted.", markup=False, soft_wrap=True)
    if killed:
        looked = words.count(found.looked)
        out.print(f"The run did not come to its end: {looked} of its guests were looked for.", markup=False)
    _rest(out, found, before)


def done(out: Console, result: Told, before: int, target: str) -> None:
    """What was deleted, and what not, and why."""
    guests = words.counted(result.deleted, "guest")
    out.print(f"{guests} of this run deleted at {target}.", markup=False, soft_wrap=True)
    _rest(out, result, before)


def _rest(out: Console, told: Told, before: int) -> None:
    if before:
        out.print(f"{words.count(before)} more were deleted by a cleanup before.", markup=False)
    if not told.why:
        return
    out.print("Left as they are:", markup=False)
    for why, count in told.why.most_common():
        examples: Sequence[str] = [named for named, reason in told.named if reason == why][:3]
        more = f": {', '.join(map(words.clean, examples))}{' …' if count > len(examples) else ''}" if examples else ""
        out.print(f"  {words.count(count):>7}  {words.clean(why)}{more}", markup=False, soft_wrap=True)


@contextmanager
def counting(out: Console, what: str, of: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A line that counts, on a terminal; elsewhere nothing."""
    if quiet or not out.is_terminal or out.is_dumb_terminal:
        yield lambda _: None
        return
    with Live(Text(f"{what} …"), console=out, auto_refresh=False, transient=True) as live:

        def tell(done: int) -> None:
            live.update(Text(f"{what}: {words.count(done)} of {words.count(max(of, done))}"), refresh=done % 20 == 0)

        yield tell
