"""The summaries of a load: before it has any figures, and after it is over."""

from __future__ import annotations

from dataclasses import replace

from harness.compiler.plan import Plan
from harness.compiler.profile import Profile, shortened
from harness.engine.listener import LoadBegins, LoadResult
from harness.engine.locust_bridge import LOCUST_VERSION
from harness.record.figures import Figures, StepFigures, StepKey
from harness.report.load_over_time import over_time
from harness.report.outcome_summary import VerificationSummary
from harness.report.summarize import RunFacts, summarize
from harness.report.summary import GeneratorSummary, Summary
from harness.run.embedded import unchecked
from harness.run.load_under_way import LoadUnderWay
from harness.run.options import RunOptions
from harness.run.own_faults import own_faults
from harness.scenario.masking import Masker
from harness.scenario.model import CLOSED, Load, Scenario, Stage


def load_as_it_runs(load: Load, begins: LoadBegins) -> Load:
    """A scenario's load, with what Locust's own options changed of it."""
    over = begins.duration_s or load.duration
    if load.model != CLOSED:
        return replace(load, stages=shortened(load.stages, over))
    return load if begins.follows_stages else replace(load, stages=(Stage("step", over, float(begins.users)),))


class Summaries:
    """Of the loads of one scenario, as everybody may see them: secrets masked."""

    def __init__(self, scenario: Scenario, plan: Plan, options: RunOptions, masker: Masker) -> None:
        self._scenario = scenario
        self._plan = plan
        self._options = options
        self._masker = masker

    def facts(self, load: LoadUnderWay, started: float) -> RunFacts:
        """What is known of a load without its figures. ``started``: s since the epoch."""
        is_closed = load.sends.model == CLOSED
        return RunFacts(
            scenario=self._scenario,
            target=load.base_url,
            run_id=load.run_id,
            seed=load.seed,
            level=float(load.begins.users) if is_closed else Profile(load.sends.stages).peak,
            locust_version=LOCUST_VERSION,
            started=started,
            duration_s=0.0,
            generator=GeneratorSummary(cpu=0.0, loop_lag_p99=0.0, workers=1, workers_lost=0),
            step_types={StepKey(journey, send.name): send.request.type for journey, send in self._plan.steps},
            command=self._masker.mask(self._options.command(load.seed, load.begins.told, load.sends)),
            load=over_time(load.sends, load.moments),
            remarks=tuple(filter(None, (unchecked(self._scenario),))),
        )

    def before(self, load: LoadUnderWay, started: float) -> Summary:
        """A summary without figures, for the report of a run that never comes to its end."""
        nothing = Figures({StepKey(journey, send.name): StepFigures() for journey, send in self._plan.steps})
        return self._shown(summarize(self.facts(load, started), nothing, (), None))

    def after(self, load: LoadUnderWay, result: LoadResult, outcome: VerificationSummary | None) -> Summary:
        """The summary of a load that is over. ``outcome``: what was read back, None where nothing was, or not yet."""
        facts = replace(
            self.facts(load, result.started),
            duration_s=result.duration_s,
            generator=GeneratorSummary(
                cpu=result.cpu,
                loop_lag_p99=result.loop_lag_p99_ms,
                workers=result.workers,
                workers_lost=result.workers_lost,
                start_lateness_p99=result.lateness_p99_ms,
                saturated=bool(result.saturated_seconds),
                saturated_s=len(result.saturated_seconds),
                saturated_seconds=result.saturated_seconds,
                gc_longest=result.gc_longest_ms,
                unknown=result.unknown,
                clock_offset=result.clock_offset_ms,
            ),
            interrupted=result.interrupted,
            stopped=load.stopped,
            compared=load.compared,
            troubles=tuple(self._troubles(load, result)),
            others=result.others,
        )
        return self._shown(summarize(facts, result.figures, load.series, outcome))

    def _troubles(self, load: LoadUnderWay, result: LoadResult) -> list[str]:
        """What makes a run incomplete."""
        troubles = [*([load.trouble] if load.trouble else []), *result.troubles, *load.added]
        if load.compared is not None and load.compared.trouble:
            troubles.append(f"Not compared with the baseline: {load.compared.trouble}")
        if self._options.strict and result.saturated_seconds:
            busy, whole = len(result.saturated_seconds), round(result.duration_s)
            troubles.append(f"The generator was saturated for {busy} of {whole} s: use less load, or more machines.")
        troubles += own_faults(result.figures)
        if result.internal_errors:
            troubles.append(f"{result.internal_errors} errors inside the harness, not the target: see run.log.")
        return troubles

    def _shown(self, summary: Summary) -> Summary:
        """The summary as everybody may see it. The series, which can be long, has names alone."""
        return replace(self._masker.value(replace(summary, series=())), series=summary.series)
