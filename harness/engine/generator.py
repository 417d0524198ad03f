"""The generator: the part of a process that sends. It starts clean, tells each second how it fares, and stops."""

from __future__ import annotations

import inspect

from harness.engine.beat import Beat
from harness.engine.descriptors import Spare, make_room
from harness.engine.garbage import Garbage
from harness.engine.health import Health
from harness.engine.own_faults import GENERATOR
from harness.engine.worker import Worker
from harness.record.histogram import Histogram


class Generator:
    """One load of one process. What it tells adds up: nothing is told twice, nothing is left out."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.internal_errors = 0
        self._health = Health()
        self._garbage = Garbage()
        self._spare = Spare()
        self._unfinished = 0
        # Locust asks who called when it stops; the first time Python looks through all modules for that, which takes
        # 25 ms, and the last replies of the load would wait so long for us.
        inspect.stack()
        make_room()
        self._spare.hold()

    def start(self) -> None:
        """The load begins."""
        self._garbage.start()
        self._health.start()

    def beat(self, users: int) -> Beat:
        """The stretch since the last call, about a second; there are so many users now."""
        self._garbage.second(users)
        second = self._health.second()
        return self._told(second.cpu, second.saturated)

    def stop(self) -> Beat:
        """The load is over: what is left, and the mean of the processor for all of it."""
        self._health.stop()
        self._garbage.stop()
        self._spare.release()
        last = self._told(self._health.cpu, False)
        last.gc_longest_ms = self._health.gc_longest_ms
        return last

    @property
    def requests_under_way(self) -> int:
        """Sent, and neither answered nor failed."""
        return self._unfinished + self.worker.recorder.unfinished

    def _told(self, cpu: float, saturated: bool) -> Beat:
        figures = self.worker.recorder.take()
        self._unfinished += sum(step.unfinished for step in figures.steps.values())
        lateness, self.worker.lateness = self.worker.lateness, Histogram()
        errors, self.internal_errors = self.internal_errors, 0
        # What this machine could not send says as little of the target as what it sent too late.
        saturated = saturated or any(key.kind == GENERATOR for key in figures.errors)
        worker = self.worker
        return Beat(
            figures,
            lateness,
            self._health.take_lag(),
            cpu,
            1,
            saturated,
            internal_errors=errors,
            guests={worker.index: worker.guests},
        )
