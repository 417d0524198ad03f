"""The summary as workflow commands of GitHub: an annotation for all that did not hold, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report import outcome_tables, tables, verdict_words, words
from harness.report.diagnostic_formats import command
from harness.report.summary import Summary

MOST = 9
"""GitHub shows ten annotations of a kind for one step of a workflow; one is the verdict's."""

_KIND = {"pass": "notice", "fail": "error", "incomplete": "warning", "interrupted": "warning"}


def render(summary: Summary) -> str:
    """Lines for the log of a workflow."""
    return "".join(f"{line}\n" for line in _lines(summary))


def _lines(summary: Summary) -> Iterator[str]:
    name = words.clean(summary.scenario)
    headline = f"{name}: {verdict_words.headline(summary).lower()}"
    yield command(_KIND[summary.verdict], {"title": headline}, _told(summary))
    for reason in verdict_words.reasons(summary)[:MOST]:
        kind = "error" if summary.verdict == "fail" else "warning"
        yield command(kind, {"title": f"{name}: why"}, reason)
    if summary.generator.saturated:
        busy = words.counted(summary.generator.saturated_s, "second")
        yield command("warning", {"title": f"{name}: generator saturated"}, f"For {busy} figures may be its own.")


def _told(summary: Summary) -> str:
    figures = (*tables.traffic(summary), *tables.latency(summary), *outcome_tables.outcome(summary))
    return "\n".join([verdict_words.verdict_line(summary), *(f"{figure.name}: {figure.value}" for figure in figures)])
