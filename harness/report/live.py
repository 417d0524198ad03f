"""A load while it runs, as a page: the figures so far, by the report's own means. It asks for news of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from harness.record.series import SeriesRow
from harness.record.snapshot import Snapshot
from harness.report import outcome_tables, page, small_charts, tables, verdict_words, words
from harness.report.progress import at_work, clock
from harness.report.summary import StepSummary, Summary
from harness.report.tables import Column, Figure, Row, Table, named
from harness.report.verdict import judged
from harness.scenario.model import Scenario

Phase = Literal["waiting", "running", "reading", "ended"]
MOST_ERRORS = 8
MOST_REASONS = 6
_PHASES: Mapping[Phase, str] = {
    "waiting": "no load yet",
    "running": "running",
    "reading": "the load has ended",
    "ended": "ended",
}
_FIRST: Mapping[Phase, str] = {
    "waiting": "Start one on Locust’s page.",
    "running": "The first figures come in a second.",
    "reading": "Its report is being made.",
    "ended": "",
}
"""What is said while there are no figures."""
_STYLES = ("report.css", "live.css")
_SCRIPT = "live.js"


@dataclass(frozen=True, slots=True)
class Live:
    """A load at one moment. ``path`` is the last word of the page's own address.

    ``summary`` is that of the figures so far, or the final one; ``snapshot`` the last second, ``stage`` its stage in
    words; ``reading`` says how far reading back has come; ``report``: whether the report is there.
    """

    phase: Phase
    path: str
    scenario: Scenario
    target: str = ""
    summary: Summary | None = None
    snapshot: Snapshot | None = None
    stage: str = ""
    reading: str = ""
    report: bool = False


def policy() -> str:
    """The page's content security policy."""
    return page.policy(page.css(*_STYLES), page.script(_SCRIPT), asks=True)


def render(scenario: Scenario, shown: str) -> str:
    """The page as an HTML document; ``shown`` is what ``now`` gave, put together."""
    return page.template("live.html.j2").render(
        css=page.css(*_STYLES),
        script=page.script(_SCRIPT),
        policy=policy(),
        scenario=words.clean(scenario.name),
        now=shown,
    )


def now(live: Live) -> Iterator[str]:
    """The part of the page that changes, in the pieces in which it is made."""
    summary = live.summary
    if summary is not None and live.phase != "ended":
        # What the verdict would be now. Of a load that is not over, a threshold that nothing is known of is no fault.
        summary = replace(summary, verdict="fail" if _broken(summary) or _wrong(live, summary) else "pass")
    shown = {} if summary is None else _shown(live, summary)
    return page.template("live_now.html.j2").generate(
        path=live.path,
        scenario=words.clean(live.scenario.name),
        target=words.clean(live.target),
        phase=_PHASES[live.phase],
        report=live.report,
        summary=summary,
        **{**_told(live, summary), **shown},
    )


def _broken(summary: Summary) -> int:
    """How many thresholds do not hold so far, of those that can be judged already."""
    return sum(not result.held and result.value is not None for result in summary.thresholds)


def _wrong(live: Live, summary: Summary) -> tuple[str, ...]:
    """What beside thresholds would keep the verdict from being good, were the load over now."""
    if not summary.requests.sent:
        return ()
    return judged(replace(summary, thresholds=(), reasons=()), live.scenario).reasons


def _told(live: Live, summary: Summary | None) -> dict[str, object]:
    """The verdict so far, or the final one, in words."""
    if summary is None:
        return {"kind": "", "headline": _PHASES[live.phase].capitalize(), "detail": _FIRST[live.phase], "context": []}
    if live.phase == "ended":
        return {
            "kind": summary.verdict,
            "headline": verdict_words.headline(summary),
            "detail": verdict_words.verdict_detail(summary),
            "context": [tables.load(summary), words.duration(summary.duration_s), words.moment(summary.started)],
            "reasons": verdict_words.reasons(summary)[:MOST_REASONS],
            "reasons_title": "Why",
        }
    wrong = _wrong(live, summary)
    return {
        "kind": summary.verdict if summary.requests.sent else "",
        "headline": _so_far(summary, wrong),
        "detail": f"Reading back what the target holds: {live.reading}." if live.phase == "reading" else _time(live),
        "context": [tables.load(summary), *([live.stage] if live.stage else []), words.moment(summary.started)],
        "reasons": [words.clean(each, verdict_words.MOST_OF_A_REASON) for each in wrong[:MOST_REASONS]],
        "reasons_title": "So far",
    }


def _so_far(summary: Summary, wrong: tuple[str, ...]) -> str:
    if not summary.requests.sent:
        return "Nothing sent yet"
    if broken := _broken(summary):
        return f"{broken} of {words.counted(len(summary.thresholds), 'threshold')} not met so far"
    return "Does not hold so far" if wrong else "Holds so far"


def _time(live: Live) -> str:
    snapshot = live.snapshot
    if snapshot is None:
        return ""
    left = "" if snapshot.remaining_s is None else f", {clock(snapshot.remaining_s)} left"
    return f"{at_work(snapshot)}, {clock(snapshot.elapsed_s)} elapsed{left}."


def _shown(live: Live, summary: Summary) -> dict[str, object]:
    ended = live.phase == "ended"
    errors = tables.errors(summary)
    health = tables.generator(summary)
    return {
        "tiles": (
            *(() if ended else _now(live)),
            *tables.traffic(summary),
            *(tables.latency(summary)[1:2] if ended else ()),
        ),
        "thresholds": tables.thresholds(summary) if ended else thresholds(summary),
        "generator": health,
        "journeys": _under_way(tables.journeys(summary)),
        "funnel": outcome_tables.funnel(summary),
        "bars": small_charts.funnel_bars(summary),
        "steps": steps(summary, live.snapshot.rows if live.snapshot and live.phase == "running" else ()),
        "errors": Table(errors.columns, errors.rows[:MOST_ERRORS]),
        "more_errors": max(len(errors.rows) - MOST_ERRORS, 0),
    }


def _now(live: Live) -> tuple[Figure, ...]:
    """The last second."""
    snapshot = live.snapshot
    if snapshot is None or live.phase != "running":
        return ()
    failing = f"{words.percent(snapshot.error_rate)} failed" if snapshot.error_rate else "none failed"
    note = f"p95 {words.ms(snapshot.p95)}, {failing}"
    return (Figure("Now", words.rate(snapshot.rate), note, bad=snapshot.error_rate > 0),)


def thresholds(summary: Summary) -> Table:
    """A row a threshold, with what was measured so far."""
    final = tables.thresholds(summary)
    rows = []
    for result, row in zip(summary.thresholds, final.rows, strict=True):
        if result.value is None:
            why = "after the load" if result.text.startswith("orders.") else "nothing yet"
            rows.append(Row(("open", row.cells[1], why), unknown=frozenset({"result"})))
        else:
            rows.append(row)
    return Table((replace(final.columns[0], title="so far"), *final.columns[1:]), tuple(rows))


def steps(summary: Summary, last: tuple[SeriesRow, ...]) -> Table:
    """A row a step, since the start; ``last``: the rows of the last second, for its rate."""
    rates = {(row.journey, row.step): row.ok + row.failed for row in last}
    columns = (
        named("journey", "journey"),
        named("step", "step"),
        Column("sent", "sent"),
        Column("failed", "failed"),
        Column("error_rate", "errors", "%"),
        *([Column("now", "now", "1/s")] if rates else []),
        Column("p50", "p50", "ms"),
        Column("p95", "p95", "ms"),
        Column("corrected", "p95 corrected", "ms"),
        Column("p99", "p99", "ms"),
    )
    return Table(columns, tuple(_step(step, rates) for step in summary.steps))


def _step(step: StepSummary, rates: Mapping[tuple[str, str], int]) -> Row:
    spent, corrected = step.latency, step.corrected
    return Row(
        (
            words.clean(step.journey),
            words.clean(step.step),
            words.count(step.sent),
            words.count(step.failed),
            words.percent(step.error_rate).removesuffix("%") if step.sent else words.NOTHING,
            *([words.count(rates.get((step.journey, step.step), 0))] if rates else []),
            words.figure(spent.p50 if spent else None),
            words.figure(spent.p95 if spent else None),
            words.figure(corrected.p95 if corrected else None),
            words.figure(spent.p99 if spent else None),
        ),
        frozenset({"failed", "error_rate"}) if step.failed else frozenset(),
    )


def _under_way(journeys: Table) -> Table:
    """Who has not come to an end is, while a load runs, under way."""
    columns = (replace(each, title="under way") if each.key == "unfinished" else each for each in journeys.columns)
    return Table(tuple(columns), journeys.rows)
