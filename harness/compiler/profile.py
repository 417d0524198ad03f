"""The load over time: stages as a piecewise linear function, with its integral and the inverse of that.

Pure functions of time: level at a moment, how many guests came until then, when guest *i* is due.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.scenario.model import Stage


@dataclass(frozen=True, slots=True)
class Segment:
    """From ``begin`` to ``end`` (s) the level goes evenly from ``low`` to ``high``; ``before`` is the integral so far."""

    begin: float
    end: float
    low: float
    high: float
    before: float

    @property
    def slope(self) -> float:
        """Change of the level per second."""
        return (self.high - self.low) / (self.end - self.begin)

    @property
    def area(self) -> float:
        """The integral over the segment."""
        return (self.low + self.high) / 2 * (self.end - self.begin)


class Profile:
    """Stages one after the other, beginning at nothing. Levels in users, or in guests per second."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        segments: list[Segment] = []
        at, level, total = 0.0, 0.0, 0.0
        for stage in stages:
            wanted = level if stage.level is None else stage.level
            low = level if stage.kind in ("ramp", "hold") else wanted
            segments.append(Segment(at, at + stage.over, low, wanted, total))
            total += segments[-1].area
            at += stage.over
            level = level if stage.kind == "spike" else wanted
        self.segments = tuple(segments)
        self._ends = [segment.end for segment in segments]
        self._totals = [segment.before + segment.area for segment in segments]

    @property
    def duration(self) -> float:
        """Seconds from beginning to end."""
        return self._ends[-1] if self._ends else 0.0

    @property
    def total(self) -> float:
        """The integral over all: guests of an open load, user-seconds of a closed one."""
        return self._totals[-1] if self._totals else 0.0

    @property
    def peak(self) -> float:
        """The highest level."""
        return max((max(s.low, s.high) for s in self.segments), default=0.0)

    def level(self, at: float) -> float:
        """The level at a moment; at a jump the level after it; 0 before the beginning and from the end on."""
        if at < 0 or at >= self.duration:
            return 0.0
        segment = self.segments[bisect.bisect_right(self._ends, at)]
        return segment.low + segment.slope * (at - segment.begin)

    def until(self, at: float) -> float:
        """The integral from the beginning to a moment."""
        if at <= 0:
            return 0.0
        if at >= self.duration:
            return self.total
        segment = self.segments[bisect.bisect_right(self._ends, at)]
        passed = at - segment.begin
        return segment.before + segment.low * passed + segment.slope * passed * passed / 2

    def due(self, count: float) -> float | None:
        """The moment at which the integral reaches ``count``: when guest ``count`` (from 0) comes. None: never."""
        if count >= self.total * (1 + 1e-12) or not self.segments:
            return None
        index = bisect.bisect_right(self._totals, count)
        if index >= len(self.segments):
            return self.duration
        segment = self.segments[index]
        left = max(count - segment.before, 0.0)
        slope = segment.slope
        if abs(slope) < 1e-12:
            return segment.begin + (left / segment.low if segment.low else 0.0)
        # The root of slope/2 t² + low t − left = 0 that lies in the segment, in the form that does not cancel.
        root = math.sqrt(max(segment.low * segment.low + 2 * slope * left, 0.0))
        passed = 2 * left / (segment.low + root) if segment.low + root > 0 else 0.0
        return min(segment.begin + passed, segment.end)


def shortened(stages: Sequence[Stage], over: float) -> tuple[Stage, ...]:
    """The stages of the first ``over`` seconds; a ramp that is cut off ends at the level that it has reached."""
    kept: list[Stage] = []
    for stage, segment in zip(stages, Profile(stages).segments, strict=True):
        if segment.begin >= over:
            break
        if segment.end > over:
            level = segment.low + segment.slope * (over - segment.begin) if stage.kind == "ramp" else stage.level
            stage = replace(stage, over=over - segment.begin, level=level)  # noqa: PLW2901
        kept.append(stage)
    return tuple(kept)
