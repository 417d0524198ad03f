"""A comparison as rows of text: what every form of it lays out, each in its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from harness.compare.outcome import Comparison, Difference
from harness.compare.runs import FunnelFacts
from harness.report import compare_words, words


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of a group, in words. ``mark`` is ✗ for a regression."""

    name: str
    base: str
    new: str
    change: str
    interval: str
    verdict: str
    difference: Difference

    @property
    def mark(self) -> str:
        """A sign beside the words, for who skims."""
        return "✗" if self.difference.regression else ""


@dataclass(frozen=True, slots=True)
class Group:
    """The metrics of one step or journey, or of the whole run."""

    title: str
    lines: tuple[Line, ...]


def groups(comparison: Comparison) -> Iterator[Group]:
    """All metrics, in the order of the scenario."""
    for title, found in groupby(comparison.differences, key=lambda each: compare_words.subject(each.metric)):
        yield Group(title, tuple(_line(each) for each in found))


def _line(each: Difference) -> Line:
    known = each.low is not None
    return Line(
        name=compare_words.kind(each.metric),
        base=compare_words.value(each.metric, each.base),
        new=compare_words.value(each.metric, each.new),
        change=compare_words.signed(each.metric, each.change),
        interval=compare_words.interval(each) if known else each.note,
        verdict="regression" if each.regression else compare_words.VERDICT_WORDS[each.verdict],
        difference=each,
    )


@dataclass(frozen=True, slots=True)
class FunnelLine:
    """One step of the funnel: guests that entered, and what became of them, base beside new."""

    title: str
    entered: tuple[str, str]
    went_on: tuple[str, str]
    left: tuple[str, str]
    lost: tuple[str, str]


def funnel(comparison: Comparison) -> list[FunnelLine]:
    """The funnel of both sides; empty where the runs tell of none."""
    made = []
    for row in comparison.funnel:
        sides = (row.base, row.new)
        made.append(
            FunnelLine(
                f"{words.clean(row.base.journey)}/{words.clean(row.base.step)}",
                _both([words.count(side.entered) for side in sides]),
                _both([_share(side.went_on, side) for side in sides]),
                _both([_share(side.left_by_design, side) for side in sides]),
                _both([_share(side.lost_to_errors, side) for side in sides]),
            )
        )
    return made


def _both(texts: list[str]) -> tuple[str, str]:
    return texts[0], texts[1]


def _share(part: int, of: FunnelFacts) -> str:
    ended = of.went_on + of.left_by_design + of.lost_to_errors
    return words.percent(part / ended if ended else None)


def facts(comparison: Comparison) -> list[tuple[str, str]]:
    """How it was judged: name and text."""
    made = [
        ("Method", compare_words.method(comparison)),
        ("Confidence", f"{compare_words.percent(comparison.settings.confidence)} for all intervals together"),
        ("Tolerance", compare_words.tolerance(comparison)),
    ]
    if told := compare_words.left_out(comparison):
        made.append(("Seconds", told))
    return made
