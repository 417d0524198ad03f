"""A comparison as workflow commands (GitHub's page "Workflow commands"): annotations of a run of its Actions."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.outcome import Comparison
from harness.report import compare_words, verdict_words, words

MOST = 10
"""GitHub shows no more of a kind for one step of a workflow."""


def lines(comparison: Comparison) -> Iterator[str]:
    """A line a regression, a warning for what else to know, and the verdict."""
    regressions = compare_words.ranked(comparison.regressions)
    for each in regressions[:MOST]:
        yield _command("error", "Regression", compare_words.sentence(each))
    for told in comparison.warnings[:MOST]:
        yield _command("warning", "About this comparison", words.clean(told, verdict_words.MOST_OF_A_REASON))
    yield _command("notice", compare_words.headline(comparison), compare_words.detail(comparison))


def _command(kind: str, title: str, told: str) -> str:
    return f"::{kind} title={_escaped(title).replace(':', '%3A').replace(',', '%2C')}::{_escaped(told)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
