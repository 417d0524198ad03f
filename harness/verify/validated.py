"""What came of validating a path, as frozen values: its steps, its outcome, what was expected and found."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.exchange import Exchange
from harness.record.recorder import Failure
from harness.verify.checks import Check, Finding


@dataclass(frozen=True, slots=True)
class StepResult:
    """A request of a path. ``times``: so many of the same one after the other went alike; ``latency_ms`` is their sum.

    ``status`` is 0 without a reply. ``lost``: the guest could not go on.
    """

    name: str
    type: str
    status: int
    latency_ms: float
    failure: Failure | None = None
    lost: bool = False
    times: int = 1
    cause: str = ""


@dataclass(frozen=True, slots=True)
class PathResult:
    """A path that was walked. ``duration_ms``: of the walk; ``waited_ms``: after it for the outcome, 0 if that was there.

    ``checks`` are of the outcome; ``notes`` say what was left out. ``exchanges`` are kept of failed paths, or when
    they were asked for. ``error``: why it could not be walked at all. ``decided`` are the places and numbers of
    decisions that were reached, ``reached`` the names of steps.
    """

    file: str
    journey: str
    name: str
    steps: tuple[StepResult, ...] = ()
    not_reached: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    guest: str = ""
    browser_id: str = ""
    duration_ms: float = 0.0
    waited_ms: float = 0.0
    error: str = ""
    decided: frozenset[tuple[int, int]] = frozenset()
    reached: frozenset[str] = frozenset()

    @property
    def held(self) -> bool:
        """Whether everything is as it ought to be, as far as it could be looked at."""
        steps_held = all(step.failure is None for step in self.steps)
        return not self.error and steps_held and all(check.held is not False for check in self.checks)

    @property
    def verified(self) -> bool:
        """Whether anything of the outcome was looked at."""
        return any(check.held is not None for check in self.checks)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What of the outcome is not as it ought to be."""
        return tuple(finding for check in self.checks for finding in check.findings)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of journeys was reached: branches (each value of each decision) and steps."""

    branches: int
    branches_reached: int
    steps: int
    steps_reached: int
    missed: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was missed."""
        return self.branches == self.branches_reached and self.steps == self.steps_reached


@dataclass(frozen=True, slots=True)
class JourneyResult:
    """A journey: its paths, out of ``total``, and ``how`` they were chosen: all, pairwise, the first so many."""

    name: str
    total: int
    how: str
    paths: tuple[PathResult, ...]


@dataclass(frozen=True, slots=True)
class FileResult:
    """A scenario file. ``target`` is the base URL; ``embedded``: of the sandbox that came with the run.

    ``places`` are lines of the file, by journey and step; a journey's own has no step. ``arguments`` of the command
    line have to be given again to do the same again.
    """

    file: str
    scenario: str
    target: str
    embedded: bool
    journeys: tuple[JourneyResult, ...]
    places: tuple[tuple[tuple[str, str], tuple[str, int]], ...] = ()
    arguments: tuple[str, ...] = ()

    def place(self, journey: str, step: str = "") -> tuple[str, int]:
        """File and line of a step, or else of its journey."""
        known = dict(self.places)
        return known.get((journey, step)) or known.get((journey, "")) or (self.file, 1)


@dataclass(frozen=True, slots=True)
class Validation:
    """Everything that was validated in one go. ``remarks`` are for people: what was left out, and why."""

    run_id: str
    seed: int
    duration_s: float
    files: tuple[FileResult, ...]
    coverage: Coverage
    rules: tuple[Check, ...] = ()
    remarks: tuple[str, ...] = ()
    interrupted: bool = False
    planned: int = 0

    @property
    def paths(self) -> tuple[PathResult, ...]:
        """The results of all paths."""
        return tuple(path for file in self.files for journey in file.journeys for path in journey.paths)

    @property
    def held(self) -> bool:
        """Whether everything that was looked at is as it ought to be."""
        return all(path.held for path in self.paths) and all(check.held is not False for check in self.rules)
