"""A load of several processes, from the master's side: workers send and tell, it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gevent

from harness.compiler.plan import Plan
from harness.compiler.profile import Profile
from harness.engine.beat import Beat
from harness.engine.closed import HarnessUser
from harness.engine.crew import Crew
from harness.engine.crew_words import LOST_AFTER_S, STRIDE
from harness.engine.listener import Listener
from harness.engine.lookup import Held
from harness.engine.senders import Rest
from harness.engine.worker import Worker


class Several:
    """A ``Crew``, as the bridge sees it."""

    several = True
    stride = STRIDE
    grace_s = 0.3

    def __init__(self, environment: Any, plan: Plan, listener: Listener, base_url: str, held: Held) -> None:
        self._environment = environment
        self._listener = listener
        self._told = {"base_url": base_url, "held": held.pack()}
        self._crew = Crew(environment.runner, Profile(plan.load.stages))
        self._given_up = False
        self.deserted = False

    @property
    def workers(self) -> int:
        """How many took part."""
        return self._crew.workers

    @property
    def workers_lost(self) -> int:
        """How many of them Locust does not hear of."""
        return max(self._crew.workers - int(self._environment.runner.worker_count), 0)

    @property
    def all_done(self) -> bool:
        """Whether the guests of every worker that is alive are through."""
        return self._crew.all_done

    @property
    def in_messages(self) -> bool:
        """Whether this is the greenlet in which workers' messages come."""
        return self._crew.listening is gevent.getcurrent()

    def begin(self, worker: Worker) -> None:
        """Tell all workers what the load is, and wait until they are ready."""
        self.deserted = False
        self._crew.begin(
            {
                **self._told, "run_id": worker.run_id, "seed": worker.seed, "stories": worker.book.stories.wanted,
                "workers": self._environment.runner.worker_count, "handout": self._listener.hand_out(),
            }
        )  # fmt: skip

    def start(self, users: Sequence[type[HarnessUser]]) -> float:
        """When it begins is what the workers were told."""
        return self._crew.began

    def second(self) -> Beat:
        """What came since the last call."""
        return self._crew.second()

    def stopping(self) -> None:
        """The workers see to requests under way."""
        self.deserted = self._environment.runner.worker_count == 0

    def give_up(self) -> None:
        """Do not wait for replies that workers still wait for."""
        self._given_up = True

    def internal_error(self) -> None:
        """Errors of workers come in their beats; this process has no users."""

    def end(self, lasted_s: float) -> Rest:
        """Ask the workers for what is left, and wait for it."""
        crew = self._crew
        patience_s = 0 if self._given_up else self._environment.stop_timeout or 0
        crew.finish(patience_s + LOST_AFTER_S, all_silent=self.deserted)
        why = (f"The load ended after {lasted_s:.1f} s, because no worker was heard of.",) if self.deserted else ()
        return Rest(
            crew.take(),
            crew.books,
            workers=crew.workers,
            workers_lost=len(crew.lost),
            unknown=crew.unknown,
            clock_offset_ms=crew.clock_offset_ms,
            planned=crew.planned,
            troubles=(*crew.troubles, *why),
        )
