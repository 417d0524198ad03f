"""Deleting the guests of a run, one after the other: each is looked up, looked at, and deleted only if it is the run's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.engine.ask import ask_all
from harness.engine.gate import Pace
from harness.engine.refusal import RefusedError
from harness.engine.target_writer import TargetWriter
from harness.run.cleanup_log import ABSENT, DELETED, FAILED, LEFT, CleanupLog
from harness.run.made_guests import MadeGuests, Stretch
from harness.verify.found import FoundGuest
from harness.verify.ownership import why_not_ours

MOST_NAMED = 20
CHUNK = 64
"""Guests that are asked for together. Of a killed run nobody knows the last one before they have been looked for."""


@dataclass(slots=True)
class Cleaned:
    """What became of guests, by outcome. ``found``: guests at the target that are the run's; ``named``: some of those
    that were left or failed, with why. ``why``: how many for each reason.
    """

    guests: Counter[str] = field(default_factory=Counter)
    found: int = 0
    deleted: int = 0
    why: Counter[str] = field(default_factory=Counter)
    named: list[tuple[str, str]] = field(default_factory=list)

    @property
    def looked(self) -> int:
        """At so many of the run's numbers it was looked."""
        return sum(self.guests.values())


@dataclass(frozen=True, slots=True)
class _Result:
    number: int
    done: str
    refs: tuple[str, ...] = ()
    found: int = 0
    why: tuple[tuple[str, str], ...] = ()


class Cleaner:
    """One cleanup. ``log`` None: a dry run, which only looks. ``progress`` is told of how many it was looked at."""

    def __init__(
        self,
        made: MadeGuests,
        writer: TargetWriter,
        rate: float | None,
        log: CleanupLog | None,
        done: frozenset[int],
        progress: Callable[[int], None],
    ) -> None:
        self._made = made
        self._writer = writer
        self._pace = Pace(rate)
        self._log = log
        self._done = done
        self._progress = progress
        self.result = Cleaned()

    def run(self) -> Cleaned:
        """Look at every guest. Raises TargetError when the target cannot be asked any more, OSError of the log."""
        if self._made.listed is not None:
            self._several(self._made.listed)
        for stretch in self._made.stretches:
            self._stretch(stretch)
        return self.result

    def _stretch(self, stretch: Stretch) -> None:
        """Those who set out for sure; and beyond them as long as there are any."""
        self._several(tuple(map(stretch.number, range(stretch.sure))))
        place, in_vain = stretch.sure, 0
        while in_vain < stretch.beyond:
            chunk = tuple(map(stretch.number, range(place, place + CHUNK)))
            place += CHUNK
            in_vain = 0 if self._several(chunk) else in_vain + CHUNK

    def _several(self, numbers: tuple[int, ...]) -> bool:
        """Look at these; whether anybody was there, now or when it was looked before."""
        anybody = any(number in self._done for number in numbers)
        waiting = (number for number in numbers if number not in self._done)
        for _, result in ask_all(waiting, self._one):
            anybody = anybody or result.done != ABSENT
            self._note(result)
        return anybody

    def _note(self, result: _Result) -> None:
        whole = self.result
        whole.guests[result.done] += 1
        whole.found += result.found
        whole.deleted += len(result.refs) if result.done == DELETED else 0
        for named, why in result.why:
            whole.why[why] += 1
            if len(whole.named) < MOST_NAMED:
                whole.named.append((named, why))
        if self._log is not None and (result.done != ABSENT or self._made.listed is not None):
            why = "; ".join(reason for _, reason in result.why)
            self._log.add(result.number, result.done, result.refs, why)
        self._progress(whole.looked)

    def _one(self, number: int) -> _Result:
        """Look at one, and delete it if it is the run's. Raises TargetError."""
        made = self._made.called(number)
        if made is None:
            return _Result(number, ABSENT)
        there: dict[str, FoundGuest] = {}
        if made.email:
            self._pace.wait()
            there |= {each.ref: each for each in self._writer.guests(email=made.email)}
        elif made.identifier is not None:
            self._pace.wait()
            there |= {each.ref: each for each in self._writer.guests(identifier=made.identifier)}
        reasons: list[tuple[str, str]] = []
        ours: list[FoundGuest] = []
        for guest in there.values():
            if why := why_not_ours(guest, made, self._made.begun, self._made.ended):
                reasons.append((made.email or guest.ref, why))
            else:
                ours.append(guest)
        if self._log is None or not ours:
            done = DELETED if ours else LEFT if there else ABSENT
            return _Result(number, done, (), len(ours), tuple(reasons))
        return self._delete(number, ours, reasons, made.email)

    def _delete(self, number: int, ours: list[FoundGuest], reasons: list[tuple[str, str]], email: str) -> _Result:
        gone: list[str] = []
        failed = False
        for guest in ours:
            self._pace.wait()
            try:
                self._writer.delete_guest(guest.ref)
                gone.append(guest.ref)
            except RefusedError as error:
                failed = True
                told = f"the target refuses to delete it ({error.status}{': ' + str(error) if str(error) else ''})"
                reasons.append((email or guest.ref, told))
        return _Result(number, FAILED if failed else DELETED, tuple(gone), len(ours), tuple(reasons))
