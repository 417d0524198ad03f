"""What is to be validated: scenario files, compiled, and the paths of their journeys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from harness.compiler import compile_scenario
from harness.compiler.branches import Branches
from harness.compiler.paths import Path, Selection, select
from harness.compiler.plan import JourneyPlan, Plan
from harness.scenario.diagnostics import Diagnostic, Span
from harness.scenario.loader import examine
from harness.scenario.model import Scenario
from harness.scenario.overrides import Override
from harness.scenario.source import read
from harness.scenario.walks import BROWSER_ID, all_steps


@dataclass(frozen=True, slots=True)
class JourneyCases:
    """A journey and the paths that are to be walked of it."""

    plan: JourneyPlan
    branches: Branches
    selection: Selection


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A scenario file without errors. ``file`` is its name as the user gave it; ``plan`` has no returning guests.

    ``arguments`` are the options that changed it.
    """

    file: str
    scenario: Scenario
    plan: Plan
    journeys: tuple[JourneyCases, ...]
    warnings: tuple[Diagnostic, ...]
    sources: Mapping[str, tuple[str, ...]]
    arguments: tuple[str, ...] = ()

    @property
    def cases(self) -> Iterator[Case]:
        """Every path of every journey, in the order of the file."""
        for journey in self.journeys:
            for path in journey.selection.paths:
                yield Case(self, journey, path)

    def place(self, journey: str, step: str = "") -> Span | None:
        """Where a step of a journey stands, or the journey."""
        found = next((each for each in self.scenario.journeys if each.name == journey), None)
        if found is None:
            return None
        spans = {each.name: each.span for each in all_steps(found.steps) if each.name}
        return spans.get(step) or found.span if step != BROWSER_ID else found.span


@dataclass(frozen=True, slots=True)
class Case:
    """One path to walk."""

    file: CaseFile
    journey: JourneyCases
    path: Path


def load_cases(file: str, overrides: Sequence[Override], paths: str | int = "auto") -> CaseFile:
    """The paths of a scenario file. Raises ScenarioError with every mistake found."""
    loaded = examine(read(FilePath(file)), overrides)
    compiled = compile_scenario(loaded.scenario)
    plan = replace(compiled, guests=replace(compiled.guests, returning=0.0))
    journeys = tuple(JourneyCases(each, Branches(each), select(each, paths)) for each in plan.journeys)
    return CaseFile(
        file, loaded.scenario, plan, journeys, loaded.warnings, loaded.sources, _arguments(overrides, paths)
    )


def _arguments(overrides: Sequence[Override], paths: str | int) -> tuple[str, ...]:
    """The options that say the same on a command line."""
    made = [] if paths == "auto" else ["--paths", str(paths)]
    for each in overrides:
        made += ["--target", each.text] if each.key == "target.url" else ["--set", f"{each.key}={each.text}"]
    return tuple(made)


def only(file: CaseFile, wanted: Sequence[str]) -> CaseFile:
    """The file with no other paths than those that have one of the wanted names, or belong to a journey of it."""
    if not wanted:
        return file
    kept = []
    for journey in file.journeys:
        paths = journey.selection.paths
        chosen = tuple(each for each in paths if each.name in wanted or each.journey in wanted)
        if chosen:
            kept.append(replace(journey, selection=replace(journey.selection, paths=chosen)))
    return replace(file, journeys=tuple(kept))
