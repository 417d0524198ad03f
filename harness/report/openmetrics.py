"""The summary as OpenMetrics text (its specification, version 1.0): for Prometheus, Grafana and what else reads it.

Times are in seconds, as the format asks for; counts are of the whole run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.record.histogram import PERCENTILES, Latency
from harness.report import words
from harness.report.summary import Summary

_Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Family:
    """Metrics of one name. ``samples``: suffix of the name, labels, value."""

    name: str
    kind: str
    told: str
    samples: Iterable[tuple[str, _Labels, float]]
    unit: str = ""


def render(summary: Summary) -> str:
    """One text, which ends as the format demands."""
    run = {"scenario": words.clean(summary.scenario), "run": words.clean(summary.run_id)}
    lines = [line for family in _families(summary) for line in _lines(family, run)]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _lines(family: _Family, run: _Labels) -> Iterator[str]:
    samples = list(family.samples)
    if not samples:
        return
    yield f"# TYPE {family.name} {family.kind}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {_escaped(family.told)}"
    for suffix, labels, value in samples:
        told = ",".join(f'{name}="{_escaped(text)}"' for name, text in {**run, **labels}.items())
        yield f"{family.name}{suffix}{{{told}}} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _families(summary: Summary) -> Iterator[_Family]:
    requests, health = summary.requests, summary.generator
    verdicts = ("pass", "fail", "incomplete", "interrupted")
    yield _Family(
        "harness_verdict",
        "stateset",
        "How the run was judged.",
        [("", {"harness_verdict": each}, float(each == summary.verdict)) for each in verdicts],
    )
    yield _one(
        "harness_started_seconds", "When the load began, since the epoch.", summary.started.timestamp(), "seconds"
    )
    yield _one("harness_duration_seconds", "How long the load went on.", summary.duration_s, "seconds")
    yield _one("harness_throughput", "Replies per second.", requests.rate)
    yield _Family(
        "harness_requests",
        "counter",
        "Requests by step and by how they ended.",
        [
            ("_total", {**_step(each.journey, each.step), "outcome": outcome}, getattr(each, outcome))
            for each in summary.steps
            for outcome in ("ok", "failed", "unfinished")
        ],
    )
    for name, told in (("latency", "from sending"), ("corrected", "from when the request was due")):
        yield _Family(
            f"harness_{name}_seconds",
            "summary",
            f"Time to the reply, {told}.",
            [
                sample
                for each in summary.steps
                if (spent := getattr(each, name)) is not None
                for sample in _quantiles(spent, _step(each.journey, each.step), each.ok + each.failed)
            ],
            "seconds",
        )
    yield _Family(
        "harness_journeys",
        "counter",
        "Guests by journey and by what became of them.",
        [
            ("_total", {"journey": words.clean(each.name), "outcome": outcome}, getattr(each, outcome))
            for each in summary.journeys
            for outcome in ("completed", "left", "failed", "unfinished")
        ],
    )
    yield _Family(
        "harness_threshold_held",
        "gauge",
        "1 where a threshold held.",
        [
            ("", {"number": str(number), "threshold": words.clean(each.text)}, float(each.held))
            for number, each in enumerate(summary.thresholds, 1)
        ],
    )
    if summary.verification is not None and (orders := summary.verification.orders) is not None:
        kinds = ("expected", "found", "duplicated", "mispriced", "unexpected", "unknown")
        yield _Family(
            "harness_orders",
            "gauge",
            "Orders that ought to exist at the target, and what was found.",
            [("", {"what": kind}, float(getattr(orders, kind))) for kind in kinds],
        )
    if health.measured:
        yield _one("harness_generator_cpu_ratio", "Mean share of a core, per process.", health.cpu)
        yield _one("harness_generator_lag_seconds", "Loop lag, p99.", health.loop_lag_p99 / 1000, "seconds")
    yield _one("harness_generator_saturated_seconds", "Seconds it was too busy.", health.saturated_s, "seconds")


def _one(name: str, told: str, value: float, unit: str = "") -> _Family:
    return _Family(name, "gauge", told, [("", {}, float(value))], unit)


def _step(journey: str, step: str) -> dict[str, str]:
    return {"journey": words.clean(journey), "step": words.clean(step)}


def _quantiles(spent: Latency, labels: _Labels, count: int) -> Iterator[tuple[str, _Labels, float]]:
    for name, percent in PERCENTILES.items():
        yield "", {**labels, "quantile": f"{percent / 100:g}"}, getattr(spent, name) / 1000
    yield "_count", labels, float(count)
    yield "_sum", labels, spent.mean * count / 1000
