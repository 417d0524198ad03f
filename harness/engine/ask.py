"""Many questions to a target: several under way at once, no faster than allowed, answers in the order of the questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import gevent
import gevent.pool

from harness.engine.gate import Pace
from harness.engine.target_client import READERS
from harness.engine.target_errors import TargetError

Q = TypeVar("Q")
A = TypeVar("A")
TRIES = 3
"""Times that a question is put when the target cannot be reached."""
BACK_OFF_S = 0.5


def ask_all(questions: Iterable[Q], ask: Callable[[Q], A], rate: float | None = None) -> Iterator[tuple[Q, A]]:
    """Each question with its answer. ``rate``: questions a second, at most (None: as fast as answers come).

    Raises TargetError when one cannot be answered, after trying a few times; what came before has been given by then.
    """
    pool = gevent.pool.Pool(READERS)
    pace = Pace(rate)

    def answered(question: Q) -> tuple[Q, A | TargetError]:
        for tried in range(1, TRIES + 1):
            pace.wait()
            try:
                return question, ask(question)
            except TargetError as error:
                if tried == TRIES or not error.may_pass:
                    return question, error
                gevent.sleep(BACK_OFF_S * 2 ** (tried - 1))
        raise AssertionError

    try:
        for question, answer in pool.imap(answered, questions, maxsize=READERS * 4):
            if isinstance(answer, TargetError):
                raise answer
            yield question, answer
    finally:
        pool.kill(block=False)
