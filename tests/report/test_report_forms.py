"""The forms for other programs, each read by somebody else's reader."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import xmlschema
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from harness.report import github, junit, openmetrics, summary_schema
from harness.report.read_summary import from_json
from harness.report.summary import Summary
from harness.report.summary_json import BESIDE, to_json
from tests.conftest import ROOT

XSD = xmlschema.XMLSchema(str(Path(__file__).with_name("junit.xsd")))
SCHEMA = ROOT / "docs" / "summary.schema.json"
Hostile = tuple[str, Summary]


def validator() -> jsonschema.Draft202012Validator:
    document = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def test_the_schema_in_the_docs_is_that_of_the_types() -> None:
    assert SCHEMA.read_text("utf-8") == summary_schema.as_text(), (
        "write it anew: python -c 'from harness.report.summary_schema import as_text; print(as_text(), end=\"\")'"
        " > docs/summary.schema.json"
    )


def test_summaries_are_valid_and_read_back_as_they_were(summary: Summary) -> None:
    document = json.loads(to_json(summary))
    validator().validate(document)
    assert not BESIDE & document.keys()
    again = json.loads(to_json(from_json(to_json(summary))))
    assert again == document


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"verdict": "fine"},
        {"requests": {"sent": 1}},
        {"steps": [{"step": "x"}]},
        {"load": {"unit": "users", "planned": [[1.0]], "achieved": []}},
    ],
)
def test_the_schema_refuses_what_is_no_summary(held: Summary, change: dict[str, object]) -> None:
    document = {**json.loads(to_json(held)), **change}
    assert list(validator().iter_errors(document))


def test_a_summary_of_the_first_version_is_still_read(held: Summary) -> None:
    document = json.loads(to_json(held))
    for name in ("funnel", "troubles", "command", "load", "distribution", "corrected"):
        document.pop(name)
    for name in (
        "start_lateness_p99",
        "saturated",
        "saturated_s",
        "saturated_seconds",
        "gc_longest",
        "unknown",
        "clock_offset",
        "measured",
    ):
        document["generator"].pop(name)
    read = from_json(json.dumps(document))
    assert read.requests.sent == held.requests.sent
    assert read.generator.measured


def test_junit_keeps_to_the_common_schema(summary: Summary) -> None:
    XSD.validate(junit.render(summary))


def test_junit_keeps_to_the_common_schema_with_hostile_names(hostile: Hostile) -> None:
    XSD.validate(junit.render(hostile[1]))


def test_the_common_schema_refuses_something() -> None:
    assert not XSD.is_valid('<testsuites><testsuite name="a"/></testsuites>')
    assert not XSD.is_valid('<testsuites><testsuite name="a" tests="1"><testcase name="b"/></testsuite></testsuites>')


def samples(summary: Summary) -> dict[tuple[str, ...], float]:
    """Every sample by its name and its labels but the run's own."""
    families = list(text_string_to_metric_families(openmetrics.render(summary)))
    assert all(family.documentation for family in families)
    return {
        (
            sample.name,
            *(value for name, value in sample.labels.items() if name not in ("scenario", "run")),
        ): sample.value
        for family in families
        for sample in family.samples
    }


def test_openmetrics_holds_the_figures(summary: Summary) -> None:
    found = samples(summary)
    assert found["harness_verdict", summary.verdict] == 1
    assert sum(value for (name, *_), value in found.items() if name == "harness_verdict") == 1
    assert found["harness_duration_seconds",] == summary.duration_s
    for step in summary.steps:
        for outcome in ("ok", "failed", "unfinished"):
            assert found["harness_requests_total", step.journey, step.step, outcome] == getattr(step, outcome)
        if step.latency is not None:
            assert found["harness_latency_seconds", step.journey, step.step, "0.95"] == pytest.approx(
                step.latency.p95 / 1000
            )
            assert found["harness_latency_seconds_count", step.journey, step.step] == step.ok + step.failed
    for number, threshold in enumerate(summary.thresholds, 1):
        assert found["harness_threshold_held", str(number), threshold.text] == threshold.held
    if summary.verification and (orders := summary.verification.orders):
        assert found["harness_orders", "found"] == orders.found


def test_openmetrics_of_hostile_names_can_be_read(hostile: Hostile) -> None:
    run = hostile[1]
    # One of each: no two steps of a run bear the same name.
    assert ("harness_verdict", "fail") in samples(replace(run, steps=run.steps[:1], journeys=run.journeys[:1]))


def test_github_annotations_say_the_verdict_and_each_reason(summary: Summary) -> None:
    lines = github.render(summary).splitlines()
    assert all(re.match(r"::(error|warning|notice) title=[^:,]*::\S", line) for line in lines)
    assert lines[0].startswith("::notice" if summary.verdict == "pass" else ("::error", "::warning"))
    assert len(lines) >= 1 + (len(summary.reasons) if summary.verdict == "fail" else 0)


def test_github_annotations_stay_one_line_each(hostile: Hostile) -> None:
    text = github.render(hostile[1])
    assert all(line.startswith("::") for line in text.splitlines())
