"""Reading back what became of a load: orders by number, stories in full, again and again until they are there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from harness.engine.ask import ask_all
from harness.engine.leave import is_loopback
from harness.engine.read_back import read_back
from harness.engine.target_errors import NotOfferedError, TargetError
from harness.engine.target_reader import TargetReader
from harness.record import run_file
from harness.scenario.hosts import host_of
from harness.scenario.model import Verify
from harness.verify.found import FoundOrder
from harness.verify.outcome import judge_outcome
from harness.verify.questions import Questions
from harness.verify.reconcile import REFUSED, ExpectedOrder, Reconciliation, Tally
from harness.verify.story import StoriesResult, StoryResult, ToldStory

WAIT_SANDBOX_S, WAIT_S = 2.0, 60.0
"""How long what is missing is asked for again, where the scenario does not say."""
RATE_ELSEWHERE = 50.0
"""Questions a second to any host but this machine, where the scenario does not say."""
MOST_PENDING = 50_000
"""Orders that are asked for again. Of more than so many the rest is missing at once."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 3.0
SAVE_EVERY_S = 5.0
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Verified:
    """What is known of a load's outcome. None: not looked at, or it cannot be known; ``trouble`` says why.

    ``failed``: the trouble is a failure of the target's, or of the way there; else the target shows no such thing.
    """

    orders: Reconciliation | None = None
    stories: StoriesResult | None = None
    trouble: str = ""
    failed: bool = False
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How it is asked: ``wait_s`` for what is missing, ``rate`` questions a second at most (None: no limit)."""

    wait_s: float
    rate: float | None


def usual_rate(url: str) -> float | None:
    """Requests a second to a target where nobody says; None, for this machine: no limit."""
    return None if is_loopback(host_of(url)) else RATE_ELSEWHERE


def terms(verify: Verify, sandbox: bool, url: str) -> Terms:
    """What the scenario says, or else what suits the target."""
    return Terms(
        (WAIT_SANDBOX_S if sandbox else WAIT_S) if verify.wait is None else verify.wait,
        usual_rate(url) if verify.rate is None else verify.rate,
    )


class Verification:
    """One reading back. It can be cut short by an exception from ``progress``, and gone on with by another one later.

    ``progress`` is told what is read, how much of it is done, and of how much. ``state`` is the file that keeps how far
    it has come (None: nowhere).
    """

    def __init__(
        self, reader: TargetReader, how: Terms, progress: Callable[[str, int, int], None], state: Path | None = None
    ) -> None:
        self._reader = reader
        self._how = how
        self._progress = progress
        self._state = state
        self._deadline = 0.0
        self._saved = 0.0

    def run(self, asked: Questions | None, stories: Sequence[ToldStory]) -> Verified:
        """Read everything back. Raises nothing of the target's."""
        began = time.monotonic()
        self._deadline = began + self._how.wait_s
        orders = told = None
        try:
            if asked is not None:
                orders = self._orders(asked) if asked.count else Tally().result(asked.acknowledged)
            if stories:
                told = self._stories(stories)
        except NotOfferedError as error:
            return Verified(orders, told, str(error))
        except TargetError as error:
            return Verified(orders, told, str(error), True)
        return Verified(orders, told, took_s=time.monotonic() - began)

    # Orders

    def _orders(self, asked: Questions) -> Reconciliation:
        done, tally, pending = self._resume(asked)
        self._saved = time.monotonic()
        questions = iter(asked)
        for _ in range(done):
            next(questions, None)
        try:
            for order, found in ask_all(questions, self._look_up, self._how.rate):
                done += 1
                if not self._settled(tally, order, found):
                    if len(pending) < MOST_PENDING:
                        pending.append(order)
                    else:
                        tally.not_found(order)
                self._progress("orders", done, asked.count)
                if time.monotonic() - self._saved > SAVE_EVERY_S:
                    self._save(asked, done, tally, pending)
            for waiting in self._pauses(pending):
                pending[:] = [
                    order
                    for order, found in ask_all(waiting, self._look_up, self._how.rate)
                    if not self._settled(tally, order, found)
                ]
                self._progress("orders", asked.count - len(pending), asked.count)
        except BaseException:
            self._save(asked, done, tally, pending)
            raise
        for order in pending:
            tally.not_found(order)
        if self._state is not None:
            with suppress(OSError):
                self._state.unlink(missing_ok=True)
        return tally.result(asked.acknowledged)

    def _look_up(self, order: ExpectedOrder) -> tuple[FoundOrder, ...]:
        return self._reader.orders_with(order.number, items=False)

    @staticmethod
    def _settled(tally: Tally, order: ExpectedOrder, found: tuple[FoundOrder, ...]) -> bool:
        """Whether no more is to be awaited: it is there, or it ought not to be."""
        if found:
            tally.found(order, found)
        return bool(found) or order.outcome == REFUSED

    def _pauses(self, pending: list[Any]) -> Iterator[list[Any]]:
        """What is still missing, after longer and longer pauses, until nothing is or the time is over."""
        pause = FIRST_PAUSE_S
        while pending and (left := self._deadline - time.monotonic()) > 0:
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_PAUSE_S)
            yield list(pending)

    # Stories

    def _stories(self, stories: Sequence[ToldStory]) -> StoriesResult:
        results: dict[int, StoryResult] = {}
        missing = list(enumerate(stories))
        self._progress("guests", 0, len(stories))
        missing[:] = self._look(missing, results, len(stories))
        for waiting in self._pauses(missing):
            missing[:] = self._look(waiting, results, len(stories))
        return StoriesResult(tuple(results[place] for place in sorted(results)))

    def _look(
        self, which: list[tuple[int, ToldStory]], results: dict[int, StoryResult], of: int
    ) -> list[tuple[int, ToldStory]]:
        """Read stories back; those that time can still heal."""

        def ask(numbered: tuple[int, ToldStory]) -> StoryResult:
            story = numbered[1]
            found = read_back(story.expectation, self._reader)
            return StoryResult(story, found, judge_outcome(story.expectation, found))

        left = []
        for (place, story), result in ask_all(which, ask, self._how.rate):
            results[place] = result
            findings = [finding for check in result.checks for finding in check.findings]
            if findings and all(finding.may_come for finding in findings):
                left.append((place, story))
            self._progress("guests", len(results), of)
        return left

    # Going on later

    def _save(self, asked: Questions, done: int, tally: Tally, pending: list[ExpectedOrder]) -> None:
        if self._state is None:
            return
        self._saved = time.monotonic()
        told = {
            "format": FORMAT,
            "count": asked.count,
            "done": done,
            "tally": tally.to_json(),
            "pending": [
                [o.number, None if o.value is None else str(o.value), o.currency, o.outcome, o.guest, o.step]
                for o in pending
            ],
        }
        with suppress(OSError):  # an aid only: without it the next one begins anew
            run_file.write(self._state, json.dumps(told).encode())

    def _resume(self, asked: Questions) -> tuple[int, Tally, list[ExpectedOrder]]:
        """How far an earlier reading came; the beginning when there was none, or one of something else."""
        fresh: tuple[int, Tally, list[ExpectedOrder]] = (0, Tally(), [])
        if self._state is None or not self._state.exists():
            return fresh
        try:
            told = json.loads(run_file.read(self._state))
            if told["format"] != FORMAT or told["count"] != asked.count:
                return fresh
            pending = [
                ExpectedOrder(str(number), None if value is None else Decimal(value), *map(str, rest))
                for number, value, *rest in told["pending"]
            ]
            return int(told["done"]), Tally.from_json(told["tally"]), pending
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
            return fresh
