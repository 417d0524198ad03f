"""The report: one HTML file that opens offline, needs no script and loads nothing."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from harness.report import charts, tables, timeline, words
from harness.report.summary import Summary, rfc3339

MOST_ERRORS = 200
MOST_ORDERS = 200


@cache
def _template() -> Template:
    # autoescape: whatever a scenario or a target names itself arrives as text, never as markup.
    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


@cache
def _css() -> str:
    return files("harness.report").joinpath("templates", "report.css").read_text("utf-8").strip()


def _policy(css: str) -> str:
    """A content security policy that lets this very style sheet through, and nothing else that loads or runs."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def render(summary: Summary) -> str:
    """The summary as an HTML document."""
    css = _css()
    named, more = words.missing_names(summary, MOST_ORDERS)
    errors = tables.errors(summary)
    return _template().render(
        css=css,
        policy=_policy(css),
        summary=summary,
        scenario=words.clean(summary.scenario),
        description=words.clean(summary.description, 500),
        target=words.clean(summary.target),
        load=tables.load(summary),
        started=words.moment(summary.started),
        started_exact=rfc3339(summary.started),
        duration=words.duration(summary.duration_s),
        verdict_word=words.VERDICT_WORDS[summary.verdict],
        headline=words.headline(summary),
        detail=words.verdict_detail(summary),
        reasons=words.reasons(summary),
        tiles=(
            *tables.traffic(summary),
            *tables.outcome(summary)[:1],
            *tables.latency(summary),
            *tables.outcome(summary)[1:],
        ),
        charts=_charts(summary),
        steps=tables.steps(summary),
        journeys=tables.journeys(summary),
        errors=tables.Table(errors.columns, errors.rows[:MOST_ERRORS]),
        more_errors=max(len(errors.rows) - MOST_ERRORS, 0),
        thresholds=tables.thresholds(summary),
        outcome=tables.outcome(summary),
        missing=named,
        more_missing=more,
        generator=tables.generator(summary),
        facts=tables.facts(summary),
        count=words.count,
    )


def _charts(summary: Summary) -> dict[str, list[tuple[str, str]]]:
    seconds = timeline.seconds(summary.series)
    hatched = summary.generator.saturated_seconds
    if not any(second.replies for second in seconds):
        return {}
    return {
        "throughput": [(size.name, charts.throughput(seconds, size, hatched)) for size in charts.SIZES],
        "latency": [(size.name, charts.latency(seconds, size, hatched)) for size in charts.SIZES]
        if any(second.p50 is not None for second in seconds)
        else [],
    }
