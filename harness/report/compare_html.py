"""A comparison as one HTML file that opens offline, needs no script and loads nothing."""

from __future__ import annotations

from collections.abc import Sequence

from harness.compare.outcome import Comparison, Distribution
from harness.compare.runs import Run
from harness.report import compare_charts, compare_tables, compare_words, page, verdict_words, words
from harness.report.words import rfc3339

MOST_SENTENCES = 12
MOST_CHARTS = 60
MOST_RUNS = 50


def render(comparison: Comparison) -> str:
    """The comparison as an HTML document."""
    style = page.css("report.css", "compare.css")
    told = [each for each in compare_words.ranked(comparison.differences) if each.verdict in ("worse", "better")]
    told.sort(key=lambda each: not each.regression)
    return page.template("compare.html.j2").render(
        css=style,
        policy=page.policy(style),
        kind="fail" if comparison.regressions else "pass",
        scenario=words.clean(comparison.scenario),
        headline=compare_words.headline(comparison),
        detail=compare_words.detail(comparison),
        sentences=[(compare_words.sentence(each), each.regression) for each in told[:MOST_SENTENCES]],
        more_sentences=max(len(told) - MOST_SENTENCES, 0),
        warnings=[words.clean(each, verdict_words.MOST_OF_A_REASON) for each in comparison.warnings],
        groups=list(compare_tables.groups(comparison)),
        bar=compare_charts.bar,
        charts=[_chart(each) for each in _drawn(comparison)],
        more_charts=max(len(comparison.distributions) - MOST_CHARTS, 0),
        funnel=compare_tables.funnel(comparison),
        facts=compare_tables.facts(comparison),
        sides=(_side("Base", comparison.base), _side("New", comparison.new)),
        several=len(comparison.base) + len(comparison.new) > 2,
    )


def _drawn(comparison: Comparison) -> list[Distribution]:
    """Steps with a difference first, for where there are too many to draw."""
    differ = {(d.metric.journey, d.metric.step) for d in comparison.differences if d.verdict in ("worse", "better")}
    chosen = sorted(comparison.distributions, key=lambda each: each.key not in differ)[:MOST_CHARTS]
    return [each for each in comparison.distributions if each in chosen]


def _chart(each: Distribution) -> tuple[str, str]:
    name = f"{words.clean(each.key.journey)}/{words.clean(each.key.step)}"
    return name, compare_charts.distribution(each)


def _side(title: str, runs: Sequence[Run]) -> tuple[str, list[dict[str, str]], int]:
    rows = [
        {
            "name": words.clean(run.name, 4096),
            "target": words.clean(run.target),
            "started": words.moment(run.started),
            "exact": rfc3339(run.started),
            "duration": words.duration(run.duration_s),
            "load": f"{run.level:g} {'guests/s' if run.model == 'open' else 'users'}",
        }
        for run in runs[:MOST_RUNS]
    ]
    return title, rows, max(len(runs) - MOST_RUNS, 0)
