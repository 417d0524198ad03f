"""What became of guests that were pushed, for people: counts, and a table of what went wrong."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from rich.console import Console

from harness.report import words

MOST_REASONS = 20
MOST_LINES = 5


class Told(Protocol):
    """What is told of a push."""

    created: int
    before: int
    existing: int
    failed: Counter[str]
    named: dict[str, list[int]]


def dry(out: Console, told: Told) -> None:
    """What would be sent."""
    out.print(f"{words.counted(told.created, 'guest')} would be created. Nothing was sent.", markup=False)
    _errors(out, told)


def done(out: Console, told: Told, target: str, log: str) -> None:
    """What was sent."""
    out.print(f"{words.counted(told.created, 'guest')} created at {target}.", markup=False, soft_wrap=True)
    if told.before:
        out.print(f"{words.count(told.before)} more were created before.", markup=False)
    if told.existing:
        out.print(f"{words.count(told.existing)} were there already.", markup=False)
    _errors(out, told)
    out.print(f"Line by line: {log}", markup=False, soft_wrap=True)


def _errors(out: Console, told: Told) -> None:
    if not told.failed:
        return
    lines = words.counted(sum(told.failed.values()), "line")
    out.print(f"\n{lines} came to nothing:", markup=False)
    out.print(f"{'lines':>9}  {'which':<24}  why", style="dim", markup=False)
    for why, count in told.failed.most_common(MOST_REASONS):
        named = told.named[why]
        which = ", ".join(map(str, named[:MOST_LINES])) + (" …" if count > MOST_LINES else "")
        out.print(f"{words.count(count):>9}  {which:<24}  {words.clean(why)}", markup=False, soft_wrap=True)
    if len(told.failed) > MOST_REASONS:
        out.print(f"{'':>9}  and {words.count(len(told.failed) - MOST_REASONS)} more reasons", markup=False)
