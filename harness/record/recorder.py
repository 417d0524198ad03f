"""The recorder: the one place a process counts into while it sends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from harness.record.figures import ErrorFigures, ErrorKey, Figures, JourneyFigures, StepFigures, StepKey

MOST_ERRORS = 200
"""Kinds of errors told apart in one stretch; those beyond are counted as others of their kind."""


class Failure(NamedTuple):
    """Why a request failed. ``kind``: http_status, timeout, connection, check or capture."""

    kind: str
    detail: str


class Recorder:
    """Counts requests and journeys of one process. ``take`` hands over what came since the last ``take``.

    Steps are counted by their index in ``steps``, journeys by theirs in ``journeys``. A request that is
    sent in one stretch and answered in the next shows as unfinished in the first and as minus one in the
    second: only sums speak.
    """

    def __init__(self, steps: Sequence[StepKey], journeys: Sequence[str]) -> None:
        self._step_keys = tuple(steps)
        self._journey_names = tuple(journeys)
        self._reset()

    def _reset(self) -> None:
        self._steps = [StepFigures() for _ in self._step_keys]
        self._journeys = [JourneyFigures() for _ in self._journey_names]
        self._errors: dict[ErrorKey, ErrorFigures] = {}

    def sent(self, step: int) -> None:
        """A request is about to be sent."""
        self._steps[step].sent += 1

    def answered(self, step: int, latency_us: int, bytes_out: int, bytes_in: int) -> None:
        """The request got the reply it should."""
        figures = self._steps[step]
        figures.ok += 1
        figures.bytes_out += bytes_out
        figures.bytes_in += bytes_in
        figures.latency.add(latency_us)

    def failed(self, step: int, error: Failure, latency_us: int | None, bytes_out: int, bytes_in: int) -> None:
        """The request failed. ``latency_us`` is None when no reply came, so that there is nothing to time."""
        figures = self._steps[step]
        figures.failed += 1
        figures.bytes_out += bytes_out
        figures.bytes_in += bytes_in
        if latency_us is not None:
            figures.latency.add(latency_us)
        key = ErrorKey(error.kind, error.detail, *self._step_keys[step])
        if known := self._errors.get(key):
            known.count += 1
        elif len(self._errors) < MOST_ERRORS:
            self._errors[key] = ErrorFigures(1, time.time())
        else:
            other = ErrorKey(error.kind, "others", *self._step_keys[step])
            self._errors.setdefault(other, ErrorFigures(0, time.time())).count += 1

    def started(self, journey: int) -> None:
        """A guest set out."""
        self._journeys[journey].started += 1

    def completed(self, journey: int, duration_us: int) -> None:
        """A guest reached the end."""
        figures = self._journeys[journey]
        figures.completed += 1
        figures.duration.add(duration_us)

    def lost(self, journey: int) -> None:
        """A guest could not go on, because a request failed."""
        self._journeys[journey].failed += 1

    def take(self) -> Figures:
        """What was counted since the last call."""
        taken = Figures(
            dict(zip(self._step_keys, self._steps, strict=True)),
            dict(zip(self._journey_names, self._journeys, strict=True)),
            self._errors,
        )
        self._reset()
        return taken
