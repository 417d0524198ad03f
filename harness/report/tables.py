"""The tables and key figures of a summary as text: what terminal, HTML and Markdown lay out, each in its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from harness.report import others_words, threshold_words, words
from harness.report.summary import StepSummary, Summary
from harness.scenario.model import OPEN


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``key`` names it in code, ``title`` to the reader, ``unit`` what its figures are in ("" for none).

    ``short`` is the title where room is scarce, if there is a shorter one.
    """

    key: str
    title: str
    unit: str = ""
    number: bool = True
    short: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns; ``bad`` holds the keys of those that tell of a failure.

    ``unknown``: of those that cannot be told yet.
    """

    cells: tuple[str, ...]
    bad: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. Text from outside is cleaned, but not yet escaped for any form."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its name, a remark, and whether it tells of a failure."""

    name: str
    value: str
    note: str = ""
    bad: bool = False


def named(key: str, title: str) -> Column:
    """A column of names."""
    return Column(key, title, number=False)


def steps(summary: Summary) -> Table:
    """A row a step. The column "unfinished" is there only where something was left unfinished."""
    unfinished = any(step.unfinished for step in summary.steps)
    columns = [
        named("journey", "journey"),
        named("step", "step"),
        named("type", "type"),
        Column("sent", "sent"),
        Column("ok", "ok"),
        Column("failed", "failed"),
        *([Column("unfinished", "unfinished")] if unfinished else []),
        Column("error_rate", "errors", "%"),
        Column("rate", "rate", "1/s"),
        *(Column(key, key, "ms") for key in ("p50", "p95", "p99")),
        Column("corrected", "p99 corrected", "ms", short="p99 corr."),
        Column("max", "max", "ms"),
    ]
    return Table(tuple(columns), tuple(_step_row(step, unfinished) for step in summary.steps))


def _step_row(step: StepSummary, unfinished: bool) -> Row:
    latency = step.latency
    corrected = step.corrected.p99 if step.corrected else None
    spent = (latency.p50, latency.p95, latency.p99, corrected, latency.max) if latency else (None,) * 5
    return Row(
        (
            words.clean(step.journey),
            words.clean(step.step),
            words.clean(step.type),
            words.count(step.sent),
            words.count(step.ok),
            words.count(step.failed),
            *([words.count(step.unfinished)] if unfinished else []),
            words.percent(step.error_rate).removesuffix("%") if step.sent else words.NOTHING,
            words.figure(step.rate),
            *map(words.figure, spent),
        ),
        frozenset({"failed", "error_rate"}) if step.failed else frozenset(),
    )


def journeys(summary: Summary) -> Table:
    """A row a journey; durations are of completed ones, think times included.

    The share is of those that ended in either way, as thresholds have it: who was still under way when the time
    was up has neither completed nor failed, nor has who left by design. That column, and the one of guests whom
    an open load could not let in, are there when there were any.
    """
    columns: tuple[Column, ...] = (
        named("journey", "journey"),
        Column("started", "started"),
        Column("completed", "completed"),
        Column("failed", "failed"),
        Column("unfinished", "unfinished"),
        Column("share", "completed", "%", short="done"),
        Column("p50", "duration p50", "s", short="p50"),
        Column("p95", "duration p95", "s", short="p95"),
    )
    extra = [name for name in ("left", "dropped") if any(getattr(j, name) for j in summary.journeys)]
    columns = (*columns[:3], *(Column(name, name) for name in extra), *columns[3:])
    rows = []
    for journey in summary.journeys:
        spent = journey.duration
        rows.append(
            Row(
                (
                    words.clean(journey.name),
                    words.count(journey.started),
                    words.count(journey.completed),
                    *(words.count(getattr(journey, name)) for name in extra),
                    words.count(journey.failed),
                    words.count(journey.unfinished),
                    words.percent(journey.completed / ended).removesuffix("%")
                    if (ended := journey.completed + journey.failed)
                    else words.NOTHING,
                    words.figure(spent.p50 / 1000 if spent else None),
                    words.figure(spent.p95 / 1000 if spent else None),
                ),
                frozenset({"failed"}) if journey.failed else frozenset(),
            )
        )
    return Table(columns, tuple(rows))


def errors(summary: Summary) -> Table:
    """A row for each kind of error at each step, the most frequent first."""
    columns = (
        Column("count", "count"),
        named("kind", "kind"),
        named("detail", "detail"),
        named("journey", "journey"),
        named("step", "step"),
        Column("first", "first", "UTC", number=False),
    )
    ordered = sorted(summary.errors, key=lambda error: -error.count)
    return Table(
        columns,
        tuple(
            Row(
                (
                    words.count(error.count),
                    words.ERROR_KINDS.get(error.kind, words.clean(error.kind)),
                    words.clean(error.detail),
                    words.clean(error.journey),
                    words.clean(error.step),
                    f"{error.first.astimezone(UTC):%H:%M:%S}",
                )
            )
            for error in ordered
        ),
    )


def thresholds(summary: Summary) -> Table:
    """A row a threshold, as written."""
    columns = (named("result", "result"), named("threshold", "threshold"), Column("measured", "measured"))
    return Table(
        columns,
        tuple(
            Row(
                (
                    "held" if result.held else "not met",
                    words.clean(result.text),
                    threshold_words.measured(result),
                ),
                frozenset() if result.held else frozenset({"result", "measured"}),
            )
            for result in summary.thresholds
        ),
    )


def traffic(summary: Summary) -> tuple[Figure, ...]:
    """Throughput, requests and error rate of the whole run."""
    requests = summary.requests
    parts = [f"{words.count(requests.ok)} ok", f"{words.count(requests.failed)} failed"]
    if requests.unfinished:
        parts.append(f"{words.count(requests.unfinished)} unfinished")
    known = requests.bytes_out or not requests.sent
    transferred = f"{words.size(requests.bytes_out)} sent, {words.size(requests.bytes_in)} received" if known else ""
    return (
        Figure("Throughput", words.rate(requests.rate), f"over {words.duration(summary.duration_s)}"),
        Figure("Requests", words.count(requests.sent), ", ".join(parts)),
        Figure(
            "Error rate",
            words.percent(requests.error_rate) if requests.sent else words.NOTHING,
            transferred,
            # Red only where it counts: a run may hold with a few errors.
            bad=requests.failed > 0 and summary.verdict != "pass",
        ),
    )


def latency(summary: Summary) -> tuple[Figure, ...]:
    """How long replies took, over all steps."""
    whole = summary.latency
    if whole is None:
        why = "not known" if summary.requests.ok else "no replies"
        return tuple(Figure(f"Latency {name}", words.NOTHING, why) for name in ("p50", "p95", "p99"))
    return (
        Figure("Latency p50", words.ms(whole.p50), "half of all replies took no longer"),
        Figure("Latency p95", words.ms(whole.p95), "19 of 20 replies took no longer"),
        Figure("Latency p99", words.ms(whole.p99), f"99 of 100; slowest {words.ms(whole.max)}"),
    )


def generator(summary: Summary) -> tuple[Figure, ...]:
    """The load generator's own health."""
    health = summary.generator
    measured = (
        Figure("Processor", f"{words.percent(health.cpu)} of a core", "mean, per process"),
        Figure("Loop lag p99", words.ms(health.loop_lag_p99), "how late the generator itself was"),
        Figure("Start lateness p99", words.ms(health.start_lateness_p99), "requests sent after they were due"),
    )
    return (
        *(measured if health.measured else ()),
        Figure(
            "Saturated",
            words.counted(health.saturated_s, "second") if health.saturated else "never",
            "in which figures are the generator's, not the target's" if health.saturated else "",
            bad=health.saturated,
        ),
        Figure("Workers", words.count(health.workers)),
        Figure("Workers lost", words.count(health.workers_lost), bad=health.workers_lost > 0),
        *(
            [Figure("Other users", words.count(other.users), others_words.note(other), bad=other.failed > 0)]
            if (other := summary.others)
            else []
        ),
    )


def facts(summary: Summary) -> tuple[Figure, ...]:
    """What ran, against what, and how to run it again."""
    versions = summary.versions
    return (
        Figure("Scenario", words.clean(summary.scenario)),
        Figure("Description", words.clean(summary.description, 500) or words.NOTHING),
        Figure("Target", words.clean(summary.target)),
        Figure("Load", load(summary)),
        Figure("Started", words.moment(summary.started)),
        Figure("Duration", words.duration(summary.duration_s)),
        Figure("Seed", str(summary.seed)),
        Figure("Run", words.clean(summary.run_id)),
        Figure(
            "Versions",
            f"harness {words.clean(versions.harness)}, Locust {words.clean(versions.locust)}, "
            f"Python {words.clean(versions.python)}",
        ),
    )


def load(summary: Summary) -> str:
    """The load model in words: ``closed model, 50 users``, ``open model, up to 20 guests/s``."""
    if summary.model == OPEN:
        return f"open model, up to {summary.level:g} guests/s{others_words.more(summary.others.users if summary.others else 0)}"
    crowd = f"{words.clean(summary.model)} model, {words.counted(round(summary.level), 'user')}"
    return crowd + others_words.more(summary.others.users if summary.others else 0)
