"""The summary as JUnit XML, for CI servers: a suite for the run, and one each for journeys, steps, thresholds, orders, and
the comparison with a baseline.

The suite "run" holds one case, the verdict, so that the file is red exactly when the verdict is not "pass".
Where thresholds allow for some errors, a step with a few of them is no failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from harness.report import outcome_tables, tables, threshold_words, verdict_words, words
from harness.report.summary import Summary
from harness.report.tables import Figure, Row, Table
from harness.report.words import rfc3339

MOST_ORDERS = 100


@dataclass(frozen=True, slots=True)
class _Case:
    """A test case. ``outcome``: what it counts as, unless it passed. ``time_ms``: what it took, as a typical case."""

    name: str
    told: str = ""
    outcome: str = ""
    message: str = ""
    time_ms: float | None = None


def render(summary: Summary) -> str:
    """The summary as an XML document."""
    suites = {
        "run": list(_run(summary)),
        "journeys": list(_journeys(summary)),
        "steps": list(_steps(summary)),
        "thresholds": list(_thresholds(summary)),
        "verification": list(_verification(summary)),
        "comparison": list(_comparison(summary)),
    }
    root = ET.Element("testsuites", name=words.clean(summary.scenario), time=f"{summary.duration_s:.3f}")
    for name, cases in suites.items():
        suite = ET.SubElement(root, "testsuite", {"name": name, "timestamp": rfc3339(summary.started)} | _counts(cases))
        for case in cases:
            _add(suite, f"{words.clean(summary.scenario)}.{name}", case)
    root.attrib.update(_counts([case for cases in suites.values() for case in cases]))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(cases: list[_Case]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
    }


def _add(suite: ET.Element, group: str, case: _Case) -> None:
    element = ET.SubElement(suite, "testcase", classname=group, name=case.name)
    if case.time_ms is not None:
        element.set("time", f"{case.time_ms / 1000:.6f}")
    if case.outcome:
        result = ET.SubElement(element, case.outcome, message=case.message)
        if case.outcome != "skipped":
            result.text = case.told or case.message
    elif case.told:
        ET.SubElement(element, "system-out").text = case.told


def _run(summary: Summary) -> Iterator[_Case]:
    figures = [*tables.traffic(summary), *tables.latency(summary), *tables.generator(summary)]
    told = "\n".join(
        [
            verdict_words.verdict_line(summary),
            *verdict_words.reasons(summary),
            *map(_figure, figures),
        ]
    )
    # Held or not is a failure; a run that did not come to its end is an error: the test says nothing certain.
    outcome = {"pass": "", "fail": "failure"}.get(summary.verdict, "error")
    yield _Case("verdict", told, outcome, verdict_words.verdict_line(summary))


def _journeys(summary: Summary) -> Iterator[_Case]:
    table = tables.journeys(summary)
    for journey, row in zip(summary.journeys, table.rows, strict=True):
        time_ms = journey.duration.p50 if journey.duration else None
        name = row.cells[0]
        if not journey.started:
            yield _Case(name, outcome="skipped", message="no guest set out")
        elif journey.failed and summary.verdict != "pass":
            message = f"{words.count(journey.failed)} of {words.counted(journey.started, 'guest')} lost to errors"
            yield _Case(name, _told(table, row), "failure", message, time_ms)
        else:
            yield _Case(name, _told(table, row), time_ms=time_ms)


def _steps(summary: Summary) -> Iterator[_Case]:
    table = tables.steps(summary)
    for step, row in zip(summary.steps, table.rows, strict=True):
        name = f"{row.cells[0]}/{row.cells[1]}"
        time_ms = step.latency.p50 if step.latency else None
        if not step.sent:
            yield _Case(name, outcome="skipped", message="no request was sent")
        elif step.failed and summary.verdict != "pass":
            message = f"{words.count(step.failed)} of {words.counted(step.sent, 'request')} failed"
            kinds = [
                f"{words.count(error.count)} × {words.ERROR_KINDS.get(error.kind, words.clean(error.kind))} "
                f"{words.clean(error.detail)}"
                for error in summary.errors
                if (error.journey, error.step) == (step.journey, step.step)
            ]
            yield _Case(name, "\n".join([*kinds, _told(table, row)]), "failure", message, time_ms)
        else:
            yield _Case(name, _told(table, row), time_ms=time_ms)


def _thresholds(summary: Summary) -> Iterator[_Case]:
    for result in summary.thresholds:
        told = f"measured {threshold_words.measured(result)}"
        if result.held:
            yield _Case(words.clean(result.text), told)
        else:
            yield _Case(words.clean(result.text), told, "failure", f"not met: {told}")


def _comparison(summary: Summary) -> Iterator[_Case]:
    compared = summary.compared
    if compared is None:
        return
    name = f"with {words.clean(compared.baseline)}"
    if compared.trouble:
        yield _Case(name, outcome="error", message=words.clean(compared.trouble, 500))
    elif not compared.regressions:
        yield _Case(name, "nothing got worse beyond noise and tolerance")
    for each in compared.regressions:
        told = words.clean(each, 500)
        yield _Case(f"{name}: {told.partition(' is ')[0].partition(':')[0]}", told, "failure", told)


def _verification(summary: Summary) -> Iterator[_Case]:
    known = summary.verification
    if known is None:
        return
    if known.orders is None:
        outcome = "error" if known.failed else "skipped"
        yield _Case("orders", outcome=outcome, message=words.clean(known.trouble) or "not verified")
    named, more = verdict_words.missing_names(summary, MOST_ORDERS)
    shown = outcome_tables.outcome(summary) if known.orders is not None else ()
    for figure in (*shown, *outcome_tables.guests(summary)):
        told = _figure(figure)
        missing = (
            [*named, *([f"and {words.count(more)} more"] if more else [])] if figure.name == "Orders found" else []
        )
        name = figure.name.removesuffix(" found").lower()
        yield _Case(
            name,
            "\n".join([told, *missing]),
            "failure" if figure.bad else "",
            told if figure.bad else "",
        )


def _figure(figure: Figure) -> str:
    return f"{figure.name}: {figure.value} ({figure.note})" if figure.note else f"{figure.name}: {figure.value}"


def _told(table: Table, row: Row) -> str:
    return ", ".join(
        f"{column.title} {cell} {column.unit}".rstrip()
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.number
    )
