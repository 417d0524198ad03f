"""``summarize``: from counted figures to the summary, with its verdict and the reasons for it."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from harness import __version__
from harness.record.figures import Figures, JourneyFigures, StepFigures, StepKey
from harness.record.series import SeriesRow
from harness.report.summary import (
    DurationSummary,
    ErrorSummary,
    GeneratorSummary,
    JourneySummary,
    OrdersVerified,
    RequestTotals,
    RevenueVerified,
    StepSummary,
    Summary,
    ThresholdResult,
    Verdict,
    VerificationSummary,
    Versions,
)
from harness.report.thresholds import judge
from harness.report.words import measured
from harness.scenario.model import Scenario
from harness.verify.reconcile import Reconciliation

MOST_MISSING = 100
"""Order numbers named as missing."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run was and how it ended. ``troubles`` say what makes it incomplete; ``verify_error`` why not verified."""

    scenario: Scenario
    target: str
    run_id: str
    seed: int
    level: float
    locust_version: str
    started: float
    duration_s: float
    generator: GeneratorSummary
    step_types: Mapping[StepKey, str]
    interrupted: bool = False
    troubles: tuple[str, ...] = ()
    verify_error: str = ""


def summarize(
    facts: RunFacts, figures: Figures, series: Sequence[SeriesRow], outcome: Reconciliation | None
) -> Summary:
    """The summary of a run that has ended."""
    total = figures.total()
    thresholds = judge(facts.scenario.thresholds, figures, facts.duration_s, outcome, facts.generator.saturated_s)
    reasons = tuple(_reasons(facts, total, thresholds, outcome))
    return Summary(
        scenario=facts.scenario.name,
        description=facts.scenario.description,
        target=facts.target,
        verdict=_verdict(facts, reasons),
        reasons=reasons,
        started=datetime.fromtimestamp(facts.started, UTC),
        duration_s=facts.duration_s,
        seed=facts.seed,
        run_id=facts.run_id,
        model=facts.scenario.load.model,
        level=facts.level,
        versions=Versions(__version__, facts.locust_version, platform.python_version()),
        requests=RequestTotals(
            sent=total.sent,
            ok=total.ok,
            failed=total.failed,
            unfinished=total.unfinished,
            rate=_rate(total, facts.duration_s),
            error_rate=_share(total.failed, total.sent),
            bytes_in=total.bytes_in,
            bytes_out=total.bytes_out,
        ),
        steps=tuple(_step(key, step, facts) for key, step in figures.steps.items()),
        journeys=tuple(_journey(name, journey) for name, journey in figures.journeys.items()),
        errors=_errors(figures),
        thresholds=thresholds,
        verification=None if outcome is None else _verification(outcome),
        generator=facts.generator,
        latency=total.latency.latency(),
        corrected=total.corrected.latency(),
        series=tuple(series),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _rate(step: StepFigures, duration_s: float) -> float:
    """Answered requests per second, well or badly."""
    return (step.ok + step.failed) / duration_s if duration_s > 0 else 0.0


def _step(key: StepKey, step: StepFigures, facts: RunFacts) -> StepSummary:
    return StepSummary(
        journey=key.journey,
        step=key.step,
        type=facts.step_types.get(key, ""),
        sent=step.sent,
        ok=step.ok,
        failed=step.failed,
        unfinished=step.unfinished,
        error_rate=_share(step.failed, step.sent),
        rate=_rate(step, facts.duration_s),
        latency=step.latency.latency(),
        corrected=step.corrected.latency(),
        ttfb=step.ttfb.latency(),
        connect=step.connect.latency(),
    )


def _journey(name: str, journey: JourneyFigures) -> JourneySummary:
    duration = None
    if journey.duration.count:
        p50, p95 = journey.duration.percentiles((50.0, 95.0))
        duration = DurationSummary(p50 / 1000, p95 / 1000)
    return JourneySummary(
        name=name,
        started=journey.started,
        completed=journey.completed,
        failed=journey.failed,
        unfinished=journey.unfinished,
        duration=duration,
        left=journey.left,
        dropped=journey.dropped,
    )


def _errors(figures: Figures) -> tuple[ErrorSummary, ...]:
    """The most frequent first."""
    listed = [
        ErrorSummary(
            kind=key.kind,
            detail=key.detail,
            journey=key.journey,
            step=key.step,
            count=error.count,
            first=datetime.fromtimestamp(error.first, UTC),
        )
        for key, error in figures.errors.items()
    ]
    return tuple(sorted(listed, key=lambda e: (-e.count, e.first)))


def _verification(outcome: Reconciliation) -> VerificationSummary:
    return VerificationSummary(
        OrdersVerified(outcome.expected, outcome.found, outcome.missing[:MOST_MISSING]),
        RevenueVerified(outcome.revenue_expected, outcome.revenue_found, outcome.currency),
    )


def _verdict(facts: RunFacts, reasons: tuple[str, ...]) -> Verdict:
    if facts.interrupted:
        return "interrupted"
    if facts.troubles:
        return "incomplete"
    return "fail" if reasons else "pass"


def _reasons(
    facts: RunFacts,
    total: StepFigures,
    thresholds: Sequence[ThresholdResult],
    outcome: Reconciliation | None,
) -> Iterator[str]:
    yield from facts.troubles
    if not total.sent:
        yield "No request was sent."
    if outcome is not None:
        yield from _outcome_reasons(facts, outcome)
    elif facts.verify_error:
        yield f"What became of the orders is not known: {facts.verify_error}."
    for result in thresholds:
        if not result.held and not (outcome and outcome.missing and result.text.startswith("orders.missing")):
            what = "nothing was measured" if result.value is None else f"it was {measured(result)}"
            yield f"{result.text} did not hold: {what}."
    judged = any(t.metric == "error_rate" and t.step is None and t.journey is None for t in facts.scenario.thresholds)
    if total.failed and not judged:
        yield f"{total.failed} of {total.sent} requests failed, and no threshold allows for any (error_rate < 1%)."


def _outcome_reasons(facts: RunFacts, outcome: Reconciliation) -> Iterator[str]:
    missing = len(outcome.missing)
    if missing and not outcome.found:
        pos = facts.scenario.target.point_of_sale
        yield (
            f"None of the {outcome.expected} orders exists, though the target answered every checkout with success. "
            f"Likely cause: the point of sale '{pos}' is not one the target knows; "
            "it answers such events with 201 and drops them."
        )
    elif missing:
        yield (
            f"{missing} of {outcome.expected} orders are missing, though the target answered their checkouts "
            f"with success: {', '.join(outcome.missing[:3])}{' …' if missing > 3 else ''}."
        )
    if outcome.mispriced:
        first = ", ".join(outcome.mispriced[:3])
        yield f"{len(outcome.mispriced)} orders exist with another value or currency than sent: {first}."
