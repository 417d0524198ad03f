"""``run --baseline``: an earlier run that a new one is compared with, looked at before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.compare.comparable import obstacles
from harness.compare.judge import compare
from harness.compare.metrics import MetricError, tolerances
from harness.compare.outcome import Comparison, NotComparableError, Settings
from harness.compare.reading import RunError, read_run, read_runs, sections
from harness.compare.runs import StepFacts
from harness.compiler.plan import Plan
from harness.compiler.profile import Profile
from harness.record.figures import StepKey
from harness.report import compare_text, compare_words
from harness.report.summary import ComparedSummary, Summary
from harness.report.summary_json import to_json
from harness.report.words import os_error
from harness.run.directory import COMPARED, RunDirectory
from harness.run.secrets import masker_of
from harness.scenario.model import Scenario
from harness.scenario.printer import to_yaml

if TYPE_CHECKING:
    from rich.console import Console

_NOTHING = StepFacts("", 0, 0, 0.0, 0.0, {})


class BaselineError(Exception):
    """The baseline is no good for this run; the text says why and what would help."""


class Baseline:
    """The runs to compare with: a run directory, or a directory of runs. Raises BaselineError."""

    def __init__(self, path: str, tolerated: tuple[str, ...]) -> None:
        self._path = path
        try:
            self._settings = Settings(tolerances=tolerances(tolerated))
            self._runs = read_runs(Path(path))
        except MetricError as error:
            raise BaselineError(f"--tolerance: {error}") from None
        except RunError as error:
            raise BaselineError(f"--baseline: {error}") from None

    def check(self, scenario: Scenario, plan: Plan, *, load_known: bool) -> None:
        """Look ahead: what of the new run is known already. Raises BaselineError when they cannot be compared.

        ``load_known``: whether the scenario decides on its load, and not an option of Locust.
        """
        first = self._runs[0]
        steps = {StepKey(journey, send.name): _NOTHING for journey, send in plan.steps}
        load = scenario.load
        planned_s = first.planned_s if not load_known else None if load.iterations is not None else load.duration
        planned = replace(
            first,
            name="the new run",
            scenario=scenario.name,
            run_id="",
            steps=steps,
            model=load.model,
            level=Profile(load.stages).peak if load_known else first.level,
            planned_s=planned_s,
            duration_s=planned_s or first.duration_s,
            verdict="pass",  # the baseline's own troubles are told as its own
            saturated_s=0,
            sent=1,
            sections=sections(to_yaml(masker_of(scenario).value(scenario))),  # as a run writes it down
        )
        if found := obstacles(self._runs, [planned]):
            told = "".join(f"\n  - {each}." for each in found)
            raise BaselineError(f"--baseline: the run could not be compared with {first.name}.{told}")
        if any(run.blocks is None for run in self._runs):
            raise BaselineError(f"--baseline: {next(run.no_blocks for run in self._runs if run.blocks is None)}")

    def compared(self, directory: RunDirectory, summary: Summary) -> tuple[ComparedSummary, Comparison | None]:
        """A finished run against the baseline, with a page of it left in its directory; no comparison where that cannot be.

        ``summary``: what is known of the run, which may not be written down yet.
        """
        baseline = self._runs[0].name if len(self._runs) == 1 else self._path
        try:
            comparison = compare(self._runs, [read_run(directory.path, summary=to_json(summary))], self._settings)
            directory.comparison(comparison)
        except NotComparableError as error:
            return ComparedSummary(baseline, trouble=" ".join(f"{each}." for each in error.obstacles)), None
        except (RunError, OSError) as error:
            why = os_error(error) if isinstance(error, OSError) else str(error)
            return ComparedSummary(baseline, trouble=f"{why}."), None
        told = tuple(compare_words.sentence(each) for each in compare_words.ranked(comparison.regressions))
        return ComparedSummary(baseline, told), comparison


def show(comparison: Comparison, directory: RunDirectory, out: Console) -> None:
    """The comparison, below the report."""
    out.print()
    compare_text.render(comparison, out, str(directory.path / COMPARED))
