"""What a reader wants to know first: the slowest step, where guests were lost, whether the figures can be trusted."""

from __future__ import annotations

from harness.report import words
from harness.report.summary import FunnelStep, StepSummary, Summary
from harness.report.tables import Figure

LONGEST_NAME = 48


def answers(summary: Summary) -> tuple[Figure, ...]:
    """Three figures, each an answer."""
    return _slowest(summary), _lost(summary), _trust(summary)


def slowest(summary: Summary) -> StepSummary | None:
    """The step with the highest p95; None where no reply came."""
    timed = [step for step in summary.steps if step.latency is not None]
    return max(timed, key=lambda step: step.latency.p95 if step.latency else 0.0, default=None)


def worst(summary: Summary) -> FunnelStep | None:
    """The step at which most guests were lost to errors; None where none were."""
    losing = [step for step in summary.funnel if step.lost_to_errors]
    return max(losing, key=lambda step: step.lost_to_errors, default=None)


def _slowest(summary: Summary) -> Figure:
    step = slowest(summary)
    if step is None or step.latency is None:
        return Figure("Slowest step", words.NOTHING, "not known" if summary.requests.ok else "no replies")
    latency = step.latency
    return Figure(
        "Slowest step",
        words.clean(step.step, LONGEST_NAME),
        f"p95 {words.ms(latency.p95)}, p99 {words.ms(latency.p99)}, in {words.clean(step.journey, LONGEST_NAME)}",
    )


def _lost(summary: Summary) -> Figure:
    step = worst(summary)
    left = sum(each.left_by_design for each in summary.funnel)
    design = f"{words.count(left)} left by design" if left else "nobody left by design"
    if step is None:
        if not summary.funnel:
            return Figure("Guests lost", words.NOTHING, "not known" if summary.requests.sent else "no guest set out")
        return Figure("Guests lost", "none to errors", design)
    whole = sum(each.lost_to_errors for each in summary.funnel)
    here = f"{words.count(step.lost_to_errors)} of {words.count(step.entered)}"
    return Figure(
        "Most guests lost at",
        words.clean(step.step, LONGEST_NAME),
        f"{here} ({words.percent(step.lost_to_errors / step.entered)}) in {words.clean(step.journey, LONGEST_NAME)}; "
        f"{words.count(whole)} lost in all, {design}",
        bad=True,
    )


def _trust(summary: Summary) -> Figure:
    health = summary.generator
    name = "Can the figures be trusted?"
    if health.workers_lost:
        return Figure(name, "in part", f"{words.counted(health.workers_lost, 'worker')} lost", bad=True)
    if health.saturated:
        busy = words.counted(health.saturated_s, "second")
        return Figure(name, "not all", f"the generator was saturated for {busy}: hatched in the charts", bad=True)
    if not health.measured:
        return Figure(name, "in part", "the run did not come to its end", bad=True)
    return Figure(name, "yes", f"the generator kept up: {words.percent(health.cpu)} of a core, never saturated")
