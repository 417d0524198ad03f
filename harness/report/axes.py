"""Scales and axes of a chart: where a value lies, and which values get a line and a label."""

from __future__ import annotations

import math
from dataclasses import dataclass

_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
"""Seconds between two labels: what a clock would have."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing of ``width`` × ``height`` px with room at its edges for labels."""

    width: int
    height: int
    left: int
    right: int
    top: int = 22
    bottom: int = 42

    @property
    def inner_width(self) -> int:
        """Width of the plot (px)."""
        return self.width - self.left - self.right

    @property
    def base(self) -> int:
        """Where the value 0 lies (px from the top)."""
        return self.height - self.bottom


@dataclass(frozen=True, slots=True)
class Scale:
    """Places (px) of a time (s) and of a value in a frame. Time runs from 0 to ``span``, values from 0 to ``top``."""

    frame: Frame
    span: float
    top: float

    def x(self, second: float) -> float:
        """Place of a time (s)."""
        return self.frame.left + second / self.span * self.frame.inner_width

    def y(self, value: float) -> float:
        """Place of a value."""
        return self.frame.base - value / self.top * (self.frame.base - self.frame.top)


def value_ticks(highest: float, most: int = 5) -> list[float]:
    """Round values from 0 to one not below ``highest``, in steps of 1, 2 or 5 times a power of ten."""
    if highest <= 0 or not math.isfinite(highest):
        return [0.0, 1.0]
    rough = highest / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999999)
    return [index * step for index in range(math.ceil(highest / step - 1e-9) + 1)]


def time_ticks(span: float, most: int) -> list[int]:
    """Times (s) from 0 to at most ``span``, at the distances that a clock has."""
    step = next((step for step in _TIME_STEPS if span / step <= most), None)
    if step is None:
        step = math.ceil(span / most / 86400) * 86400
    return list(range(0, int(span) + 1, step))


def value_label(value: float) -> str:
    """A value at the axis, without needless digits: ``0.5``, ``1,200``."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def time_label(second: int, span: float) -> str:
    """A time at the axis: ``30`` in a short run, ``2:30`` in one over three minutes, ``1:00:00`` beyond an hour."""
    if span <= 180:
        return str(second)
    minutes, rest = divmod(second, 60)
    return f"{minutes}:{rest:02}" if span <= 3600 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def time_title(span: float) -> str:
    """What ``time_label`` counts in."""
    unit = "s" if span <= 180 else "min:s" if span <= 3600 else "h:min:s"
    return f"time since the start ({unit})"
