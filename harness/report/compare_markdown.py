"""A comparison as GitHub Markdown, to paste in a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.compare.outcome import Comparison, Difference
from harness.compare.runs import Run
from harness.report import compare_tables, compare_words, verdict_words, words
from harness.report.markdown import escape

MOST_SENTENCES = 20
MOST_RUNS = 20


def render(comparison: Comparison) -> str:
    """The comparison as a Markdown document."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    mark = "❌" if comparison.regressions else "✅"
    yield f"## {mark} {escape(words.clean(comparison.scenario))}: {compare_words.headline(comparison).lower()}"
    yield ""
    yield escape(compare_words.detail(comparison))
    yield ""
    yield from _sentences(comparison)
    yield from _table(comparison)
    yield from _funnel(comparison)
    yield ""
    yield "<details><summary>How it was judged</summary>"
    yield ""
    yield from _rows(("", ""), [(name, escape(told)) for name, told in compare_tables.facts(comparison)])
    yield from _side("Base", comparison.base)
    yield from _side("New", comparison.new)
    yield ""
    yield "</details>"


def _sentences(comparison: Comparison) -> Iterator[str]:
    """What differs and what else to know, as a list with a line after it; nothing where there is neither."""
    sure = [each for each in compare_words.ranked(comparison.differences) if each.verdict in ("worse", "better")]
    sure.sort(key=lambda each: not each.regression)
    for each in sure[:MOST_SENTENCES]:
        told = escape(compare_words.sentence(each))
        yield f"- **{told}**" if each.regression else f"- {told}"
    if (more := len(sure) - MOST_SENTENCES) > 0:
        yield f"- and {words.counted(more, 'more difference')}"
    for told in comparison.warnings:
        yield f"- ⚠️ {escape(words.clean(told, verdict_words.MOST_OF_A_REASON))}"
    if sure or comparison.warnings:
        yield ""


def _table(comparison: Comparison) -> Iterator[str]:
    rows = []
    for group in compare_tables.groups(comparison):
        for line in group.lines:
            told = (line.name, line.base, line.new, line.change, line.interval, line.verdict)
            rows.append((escape(group.title), *_bold(line.difference, [escape(cell) for cell in told])))
    yield from _rows(("", "", "base", "new", "change", "between", "verdict"), rows, numbers={2, 3, 4, 5})


def _bold(each: Difference, cells: list[str]) -> list[str]:
    return [f"**{cell}**" for cell in cells] if each.regression else cells


def _funnel(comparison: Comparison) -> Iterator[str]:
    if not comparison.funnel:
        return
    yield ""
    yield "### Funnel"
    yield ""
    rows = [
        (escape(line.title), *(f"{a} → {b}" for a, b in (line.entered, line.went_on, line.left, line.lost)))
        for line in compare_tables.funnel(comparison)
    ]
    yield from _rows(("", "entered", "went on", "left by design", "lost to errors"), rows, numbers={1, 2, 3, 4})


def _side(title: str, runs: Sequence[Run]) -> Iterator[str]:
    for run in runs[:MOST_RUNS]:
        yield f"| {title} | {escape(compare_words.run(run))} |"
    if (more := len(runs) - MOST_RUNS) > 0:
        yield f"| {title} | and {words.counted(more, 'more run')} |"


def _rows(
    head: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int] | frozenset[int] = frozenset()
) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "|".join("--:" if place in numbers else "---" for place in range(len(head))) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
