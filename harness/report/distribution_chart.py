"""How latencies are spread, on a percentile axis: each nine as wide as the one before it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.report import words
from harness.report.axes import Frame, value_label
from harness.report.distribution import DistributionPoint
from harness.report.svg import Size, drawing, px

_LABELLED = ((50.0, "p50"), (90.0, "p90"), (99.0, "p99"), (99.9, "p99.9"), (99.99, "p99.99"), (99.999, "p99.999"))


def distribution(points: Sequence[DistributionPoint], size: Size) -> str:
    """Latency and corrected latency by percentile. Both axes are logarithmic: of the share beyond, and of time."""
    frame = Frame(size.width, size.height, left=60, right=16)
    # The longest of all has no place on such an axis: it ends the line, a little further on.
    last = max(point.percent for point in points[:-1]) if len(points) > 1 else 50.0
    nines = _nines(last) + 0.3
    durations = [max(value, 0.001) for point in points for value in (point.latency, point.corrected)]
    low, high = math.floor(math.log10(min(durations))), math.ceil(math.log10(max(durations)) + 1e-9)
    high = max(high, low + 1)

    def x(percent: float) -> float:
        return frame.left + min(_nines(percent), nines) / nines * frame.inner_width

    def y(ms: float) -> float:
        share = (math.log10(max(ms, 0.001)) - low) / (high - low)
        return frame.base - share * (frame.base - frame.top)

    drawn = []
    for power in range(low, high + 1):
        at = px(y(10.0**power))
        drawn.append(f'<path class="{"axis" if power == low else "grid"}" d="M{frame.left} {at}H{px(x(100.0))}"/>')
        label = value_label(10.0**power)
        drawn.append(f'<text class="tick end" x="{frame.left - 8}" y="{at}" dy="4">{label}</text>')
    shown = [each for each in _LABELLED if _nines(each[0]) <= nines]
    every = math.ceil(len(shown) / max(frame.inner_width // 60, 1))
    for percent, label in shown[::every]:
        at = px(x(percent))
        drawn.append(f'<path class="grid" d="M{at} {frame.top}V{frame.base}"/>')
        drawn.append(f'<text class="tick mid" x="{at}" y="{frame.base + 19}">{label}</text>')
    right = frame.width - frame.right
    drawn.append(f'<text class="tick end" x="{right}" y="{frame.height - 4}">percentile of all replies</text>')
    drawn.append(f'<text class="tick unit" x="{frame.left + 4}" y="{frame.top - 6}">ms, logarithmic</text>')
    for name in ("corrected", "latency"):
        path = "L".join(f"{px(x(point.percent))} {px(y(getattr(point, name)))}" for point in points)
        drawn.append(f'<path class="line {name}" d="M{path}"/>')
    told = "; ".join(
        f"{point.percent:g} % within {words.ms(point.latency)}, corrected {words.ms(point.corrected)}"
        for point in points
        if point.percent in (50, 95, 99, 99.9, 100)
    )
    return drawing(f"distribution-{size.name}", "Latency by percentile", f"{told}.", frame, drawn)


def _nines(percent: float) -> float:
    """How many nines: 0 for 0 %, 1 for 90 %, 2 for 99 %."""
    return -math.log10(max(1 - percent / 100, 1e-9))
