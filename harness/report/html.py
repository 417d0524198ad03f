"""The report: one HTML file that opens offline and loads nothing. Its one script sorts tables; it is complete without."""

from __future__ import annotations

from collections.abc import Iterator

from harness.record.series import SeriesRow
from harness.report import charts, outcome_tables, page, small_charts, svg, tables, timeline, verdict_words, words
from harness.report.answers import answers
from harness.report.distribution_chart import distribution
from harness.report.sample import Sample
from harness.report.summary import Summary
from harness.report.timeline import Second
from harness.report.words import rfc3339

MOST_ERRORS = 200
LONGEST_BLOCK = 120_000
"""Characters of a scenario that are shown."""


def render(summary: Summary) -> str:
    """The summary as an HTML document."""
    css, script = page.css("report.css"), page.script("report.js")
    errors = tables.errors(summary)
    return page.template("report.html.j2").render(
        css=css,
        script=script,
        policy=page.policy(css, script),
        summary=summary,
        scenario=words.clean(summary.scenario),
        description=words.clean(summary.description, 500),
        target=words.clean(summary.target),
        load=tables.load(summary),
        started=words.moment(summary.started),
        started_exact=rfc3339(summary.started),
        duration=words.duration(summary.duration_s),
        verdict_word=verdict_words.VERDICT_WORDS[summary.verdict],
        headline=verdict_words.headline(summary),
        detail=verdict_words.verdict_detail(summary),
        reasons=verdict_words.reasons(summary),
        remarks=verdict_words.remarks(summary),
        answers=answers(summary),
        tiles=(
            *tables.traffic(summary),
            *outcome_tables.outcome(summary)[:1],
            *tables.latency(summary),
            *outcome_tables.outcome(summary)[1:],
        ),
        figures=list(_figures(summary)),
        steps=tables.steps(summary),
        sparks=_sparks(summary),
        journeys=tables.journeys(summary),
        errors=tables.Table(errors.columns, errors.rows[:MOST_ERRORS]),
        more_errors=max(len(errors.rows) - MOST_ERRORS, 0),
        samples=[_sample(each) for each in summary.samples],
        thresholds=tables.thresholds(summary),
        outcome=outcome_tables.outcome(summary),
        guests=outcome_tables.guests(summary),
        problems=outcome_tables.problems(summary),
        examples=outcome_tables.examples(summary),
        funnel=outcome_tables.funnel(summary),
        bars=small_charts.funnel_bars(summary),
        verify_trouble=words.clean(summary.verification.trouble, 500) if summary.verification else "",
        generator=tables.generator(summary),
        facts=tables.facts(summary),
        command=words.clean(summary.command, 2000),
        source=words.block(summary.source, LONGEST_BLOCK),
        count=words.count,
    )


def _figures(summary: Summary) -> Iterator[dict[str, object]]:
    """The charts: title, what it shows, the keys of its legend, and its drawing in each size."""
    hatched = summary.generator.saturated_seconds
    load = summary.load
    if load is not None and (load.planned or load.achieved):
        yield {
            "title": "Load",
            "told": f"{load.unit}, as planned and as it came about",
            "keys": [("ok", "achieved"), *([("planned", "planned")] if load.planned else [])],
            "drawings": [(size.name, charts.load(load, size, hatched)) for size in svg.SIZES],
        }
    seconds = timeline.seconds(summary.series)
    if any(second.replies for second in seconds):
        yield {
            "title": "Throughput and errors",
            "told": "requests that ended in each second",
            "keys": [("ok", "ok"), ("failed", "failed")],
            "drawings": [(size.name, charts.throughput(seconds, size, hatched)) for size in svg.SIZES],
        }
        yield from _latencies(seconds, hatched)
    if summary.distribution:
        yield {
            "title": "Distribution",
            "told": "all replies of the run by percentile",
            "keys": [("latency", "from sending"), ("corrected", "from when it was due")],
            "drawings": [(size.name, distribution(summary.distribution, size)) for size in svg.SIZES],
        }


def _latencies(seconds: tuple[Second, ...], hatched: tuple[int, ...]) -> Iterator[dict[str, object]]:
    for title, name, told, lines in (
        ("Latency, slowest step", "latency", "from sending a request to its reply", charts.MEASURED),
        ("Corrected latency, slowest step", "corrected", "from when the request was due", charts.CORRECTED),
    ):
        if any(measure(second) is not None for second in seconds for _, measure in lines):
            yield {
                "title": title,
                "told": f"{told}, percentiles of each second",
                "keys": [(each, each) for each, _ in lines],
                "drawings": [(size.name, charts.latency(seconds, size, hatched, lines, name)) for size in svg.SIZES],
            }


def _sparks(summary: Summary) -> list[str]:
    """A small drawing for each step; none at all without a series."""
    if not summary.series:
        return []
    by_step: dict[tuple[str, str], list[SeriesRow]] = {}
    for row in summary.series:
        by_step.setdefault((row.journey, row.step), []).append(row)
    span = max(row.second for row in summary.series) + 1
    busy = summary.generator.saturated_seconds
    return [
        small_charts.spark(by_step.get((step.journey, step.step), []), span, busy, f"spark-{number}")
        for number, step in enumerate(summary.steps)
    ]


def _sample(sample: Sample) -> dict[str, str]:
    status = f"status {sample.status}" if sample.status is not None else "no reply"
    kind = words.ERROR_KINDS.get(sample.kind, words.clean(sample.kind))
    return {
        "title": f"{kind}: {words.clean(sample.detail)}",
        "place": f"{words.clean(sample.journey)}/{words.clean(sample.step)}",
        "note": f"{status}, {words.ms(sample.latency_ms)}, {words.clean(sample.time, 40)}",
        "request": words.block(sample.request, 2_100),
        "reply": words.block(sample.reply, 2_100),
    }
