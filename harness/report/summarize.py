"""``summarize``: from counted figures to the summary, with its verdict and the reasons for it."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from harness import __version__
from harness.record.figures import Figures, JourneyFigures, StepFigures, StepKey
from harness.record.others import OtherUsers
from harness.record.series import SeriesRow
from harness.report.distribution import points
from harness.report.load_over_time import LoadOverTime
from harness.report.outcome_summary import VerificationSummary
from harness.report.summary import (
    ComparedSummary,
    DurationSummary,
    ErrorSummary,
    FunnelStep,
    GeneratorSummary,
    JourneySummary,
    RequestTotals,
    StepSummary,
    StoppedSummary,
    Summary,
    Versions,
)
from harness.report.thresholds import judge
from harness.report.verdict import judged
from harness.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run was and how it ended. ``troubles`` say what makes it incomplete, ``command`` runs it again."""

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
    command: str = ""
    load: LoadOverTime | None = None
    stopped: StoppedSummary | None = None
    compared: ComparedSummary | None = None
    remarks: tuple[str, ...] = ()
    others: OtherUsers | None = None


def summarize(
    facts: RunFacts, figures: Figures, series: Iterable[SeriesRow], verification: VerificationSummary | None
) -> Summary:
    """The summary of a run that has ended."""
    total = figures.total()
    outcome = None if verification is None else verification.orders
    thresholds = judge(facts.scenario.thresholds, figures, facts.duration_s, outcome, facts.generator.saturated_s)
    made = Summary(
        scenario=facts.scenario.name,
        description=facts.scenario.description,
        target=facts.target,
        verdict="interrupted" if facts.interrupted else "pass",
        reasons=(),
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
        funnel=tuple(_funnel(key, step) for key, step in figures.steps.items()),
        errors=_errors(figures),
        thresholds=thresholds,
        verification=verification,
        generator=facts.generator,
        latency=total.latency.latency(),
        corrected=total.corrected.latency(),
        troubles=facts.troubles,
        command=facts.command,
        load=facts.load,
        stopped=facts.stopped,
        compared=facts.compared,
        remarks=facts.remarks,
        others=facts.others,
        distribution=points(total.latency, total.corrected),
        series=tuple(series),
    )
    return judged(made, facts.scenario)


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


def _funnel(key: StepKey, step: StepFigures) -> FunnelStep:
    return FunnelStep(key.journey, key.step, step.sent, step.went_on, step.left, step.lost, step.under_way)


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
