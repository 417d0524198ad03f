"""The recorder: the one place a process counts into while it sends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from harness.record.figures import ErrorFigures, ErrorKey, Figures, JourneyFigures, StepFigures, StepKey

MOST_ERRORS = 200
"""Kinds of errors told apart in one stretch; those beyond are counted as others of their kind."""


class Timed(Protocol):
    """A reply, as far as it is counted: bytes, and µs. ``connect_us`` is 0 where the connection was open already."""

    @property
    def status(self) -> int:
        """0 where there is no reply."""

    @property
    def latency_us(self) -> int:
        """From sending to the last byte."""

    @property
    def ttfb_us(self) -> int:
        """From sending to the first byte."""

    @property
    def connect_us(self) -> int:
        """Until the connection was there, TLS included."""

    @property
    def bytes_out(self) -> int:
        """Of the request."""

    @property
    def bytes_in(self) -> int:
        """Of the reply."""


class Failure(NamedTuple):
    """Why a request failed.

    ``kind``: http_status, timeout, connection, check, capture, generator (this machine's own), or not_allowed (never sent).
    """

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
        self._steps, self._journeys, self._errors = self._blank()
        # So that a clock which is set meanwhile moves nothing.
        self._epoch = time.time() - time.perf_counter()

    def _blank(self) -> tuple[list[StepFigures], list[JourneyFigures], dict[ErrorKey, ErrorFigures]]:
        return [StepFigures() for _ in self._step_keys], [JourneyFigures() for _ in self._journey_names], {}

    def sent(self, step: int, before: int | None = None) -> None:
        """A request is about to be sent, by a guest who comes from the step ``before``, if from any."""
        steps = self._steps
        steps[step].sent += 1
        if before is not None:
            steps[before].went_on += 1

    def answered(self, step: int, reply: Timed, late_us: int) -> None:
        """The request, sent ``late_us`` after it was due, got the reply it should."""
        figures = self._steps[step]
        figures.ok += 1
        self._time(figures, reply, late_us)

    def failed(self, step: int, error: Failure, reply: Timed, late_us: int) -> None:
        """The request failed. Without a reply (status 0) there is nothing to time."""
        figures = self._steps[step]
        figures.failed += 1
        self._time(figures, reply, late_us)
        key = ErrorKey(error.kind, error.detail, *self._step_keys[step])
        if known := self._errors.get(key):
            known.count += 1
        elif len(self._errors) < MOST_ERRORS:
            self._errors[key] = ErrorFigures(1, self._epoch + time.perf_counter())
        else:
            other = ErrorKey(error.kind, "others", *self._step_keys[step])
            self._errors.setdefault(other, ErrorFigures(0, self._epoch + time.perf_counter())).count += 1

    def _time(self, figures: StepFigures, reply: Timed, late_us: int) -> None:
        """Count bytes and times. The guest waits for the connection, too: it is in the corrected latency alone."""
        figures.bytes_out += reply.bytes_out
        figures.bytes_in += reply.bytes_in
        connect_us = reply.connect_us
        if connect_us:
            figures.connect.add(connect_us)
        if reply.status:
            latency_us = reply.latency_us
            figures.latency.add(latency_us)
            figures.corrected.add(latency_us + late_us + connect_us)
            figures.ttfb.add(reply.ttfb_us)

    def started(self, journey: int) -> None:
        """A guest set out."""
        self._journeys[journey].started += 1

    def went_on(self, step: int) -> None:
        """A guest who was at the step goes on to the end."""
        self._steps[step].went_on += 1

    def completed(self, journey: int, duration_us: int) -> None:
        """A guest reached the end."""
        figures = self._journeys[journey]
        figures.completed += 1
        figures.duration.add(duration_us)

    def lost(self, journey: int, step: int) -> None:
        """A guest could not go on, because the step's request failed."""
        self._journeys[journey].failed += 1
        self._steps[step].lost += 1

    def left(self, journey: int, step: int | None) -> None:
        """A guest went away by design, after a step or before any."""
        self._journeys[journey].left += 1
        if step is not None:
            self._steps[step].left += 1

    def dropped(self, journey: int) -> None:
        """A guest was due and could not be let in."""
        self._journeys[journey].dropped += 1

    @property
    def unfinished(self) -> int:
        """Requests sent and not ended, as far as this stretch shows; below zero where more ended than were sent."""
        return sum(step.unfinished for step in self._steps)

    def take(self) -> Figures:
        """What was counted since the last call."""
        blank = self._blank()  # first: should memory run out here, nothing is lost
        taken = Figures(
            dict(zip(self._step_keys, self._steps, strict=True)),
            dict(zip(self._journey_names, self._journeys, strict=True)),
            self._errors,
        )
        self._steps, self._journeys, self._errors = blank
        return taken
