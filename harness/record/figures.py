"""Figures: counts and histograms of a stretch of a run. They merge, and travel between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harness.record.histogram import Histogram


class StepKey(NamedTuple):
    """A step of a journey."""

    journey: str
    step: str


class ErrorKey(NamedTuple):
    """Errors that are counted together. ``kind``: http_status, timeout, connection, check, capture or generator."""

    kind: str
    detail: str
    journey: str
    step: str


@dataclass(slots=True)
class StepFigures:
    """What one step did. Bytes as on the wire or, where the transport cannot tell, as the message's length.

    ``latency`` runs from sending, ``corrected`` from when the request was due: what a late generator, or one that
    waits for a stalled target, leaves out of the first is in the second. ``ttfb`` runs from sending to the first
    byte of the reply, ``connect`` until a connection was there; it counts new connections only.

    Of the guests who came to the step (``sent`` times), some ``went_on`` to another or to the end, some ``left`` by
    design, some were ``lost`` to an error.
    """

    sent: int = 0
    ok: int = 0
    failed: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    went_on: int = 0
    left: int = 0
    lost: int = 0
    latency: Histogram = field(default_factory=Histogram)
    corrected: Histogram = field(default_factory=Histogram)
    ttfb: Histogram = field(default_factory=Histogram)
    connect: Histogram = field(default_factory=Histogram)

    @property
    def histograms(self) -> tuple[Histogram, ...]:
        """In the order of the fields."""
        return self.latency, self.corrected, self.ttfb, self.connect

    @property
    def unfinished(self) -> int:
        """Sent, and neither answered nor failed when counting ended."""
        return self.sent - self.ok - self.failed

    @property
    def under_way(self) -> int:
        """Guests who came to the step, and were still there, or thinking after it, when counting ended."""
        return self.sent - self.went_on - self.left - self.lost

    def merge(self, other: StepFigures) -> None:
        """Add all that ``other`` counted."""
        self.sent += other.sent
        self.ok += other.ok
        self.failed += other.failed
        self.bytes_out += other.bytes_out
        self.bytes_in += other.bytes_in
        self.went_on += other.went_on
        self.left += other.left
        self.lost += other.lost
        for mine, theirs in zip(self.histograms, other.histograms, strict=True):
            mine.merge(theirs)


@dataclass(slots=True)
class JourneyFigures:
    """What became of the guests of one journey. ``left``: by design. ``duration``: of completed ones, in µs.

    ``dropped`` were due and not let in, because too many were under way; they did not start.
    """

    started: int = 0
    completed: int = 0
    failed: int = 0
    left: int = 0
    dropped: int = 0
    duration: Histogram = field(default_factory=Histogram)

    @property
    def unfinished(self) -> int:
        """Started, and still under way when counting ended."""
        return self.started - self.completed - self.failed - self.left

    def merge(self, other: JourneyFigures) -> None:
        """Add all that ``other`` counted."""
        self.started += other.started
        self.completed += other.completed
        self.failed += other.failed
        self.left += other.left
        self.dropped += other.dropped
        self.duration.merge(other.duration)


@dataclass(slots=True)
class ErrorFigures:
    """How often an error came, and when first (seconds since the epoch)."""

    count: int
    first: float

    def merge(self, other: ErrorFigures) -> None:
        """Add all that ``other`` counted."""
        self.count += other.count
        self.first = min(self.first, other.first)


@dataclass(slots=True)
class Figures:
    """Counts of a stretch of a run. Once handed on, nobody changes them but by ``merge`` into a total."""

    steps: dict[StepKey, StepFigures] = field(default_factory=dict)
    journeys: dict[str, JourneyFigures] = field(default_factory=dict)
    errors: dict[ErrorKey, ErrorFigures] = field(default_factory=dict)

    def merge(self, other: Figures) -> None:
        """Add all that ``other`` counted."""
        for step_key, step in other.steps.items():
            self.steps.setdefault(step_key, StepFigures()).merge(step)
        for name, journey in other.journeys.items():
            self.journeys.setdefault(name, JourneyFigures()).merge(journey)
        for error_key, error in other.errors.items():
            if known := self.errors.get(error_key):
                known.merge(error)
            else:
                self.errors[error_key] = ErrorFigures(error.count, error.first)

    def total(self) -> StepFigures:
        """All steps taken together."""
        whole = StepFigures()
        for step in self.steps.values():
            whole.merge(step)
        return whole

    def pack(self) -> dict[str, Any]:
        """Plain lists and numbers, to be sent to another process. ``unpack`` takes them back."""
        return {
            "steps": [
                [
                    *key,
                    s.sent,
                    s.ok,
                    s.failed,
                    s.bytes_out,
                    s.bytes_in,
                    s.went_on,
                    s.left,
                    s.lost,
                    *(h.pack() for h in s.histograms),
                ]
                for key, s in self.steps.items()
            ],
            "journeys": [
                [name, j.started, j.completed, j.failed, j.left, j.dropped, j.duration.pack()]
                for name, j in self.journeys.items()
            ],
            "errors": [[*key, e.count, e.first] for key, e in self.errors.items()],
        }

    def merge_packed(self, packed: Mapping[str, Any]) -> None:
        """Add what another process packed."""
        for row in packed["steps"]:
            step = self.steps.setdefault(StepKey(*row[:2]), StepFigures())
            step.merge(StepFigures(*row[2:10]))
            for mine, theirs in zip(step.histograms, row[10:], strict=True):
                mine.merge_packed(theirs)
        for name, started, completed, failed, left, dropped, duration in packed["journeys"]:
            journey = self.journeys.setdefault(name, JourneyFigures())
            journey.merge(JourneyFigures(started, completed, failed, left, dropped))
            journey.duration.merge_packed(duration)
        self.merge(Figures(errors={ErrorKey(*row[:4]): ErrorFigures(*row[4:]) for row in packed["errors"]}))

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Figures:
        """The figures that ``pack`` made."""
        made = cls()
        made.merge_packed(packed)
        return made
