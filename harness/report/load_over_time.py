"""The load as it was planned and as it came about, over the time of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.compiler.profile import Profile
from harness.record.moments import Moment
from harness.scenario.model import OPEN, Load

MOST_POINTS = 400
"""Of what is kept of the load as it came about."""


@dataclass(frozen=True, slots=True)
class LoadOverTime:
    """``unit`` is users (at work), or guests/s (setting out). Points are a time (s) and a level.

    ``planned`` holds the corners, with straight lines between them; ``achieved`` seconds, a peak never left out.
    """

    unit: str
    planned: tuple[tuple[float, float], ...]
    achieved: tuple[tuple[float, float], ...]


def over_time(load: Load, moments: Sequence[Moment]) -> LoadOverTime:
    """The load of a run; ``moments`` are its seconds."""
    corners = [
        point
        for segment in Profile(load.stages).segments
        for point in ((segment.begin, segment.low), (segment.end, segment.high))
    ]
    # Users are made as the load needs them, and nobody plans how long so many iterations take.
    planned = () if load.iterations is not None else tuple(dict.fromkeys(corners))
    return LoadOverTime("guests/s" if load.model == OPEN else "users", planned, achieved(load.model, moments))


def achieved(model: str, moments: Sequence[Moment]) -> tuple[tuple[float, float], ...]:
    """Time (s) and level of the load as it came about."""
    is_open = model == OPEN
    return tuple(_thinned([(float(each.second), float(each.started if is_open else each.users)) for each in moments]))


def _thinned(levels: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The lowest and the highest of each of so many stretches."""
    if len(levels) <= MOST_POINTS:
        return levels
    stretches = MOST_POINTS // 2
    kept: dict[tuple[float, float], None] = {}
    for index in range(stretches):
        stretch = levels[index * len(levels) // stretches : (index + 1) * len(levels) // stretches]
        kept.update(dict.fromkeys(sorted({min(stretch, key=_level), max(stretch, key=_level)})))
    return list(kept)


def _level(point: tuple[float, float]) -> float:
    return point[1]
