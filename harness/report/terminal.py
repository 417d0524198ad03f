"""The summary on the terminal, or as plain aligned text in a log."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from harness.report import others_words, outcome_tables, tables, verdict_words, words
from harness.report.console import LOG_WIDTH, encodable
from harness.report.summary import Summary
from harness.report.tables import Table
from harness.report.text_table import GAP, INDENT, fit, padded

MOST_ERRORS = 15
MOST_ORDERS = 10

_VERDICT_STYLES = {"pass": "bold green", "fail": "bold red", "incomplete": "bold yellow", "interrupted": "bold yellow"}


def render(summary: Summary, console: Console, report_path: str | None) -> None:
    """Print ``summary``. ``report_path`` is where the report lies, None when none was written."""
    width = max(console.width, 40) if console.is_terminal else LOG_WIDTH
    for line in _lines(summary, width, report_path):
        console.print(encodable(line, console), soft_wrap=True, highlight=False)


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
    for told in others_words.lines(summary.others, summary.generator.workers):
        yield from _wrapped(Text(told, style="yellow"), width)
    if report_path is not None:
        # Never wrapped, so that a terminal can make a link of it and a person can copy it.
        yield Text.assemble(("Report  ", "dim"), words.clean(report_path, 4096))


def _verdict(summary: Summary, width: int) -> Iterator[Text]:
    mark = Text(f"{verdict_words.VERDICT_WORDS[summary.verdict]}{GAP}", style=_VERDICT_STYLES[summary.verdict])
    yield from _wrapped(mark.append(verdict_words.verdict_line(summary), style="bold"), width)
    for reason in verdict_words.reasons(summary):
        yield from _wrapped(Text(f"{INDENT}- {reason}"), width, indent=4)


def _key_figures(summary: Summary, width: int) -> Iterator[Text]:
    figures = [*tables.traffic(summary), *tables.latency(summary)]
    widest = max(len(figure.value) for figure in figures)
    for figure in figures:
        line = Text(f"{figure.name:<13}", style="dim")
        line.append(f"{figure.value:>{widest}}", style="bold red" if figure.bad else "bold")
        yield line.append(f"{GAP}{figure.note}", style="dim")
    for name, value in (
        ("Load", tables.load(summary)),
        ("Scenario", f"{words.clean(summary.scenario)}, seed {summary.seed}"),
        ("Target", words.clean(summary.target)),
    ):
        yield from _wrapped(Text.assemble((f"{name:<13}", "dim"), value), width, indent=13)
    for remark in verdict_words.remarks(summary):
        yield from _wrapped(Text.assemble((f"{'Note':<13}", "dim"), remark), width, indent=13)


def _section(title: str, lines: Iterator[Text]) -> Iterator[Text]:
    yield Text()
    yield Text(title, style="bold")
    yield from lines


def _errors(summary: Summary, width: int) -> Iterator[Text]:
    table = tables.errors(summary)
    yield from _section("Errors", fit(Table(table.columns, table.rows[:MOST_ERRORS]), width))
    if (more := len(table.rows) - MOST_ERRORS) > 0:
        yield Text(f"{INDENT}and {words.count(more)} more kinds", style="dim")


def _thresholds(summary: Summary, width: int) -> Iterator[Text]:
    table = tables.thresholds(summary)
    longest = min(max(cell_len(row.cells[1]) for row in table.rows), width - 30)
    for row in table.rows:
        result, text, measured = row.cells
        style = "red" if row.bad else "green"
        line = Text.assemble(INDENT, ("✗ " if row.bad else "✓ ", style), padded(text, longest, right=False))
        yield line.append(f"{GAP}{measured}").append(f"{GAP}{result}", style=style)


def _verification(summary: Summary, width: int) -> Iterator[Text]:
    known = summary.verification
    if known is None or (known.orders is None and known.guests is None):
        why = f": {words.clean(known.trouble, 300)}" if known and known.trouble else ""
        yield from _wrapped(Text(f"{INDENT}Orders were not verified{why}.", style="dim"), width)
        return
    shown = outcome_tables.outcome(summary) if known.orders is not None else ()
    for figure in (*shown, *outcome_tables.guests(summary)):
        line = Text.assemble(INDENT, ("✗ " if figure.bad else "✓ ", "red" if figure.bad else "green"))
        line.append(f"{figure.name:<18}{figure.value}").append(
            f"{GAP}{figure.note}".rstrip(), style="red" if figure.bad else "dim"
        )
        yield from _wrapped(line, width, indent=22)
    problems = outcome_tables.problems(summary)
    if problems.rows:
        yield Text()
        for row in problems.rows[:MOST_ORDERS]:
            kind, who, step, expected, found = row.cells
            yield from _wrapped(Text(f"{INDENT}{kind} {who} at {step}: {found} instead of {expected}"), width, indent=4)
        if (more := len(problems.rows) - MOST_ORDERS) > 0:
            yield Text(f"{INDENT}and {words.count(more)} more: summary.json names the first of each kind", style="dim")


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
