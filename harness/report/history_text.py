"""A history on the terminal: a line a run, a bar for the first metric, a spark line for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from harness.compare.history import Entry, History
from harness.compare.metrics import Metric
from harness.report import compare_words, verdict_words, words
from harness.report.compare_text import wrapped
from harness.report.console import LOG_WIDTH, encodable

_SPARKS = "▁▂▃▄▅▆▇█"
_BAR = 16
LONGEST_SPARK = 60
_GAP = "  "
_VERDICT_STYLES = {"pass": "green", "fail": "red"}


def render(history: History, console: Console) -> None:
    """Print a history."""
    width = max(console.width, 40) if console.is_terminal else LOG_WIDTH
    for line in _lines(history, width):
        console.print(encodable(line, console), soft_wrap=True, highlight=False)


def as_text(history: History) -> str:
    """The same as plain text."""
    return "".join(f"{line.plain.rstrip()}\n" for line in _lines(history, LOG_WIDTH))


def title(metric: Metric) -> str:
    """A metric as it is asked for."""
    return words.clean(metric.text)


def shown(metric: Metric, value: float | None) -> str:
    """A value with its unit."""
    if metric.kind == "orders.missing" and value is not None:
        return words.count(round(value))
    return compare_words.value(metric, value)


def spark(values: Sequence[float]) -> str:
    """Values as a line of blocks, the lowest and the highest at the ends of its range."""
    low, high = min(values), max(values)
    last = len(_SPARKS) - 1
    return "".join(_SPARKS[round((value - low) / (high - low) * last) if high > low else last // 2] for value in values)


def _lines(history: History, width: int) -> Iterator[Text]:
    longest = max(cell_len(title(metric)) for metric in history.metrics)
    for place, metric in enumerate(history.metrics):
        values = history.comparable(place)
        if not values:
            continue
        ends = f"{shown(metric, min(values))} to {shown(metric, max(values))}, last {shown(metric, values[-1])}"
        recent = spark(values[-min(LONGEST_SPARK, max(width - longest - len(ends) - 6, 8)) :])
        name = f"{title(metric)}{' ' * (longest - cell_len(title(metric)))}"
        yield Text.assemble((name, "bold"), f"{_GAP}{recent}{_GAP}", (ends, "dim"))
    yield Text()
    yield from _table(history, width)
    for told in history.unreadable:
        yield from wrapped(
            Text(f"Left out: {words.clean(told, verdict_words.MOST_OF_A_REASON)}", style="yellow"), width
        )


def _table(history: History, width: int) -> Iterator[Text]:
    head = ("started", "run", "verdict", *(title(metric) for metric in history.metrics))
    rows = [_cells(history, entry) for entry in history.entries]
    widths = [max(cell_len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    spare = width - sum(widths) - len(_GAP) * len(widths)
    widths[1] = min(widths[1], max(widths[1] + spare - _BAR, 16))
    yield Text(_padded(head, widths).rstrip(), style="dim")
    highest = max(history.comparable(0), default=0.0)
    for entry, row in zip(history.entries, rows, strict=True):
        line = Text(_padded(row, widths), style="" if entry.comparable else "dim")
        if entry.comparable:
            start = widths[0] + len(_GAP) + widths[1] + len(_GAP)
            line.stylize(_VERDICT_STYLES.get(entry.run.verdict, "yellow"), start, start + widths[2])
            line.append(f"{_GAP}{_bar(entry.values[0], highest)}", style="cyan")
        line.rstrip()
        yield line
        for reason in entry.obstacles:
            yield from wrapped(Text(f"{' ' * (widths[0] + 2)}≠ {words.clean(reason, 300)}", style="dim"), width, 22)


def _cells(history: History, entry: Entry) -> tuple[str, ...]:
    values = [shown(metric, value) for metric, value in zip(history.metrics, entry.values, strict=True)]
    return (
        f"{entry.run.started:%Y-%m-%d %H:%M}",
        words.clean(entry.run.name, 200),
        words.clean(entry.run.verdict),
        *values,
    )


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    made = []
    for place, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        fitting = cell if cell_len(cell) <= wide else f"…{cell[-(wide - 1) :]}"
        space = " " * max(wide - cell_len(fitting), 0)
        made.append(space + fitting if place > 2 else fitting + space)
    return _GAP.join(made)


def _bar(value: float | None, highest: float) -> str:
    if value is None or highest <= 0:
        return ""
    return "█" * round(value / highest * _BAR)
