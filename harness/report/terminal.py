"""The summary on the terminal, or as plain aligned text in a log."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from harness.report import outcome_tables, tables, words
from harness.report.summary import Summary
from harness.report.tables import Row, Table

LOG_WIDTH = 120
"""Columns of a line where there is no terminal to ask."""
LONGEST_NAME = 36
"""A name longer than this many columns is cut, for the table's sake."""
MOST_ERRORS = 15
MOST_ORDERS = 10

_SACRIFICES = ("corrected", "error_rate", "share", "first", "journey", "type", "unfinished")
_GAP = "  "
_INDENT = "  "
_VERDICT_STYLES = {"pass": "bold green", "fail": "bold red", "incomplete": "bold yellow", "interrupted": "bold yellow"}
_ASCII = str.maketrans({"✓": "+", "✗": "x", "…": "~", "–": "-"})


def render(summary: Summary, console: Console, report_path: str | None) -> None:
    """Print ``summary``. ``report_path`` is where the report lies, None when none was written."""
    width = max(console.width, 40) if console.is_terminal else LOG_WIDTH
    for line in _lines(summary, width, report_path):
        console.print(encodable(line, console), soft_wrap=True, highlight=False)


def encodable(line: Text, console: Console) -> Text:
    """``line`` in characters that the console's encoding has."""
    encoding = console.encoding
    if encoding.lower().replace("-", "").startswith("utf"):
        return line
    # One character for one, so that the styles' places stay right.
    plain = line.plain.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return Text(plain, style=line.style, spans=list(line.spans), end=line.end)


def _lines(summary: Summary, width: int, report_path: str | None) -> Iterator[Text]:
    yield from _verdict(summary, width)
    yield Text()
    yield from _key_figures(summary, width)
    if summary.steps:
        yield from _section("Steps", fit(tables.steps(summary), width))
    if summary.journeys:
        yield from _section("Journeys (durations with think times)", fit(tables.journeys(summary), width))
    if any(step.left_by_design or step.lost_to_errors for step in summary.funnel):
        yield from _section("Funnel (where guests left or were lost)", fit(outcome_tables.funnel(summary), width))
    if summary.errors:
        yield from _errors(summary, width)
    if summary.thresholds:
        yield from _section("Thresholds", _thresholds(summary, width))
    yield from _section("Verification", _verification(summary, width))
    yield Text()
    yield from _wrapped(Text(_generator(summary), style="" if _generator_well(summary) else "yellow"), width)
    if report_path is not None:
        # Never wrapped, so that a terminal can make a link of it and a person can copy it.
        yield Text.assemble(("Report  ", "dim"), words.clean(report_path, 4096))


def _verdict(summary: Summary, width: int) -> Iterator[Text]:
    mark = Text(f"{words.VERDICT_WORDS[summary.verdict]}{_GAP}", style=_VERDICT_STYLES[summary.verdict])
    yield from _wrapped(mark.append(words.verdict_line(summary), style="bold"), width)
    for reason in words.reasons(summary):
        yield from _wrapped(Text(f"{_INDENT}- {reason}"), width, indent=4)


def _key_figures(summary: Summary, width: int) -> Iterator[Text]:
    figures = [*tables.traffic(summary), *tables.latency(summary)]
    widest = max(len(figure.value) for figure in figures)
    for figure in figures:
        line = Text(f"{figure.name:<13}", style="dim")
        line.append(f"{figure.value:>{widest}}", style="bold red" if figure.bad else "bold")
        yield line.append(f"{_GAP}{figure.note}", style="dim")
    for name, value in (
        ("Load", tables.load(summary)),
        ("Scenario", f"{words.clean(summary.scenario)}, seed {summary.seed}"),
        ("Target", words.clean(summary.target)),
    ):
        yield from _wrapped(Text.assemble((f"{name:<13}", "dim"), value), width, indent=13)


def _section(title: str, lines: Iterator[Text]) -> Iterator[Text]:
    yield Text()
    yield Text(title, style="bold")
    yield from lines


def _errors(summary: Summary, width: int) -> Iterator[Text]:
    table = tables.errors(summary)
    yield from _section("Errors", fit(Table(table.columns, table.rows[:MOST_ERRORS]), width))
    if (more := len(table.rows) - MOST_ERRORS) > 0:
        yield Text(f"{_INDENT}and {words.count(more)} more kinds", style="dim")


def _thresholds(summary: Summary, width: int) -> Iterator[Text]:
    table = tables.thresholds(summary)
    longest = min(max(cell_len(row.cells[1]) for row in table.rows), width - 30)
    for row in table.rows:
        result, text, measured = row.cells
        style = "red" if row.bad else "green"
        line = Text.assemble(_INDENT, ("✗ " if row.bad else "✓ ", style), _padded(text, longest, right=False))
        yield line.append(f"{_GAP}{measured}").append(f"{_GAP}{result}", style=style)


def _verification(summary: Summary, width: int) -> Iterator[Text]:
    known = summary.verification
    if known is None or (known.orders is None and known.guests is None):
        why = f": {words.clean(known.trouble, 300)}" if known and known.trouble else ""
        yield from _wrapped(Text(f"{_INDENT}Orders were not verified{why}.", style="dim"), width)
        return
    shown = outcome_tables.outcome(summary) if known.orders is not None else ()
    for figure in (*shown, *outcome_tables.guests(summary)):
        line = Text.assemble(_INDENT, ("✗ " if figure.bad else "✓ ", "red" if figure.bad else "green"))
        line.append(f"{figure.name:<18}{figure.value}").append(
            f"{_GAP}{figure.note}".rstrip(), style="red" if figure.bad else "dim"
        )
        yield from _wrapped(line, width, indent=22)
    problems = outcome_tables.problems(summary)
    if problems.rows:
        yield Text()
        for row in problems.rows[:MOST_ORDERS]:
            kind, who, step, expected, found = row.cells
            yield from _wrapped(
                Text(f"{_INDENT}{kind} {who} at {step}: {found} instead of {expected}"), width, indent=4
            )
        if (more := len(problems.rows) - MOST_ORDERS) > 0:
            yield Text(f"{_INDENT}and {words.count(more)} more: summary.json names the first of each kind", style="dim")


def _generator(summary: Summary) -> str:
    health = summary.generator
    line = f"Generator: {words.counted(health.workers, 'worker')}"
    if health.measured:
        line += (
            f", {words.percent(health.cpu)} of a core, loop lag p99 {words.ms(health.loop_lag_p99)}, "
            f"start lateness p99 {words.ms(health.start_lateness_p99)}"
        )
    if health.saturated:
        line += f". SATURATED for {words.counted(health.saturated_s, 'second')}: these figures may be its own"
    return f"{line}, {words.counted(health.workers_lost, 'worker')} lost" if health.workers_lost else line


def _generator_well(summary: Summary) -> bool:
    return summary.generator.workers_lost == 0 and not summary.generator.saturated


def _wrapped(text: Text, width: int, indent: int = 2) -> Iterator[Text]:
    """``text`` in lines of at most ``width`` columns, broken between words where it has any."""
    if cell_len(text.plain) <= width:
        yield text
        return
    console = Console(width=width)
    first, *rest = text.wrap(console, width)
    first.rstrip()
    yield first
    for line in rest:
        line.rstrip()
    for line in Text(" ", end="").join(rest).wrap(console, width - indent):
        line.rstrip()
        yield Text(" " * indent).append_text(line)


def fit(table: Table, width: int) -> Iterator[Text]:
    """``table`` as aligned lines of at most ``width`` columns.

    What is least missed goes first: shares (their counts stand beside them), then the journey moves into a line
    above its steps, then the type. Names are cut last.
    """
    grouped = False
    keys = [column.key for column in table.columns]
    for sacrifice in _SACRIFICES:
        if _width(table, keys, grouped) <= width:
            break
        if sacrifice in keys and (sacrifice != "journey" or keys[:2] == ["journey", "step"]):
            grouped = grouped or sacrifice == "journey"
            keys.remove(sacrifice)
    excess = max(_width(table, keys, grouped) - width, 0)
    widths = _widths(table, keys)
    for key in sorted((k for k in keys if not _column(table, k).number), key=lambda k: -widths[k]):
        cut = min(excess, max(widths[key] - 10, 0))
        widths[key] -= cut
        excess -= cut
    yield _header(table, keys, widths, grouped)
    journey = None
    for row in table.rows:
        if grouped and row.cells[0] != journey:
            journey = row.cells[0]
            yield Text(_INDENT + _padded(journey, width - 4, right=False).rstrip())
        yield _row(table, row, keys, widths, grouped)


def _column(table: Table, key: str) -> tables.Column:
    return next(column for column in table.columns if column.key == key)


def _title(column: tables.Column) -> str:
    return f"{column.short or column.title} {column.unit}".rstrip()


def _widths(table: Table, keys: list[str]) -> dict[str, int]:
    made = {}
    for index, column in enumerate(table.columns):
        if column.key in keys:
            longest = max((cell_len(row.cells[index]) for row in table.rows), default=0)
            made[column.key] = max(min(longest, LONGEST_NAME), len(_title(column)))
    return made


def _width(table: Table, keys: list[str], grouped: bool) -> int:
    return len(_INDENT) * (2 if grouped else 1) + sum(_widths(table, keys).values()) + len(_GAP) * (len(keys) - 1)


def _header(table: Table, keys: list[str], widths: dict[str, int], grouped: bool) -> Text:
    cells = []
    for key in keys:
        column = _column(table, key)
        cells.append(_padded(_title(column), widths[key], right=column.number))
    return Text((_INDENT * (2 if grouped else 1) + _GAP.join(cells)).rstrip(), style="dim")


def _row(table: Table, row: Row, keys: list[str], widths: dict[str, int], grouped: bool) -> Text:
    line = Text(_INDENT * (2 if grouped else 1))
    for index, column in enumerate(table.columns):
        if column.key in keys:
            if column.key != keys[0]:
                line.append(_GAP)
            cell = _padded(row.cells[index], widths[column.key], right=column.number)
            line.append(cell, style="red" if column.key in row.bad else "")
    line.rstrip()
    return line


def _padded(text: str, width: int, *, right: bool) -> str:
    cut = Text(text, end="")
    cut.truncate(width, overflow="ellipsis")
    space = " " * (width - cell_len(cut.plain))
    return space + cut.plain if right else cut.plain + space
