"""``run --baseline``: an earlier run that a new one is compared with, looked at before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.compare.comparable import obstacles
from harness.compare.judge import compare
from harness.compare.metrics import MetricError, tolerances
from harness.compare.outcome import Comparison, NotComparableError, Settings
from harness.compare.reading import RunError, read_run, read_runs, sections
from harness.compare.runs import StepFacts
from harness.compiler.plan import Plan
from harness.compiler.profile import Profile
from harness.record.figures import StepKey
from harness.report import compare_text, console
from harness.report.words import os_error
from harness.run import exit_codes
from harness.run.directory import RunDirectory
from harness.run.secrets import masker_of
from harness.scenario.model import Scenario
from harness.scenario.printer import to_yaml

_NOTHING = StepFacts("", 0, 0, 0.0, 0.0, {})


class BaselineError(Exception):
    """The baseline is no good for this run; the text says why and what would help."""


class Baseline:
    """The runs to compare with: a run directory, or a directory of runs. Raises BaselineError."""

    def __init__(self, path: str, tolerated: tuple[str, ...]) -> None:
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
        planned = replace(
            first,
            name="the new run",
            scenario=scenario.name,
            run_id="",
            steps=steps,
            model=scenario.load.model,
            level=Profile(scenario.load.stages).peak if load_known else first.level,
            duration_s=(scenario.load.duration if load_known else None) or first.duration_s,
            sections=sections(to_yaml(masker_of(scenario).value(scenario))),  # as a run writes it down
        )
        if found := obstacles(self._runs, [planned]):
            told = "".join(f"\n  - {each}." for each in found)
            raise BaselineError(f"--baseline: the run could not be compared with {first.name}.{told}")
        if any(run.blocks is None for run in self._runs):
            raise BaselineError(f"--baseline: {next(run.no_blocks for run in self._runs if run.blocks is None)}")

    def compare(self, directory: Path) -> Comparison:
        """The finished run against the baseline. Raises BaselineError."""
        try:
            return compare(self._runs, [read_run(directory)], self._settings)
        except RunError as error:
            raise BaselineError(str(error)) from None
        except NotComparableError as error:
            raise BaselineError(" ".join(f"{each}." for each in error.obstacles)) from None


def compared(baseline: Baseline, directory: RunDirectory, code: int) -> int:
    """Compare a finished run with its baseline, show it, and leave a page of it; the exit code that was ``code`` till then."""
    try:
        comparison = baseline.compare(directory.path)
        page = directory.comparison(comparison)
    except (BaselineError, OSError) as error:
        told = os_error(error) if isinstance(error, OSError) else str(error)
        console.show(lambda out: out.print(f"\nNot compared with the baseline: {told}", markup=False, soft_wrap=True))
        return exit_codes.INCOMPLETE if code in (exit_codes.HELD, exit_codes.NOT_HELD) else code
    console.show(lambda out: out.print())
    console.show(lambda out: compare_text.render(comparison, out, str(page)))
    return exit_codes.NOT_HELD if comparison.regressions and code == exit_codes.HELD else code
