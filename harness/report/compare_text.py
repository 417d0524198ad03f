"""A comparison on the terminal, or as plain aligned text in a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from harness.compare.outcome import Comparison
from harness.report import compare_tables, compare_words, verdict_words, words
from harness.report.compare_tables import Group, Line
from harness.report.console import LOG_WIDTH, encodable

MOST_SENTENCES = 8
MOST_RUNS = 4
_GAP = "  "
_STYLES = {"worse": "yellow", "better": "green", "same": "dim", "unsure": "", "unjudged": "dim"}
_COLUMNS = ("", "base", "new", "change", "between", "verdict")


def render(comparison: Comparison, console: Console, written: str | None = None) -> None:
    """Print a comparison. ``written``: where its page lies, None when there is none."""
    width = max(console.width, 40) if console.is_terminal else LOG_WIDTH
    for line in _lines(comparison, width, written):
        console.print(encodable(line, console), soft_wrap=True, highlight=False)


def as_text(comparison: Comparison) -> str:
    """The same as plain text."""
    return "".join(f"{line.plain.rstrip()}\n" for line in _lines(comparison, LOG_WIDTH, None))


def _lines(comparison: Comparison, width: int, written: str | None) -> Iterator[Text]:
    yield from _verdict(comparison, width)
    yield Text()
    yield from _sides(comparison)
    for name, told in compare_tables.facts(comparison):
        yield from _fact(name, told, width)
    for told in comparison.warnings:
        yield from _fact("Warning", words.clean(told, verdict_words.MOST_OF_A_REASON), width, "yellow")
    yield Text()
    yield from _table(list(compare_tables.groups(comparison)), width)
    if comparison.funnel:
        yield Text()
        yield from _funnel(comparison)
    if written is not None:
        yield Text()
        yield Text.assemble(("Comparison  ", "dim"), words.clean(written, 4096))


def _verdict(comparison: Comparison, width: int) -> Iterator[Text]:
    bad = bool(comparison.regressions)
    mark = ("FAIL", "bold red") if bad else ("PASS", "bold green")
    yield from wrapped(
        Text.assemble(
            mark, _GAP, (f"{compare_words.headline(comparison)}. {compare_words.detail(comparison)}", "bold")
        ),
        width,
    )
    told = [each for each in compare_words.ranked(comparison.differences) if each.verdict in ("worse", "better")]
    told.sort(key=lambda each: not each.regression)
    for each in told[:MOST_SENTENCES]:
        style = "red" if each.regression else ""
        yield from wrapped(Text(f"{_GAP}- {compare_words.sentence(each)}", style=style), width, 4)
    if (more := len(told) - MOST_SENTENCES) > 0:
        yield Text(f"{_GAP}- and {words.counted(more, 'more difference')}, in the table", style="dim")


def _sides(comparison: Comparison) -> Iterator[Text]:
    for title, runs in (("Base", comparison.base), ("New", comparison.new)):
        for number, run in enumerate(runs[:MOST_RUNS]):
            yield Text.assemble((f"{'' if number else title:<12}", "dim"), compare_words.run(run))
        if (more := len(runs) - MOST_RUNS) > 0:
            yield Text(f"{'':<12}and {words.counted(more, 'more run')}", style="dim")


def _fact(name: str, told: str, width: int, style: str = "") -> Iterator[Text]:
    yield from wrapped(Text.assemble((f"{name:<12}", "dim"), (told, style)), width, 12)


def _table(groups: Sequence[Group], width: int) -> Iterator[Text]:
    rows = [_cells(line) for group in groups for line in group.lines]
    widths = [max(cell_len(row[place]) for row in (*rows, _COLUMNS)) for place in range(len(_COLUMNS))]
    hidden = {4} if 4 + sum(widths) + 2 * len(widths) > width else set[int]()
    yield Text(f"{_GAP * 2}{_padded(_COLUMNS, widths, hidden)}".rstrip(), style="dim")
    for group in groups:
        title = Text(f"{_GAP}{group.title}", style="bold")
        title.truncate(width, overflow="ellipsis")
        yield title
        for line in group.lines:
            style = "red" if line.difference.regression else _STYLES[line.difference.verdict]
            yield Text(f"{_GAP * 2}{_padded(_cells(line), widths, hidden)}".rstrip(), style=style)


def _cells(line: Line) -> tuple[str, ...]:
    # Short, so that the table fits into 80 columns.
    change, interval = (cell.replace(" points", " pt") for cell in (line.change, line.interval))
    return line.name, line.base, line.new, change, interval, f"{line.verdict} {line.mark}".rstrip()


def _padded(cells: Sequence[str], widths: Sequence[int], hidden: set[int]) -> str:
    made = []
    for place, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        if place not in hidden:
            space = " " * (wide - cell_len(cell))
            made.append(space + cell if 0 < place < len(widths) - 1 else cell + space)
    return _GAP.join(made)


def _funnel(comparison: Comparison) -> Iterator[Text]:
    lines = compare_tables.funnel(comparison)
    yield Text(
        "Funnel (guests entered; of those done with the step: went on, left by design, lost to errors)", style="bold"
    )
    rows = [
        (line.title, *(f"{base} → {new}" for base, new in (line.entered, line.went_on, line.left, line.lost)))
        for line in lines
    ]
    head = ("", "entered", "went on", "left", "lost")
    widths = [max(cell_len(row[place]) for row in (*rows, head)) for place in range(len(head))]
    yield Text(f"{_GAP}{_padded((*head, ''), [*widths, 0], set())}".rstrip(), style="dim")
    for row in rows:
        yield Text(f"{_GAP}{_padded((*row, ''), [*widths, 0], set())}".rstrip())


def wrapped(text: Text, width: int, indent: int = 2) -> Iterator[Text]:
    """``text`` in lines of at most ``width`` columns, those after the first indented."""
    lines = text.wrap(Console(width=width), width - indent) if cell_len(text.plain) > width else [text]
    for number, line in enumerate(lines):
        line.rstrip()
        yield Text(" " * indent).append_text(line) if number else line
