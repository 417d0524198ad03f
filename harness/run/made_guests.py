"""The guests whom a run made, by their numbers, and how each was called: also of a run that was killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from harness.cdp.guests_api import OWN_PROVIDER
from harness.compiler import compile_scenario
from harness.engine.worker import Worker
from harness.guests.identity import RanOutError
from harness.record import moments
from harness.report.summary import Summary
from harness.run.done_files import SET_OUT, read_guest_states, read_set_out
from harness.run.recover import begun_of, unfinished
from harness.run.run_files import RunDirError, read_summary, read_text
from harness.scenario import actions, model
from harness.scenario.walks import all_steps
from harness.verify.ownership import COMPARED, MadeGuest

GRACE_S = 5.0
"""After the last second that is known of a run its requests may still have arrived for so long: no longer, for the next run
of the same seed makes guests of the same names."""
BEYOND = 200
"""Numbers beyond the last one that a killed run wrote down, in which a guest is looked for."""
_ATTRIBUTES = {
    "title": "title",
    "firstName": "firstname",
    "lastName": "lastname",
    "gender": "gender",
    "dateOfBirth": "dob",
}
assert tuple(_ATTRIBUTES) == COMPARED


@dataclass(frozen=True, slots=True)
class Stretch:
    """Numbers of one process's guests: ``first``, ``first`` + ``stride``, … ``sure`` of them set out.

    ``beyond``: after those, more may have set out than was written down; so many in a row that are not there end it.
    """

    first: int
    stride: int
    sure: int
    beyond: int

    def number(self, place: int) -> int:
        """The number in the whole load."""
        return self.first + place * self.stride


@dataclass(frozen=True, slots=True)
class MadeGuests:
    """What is known of a run's guests. ``listed``: the numbers that guests.jsonl has; else (killed) ``stretches``."""

    run_id: str
    seed: int
    begun: datetime
    ended: datetime
    listed: tuple[int, ...] | None
    stretches: tuple[Stretch, ...]
    called: Callable[[int], MadeGuest | None]
    """How a number's guest was called; None when there is no such guest."""

    @property
    def sure(self) -> int:
        """How many are looked for at least."""
        return len(self.listed) if self.listed is not None else sum(each.sure for each in self.stretches)


def read_made(path: Path, scenario: model.Scenario, summary: Summary, grace_s: float = GRACE_S) -> MadeGuests:
    """The guests of a run directory, who came ``grace_s`` after its last second at the latest.

    Raises RunDirError, DoneFileError, OSError.
    """
    plan = compile_scenario(scenario)
    people = Worker(plan, "", summary.seed, summary.run_id)
    listed = None
    stretches: tuple[Stretch, ...] = ()
    guests = path / "guests.jsonl"
    if guests.is_file() and not (path / SET_OUT).is_file():
        listed = tuple(number for number, _ in read_guest_states(guests))
    else:
        stretches = tuple(_stretches(path))
    seconds = _seconds(path, summary)
    return MadeGuests(
        summary.run_id,
        summary.seed,
        summary.started,
        summary.started + timedelta(seconds=seconds + grace_s),
        listed,
        stretches,
        _Called(scenario, people.guest_field),
    )


def summary_of(path: Path) -> Summary:
    """What a run directory says of its run, ended or not. Raises RunDirError."""
    return begun_of(path) if unfinished(path) else read_summary(path)


def _stretches(path: Path) -> Iterator[Stretch]:
    told = read_set_out(path / SET_OUT)
    load = path / "load.csv"
    busiest = max((each.started for each in moments.read(read_text(load))), default=0) if load.is_file() else 0
    beyond = max(BEYOND, 3 * busiest)
    if told is None:
        # Killed within its first second: as one process, or as several.
        yield Stretch(0, 1, 0, beyond)
        return
    stride, counts = told
    for index, count in sorted(counts.items()):
        yield Stretch(index, stride, count, beyond)


def _seconds(path: Path, summary: Summary) -> float:
    load = path / "load.csv"
    written = len(moments.read(read_text(load))) if load.is_file() else 0
    return max(summary.duration_s, float(written + 1))


class _Called:
    """What a run sends of each of its guests, as far as its scenario leaves that to the harness."""

    def __init__(self, scenario: model.Scenario, field: Callable[[int, str], str]) -> None:
        self._field = field
        given = _given(scenario)
        self._own_email = "email" not in given
        self._own_id = "identifiers" not in given
        self._attributes = {name: own for name, own in _ATTRIBUTES.items() if name not in given and own not in given}
        self._own_identities = not given & {"email", "emails", "identifiers"}
        if not self._own_email and not self._own_id:
            raise RunDirError(
                "the scenario gives its guests both emails and identifiers of its own: which guests are the run's "
                "cannot be told"
            )

    def __call__(self, number: int) -> MadeGuest | None:
        try:
            email, own_id = self._field(number, "email"), self._field(number, "id")
        except RanOutError:
            return None
        return MadeGuest(
            email if self._own_email else "",
            (OWN_PROVIDER, own_id) if self._own_id else None,
            {name: self._field(number, own) for name, own in self._attributes.items()},
            self._own_identities,
        )


def _given(scenario: model.Scenario) -> set[str]:
    """Names of what the scenario itself says about guests, in place of what the harness would."""
    given: set[str] = set()
    for journey in scenario.journeys:
        for step in all_steps(journey.steps):
            if isinstance(step.action, actions.Identify):
                given |= {name for name, _ in step.attributes.items}
            elif isinstance(step.action, actions.GuestCall) and step.action.operation in ("create", "update"):
                given |= {name for name, _ in step.action.fields.items}
    return given
