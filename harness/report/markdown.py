"""The summary as GitHub Markdown, to paste in a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.report import outcome_tables, tables, verdict_words, words
from harness.report.summary import Summary
from harness.report.tables import Figure, Table

MOST_ERRORS = 50
MOST_PROBLEMS = 20

_VERDICT_MARKS = {"pass": "✅", "fail": "❌", "incomplete": "⚠️", "interrupted": "⚠️"}
# A "<" or "&" that opens nothing stays, so that "p95 < 300ms" reads well unrendered, too.
_HTML = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_MARKUP = re.compile(r"([\\`*_\[\]~|#])")
_MENTION = re.compile(r"@(?=\w)")


def escape(text: str) -> str:
    """Text from outside (on one line) so that Markdown shows it as it is: no table cell, tag, link or mention."""
    text = _HTML.sub(lambda found: "&lt;" if found[0] == "<" else "&amp;", text)
    # A zero-width space keeps GitHub from notifying whoever bears the name.
    return _MENTION.sub("@\u200b", _MARKUP.sub(r"\\\1", text))


def render(summary: Summary) -> str:
    """The summary as a Markdown document."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Summary) -> Iterator[str]:
    mark = _VERDICT_MARKS[summary.verdict]
    yield f"## {mark} {escape(words.clean(summary.scenario))}: {verdict_words.headline(summary).lower()}"
    yield ""
    yield f"**{verdict_words.VERDICT_WORDS[summary.verdict]}** {escape(verdict_words.verdict_line(summary))}"
    if reasons := verdict_words.reasons(summary):
        yield ""
        yield from (f"- {escape(reason)}" for reason in reasons)
    for remark in verdict_words.remarks(summary):
        yield ""
        yield f"Note: {escape(remark)}"
    yield ""
    yield from _figures(
        (
            *tables.traffic(summary),
            *tables.latency(summary),
            *outcome_tables.outcome(summary),
            *outcome_tables.guests(summary),
        )
    )
    yield from _section("Steps", tables.steps(summary))
    yield from _section("Journeys", tables.journeys(summary))
    yield from _section("Funnel", outcome_tables.funnel(summary))
    yield from _errors(summary)
    yield from _section("Thresholds", tables.thresholds(summary))
    yield from _problems(summary)
    yield from _section("Some of the orders found", outcome_tables.examples(summary))
    yield from _details("Generator", tables.generator(summary))
    yield from _details("Run", tables.facts(summary))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figures(figures: tuple[Figure, ...]) -> Iterator[str]:
    yield _row(["figure", "value", ""])
    yield "|---|--:|---|"
    for figure in figures:
        value = f"**{escape(figure.value)}**" if figure.value else ""
        yield _row([figure.name, value, escape(figure.note)])


def _section(title: str, table: Table) -> Iterator[str]:
    if not table.rows:
        return
    yield ""
    yield f"### {title}"
    yield ""
    yield _row([f"{column.title} ({column.unit})" if column.unit else column.title for column in table.columns])
    yield "|" + "|".join("--:" if column.number else "---" for column in table.columns) + "|"
    for row in table.rows:
        yield _row(
            [
                f"**{escape(cell)}**" if column.key in row.bad else escape(cell)
                for column, cell in zip(table.columns, row.cells, strict=True)
            ]
        )


def _errors(summary: Summary) -> Iterator[str]:
    table = tables.errors(summary)
    yield from _section("Errors", Table(table.columns, table.rows[:MOST_ERRORS]))
    if (more := len(table.rows) - MOST_ERRORS) > 0:
        yield ""
        yield f"and {words.count(more)} more kinds"


def _problems(summary: Summary) -> Iterator[str]:
    table = outcome_tables.problems(summary)
    yield from _section("Orders and guests", Table(table.columns, table.rows[:MOST_PROBLEMS]))
    if (more := len(table.rows) - MOST_PROBLEMS) > 0:
        yield ""
        yield f"and {words.count(more)} more in summary.json"


def _details(title: str, figures: tuple[Figure, ...]) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from _figures(figures)
    yield ""
    yield "</details>"
