"""Charts of a comparison as inline SVG: both sides' latencies over each other, and an interval about nothing."""

from __future__ import annotations

import math
from html import escape

import numpy as np
import numpy.typing as npt

from harness.compare.outcome import Difference, Distribution
from harness.compare.sides import quantile
from harness.record.blocks import BUCKETS, Sparse, edges
from harness.report import words
from harness.report.axes import value_label

WIDTH, HEIGHT = 340, 168
_LEFT, _RIGHT, _TOP, _BASE = 10, 10, 12, 138
_FEWEST_BINS, _MOST_BINS = 24, 72
_SHOWN = 0.001
"""Share of the latencies at either end that may lie outside the drawing."""
_LEAST_SPAN = math.log(1.25)
"""As a natural logarithm: noise of a per cent shall not fill the drawing."""
_EDGES = np.log(np.maximum(edges(), 1))
Reals = npt.NDArray[np.float64]


def distribution(of: Distribution) -> str:
    """The latencies of a step on a logarithmic axis: the base as an area, the new as a line, their p95 as ticks."""
    low, high = _span(of)
    # With few requests narrow cells would show their number more than their latencies.
    requests = int(min(of.base[1].sum(), of.new[1].sum()))
    cells = np.linspace(low, high, min(max(math.isqrt(requests), _FEWEST_BINS), _MOST_BINS) + 1)
    heights = [_heights(side, cells) for side in (of.base, of.new)]
    top = max(float(each.max()) for each in heights) or 1.0
    drawn = [_axis(low, high)]
    for name, each in zip(("base", "new"), heights, strict=True):
        drawn.append(f'<path class="side {name}" d="{_outline(each / top)}"/>')
    for name, side in (("base", of.base), ("new", of.new)):
        p95 = quantile(side, 0.95)
        if p95:
            x = _x(math.log(p95 * 1000), low, high)
            drawn.append(f'<path class="p95 {name}" d="M{x:.1f} {_BASE}v-{12 if name == "base" else 20}"/>')
    told = ", ".join(
        f"{name} p50 {words.ms(quantile(side, 0.5))}, p95 {words.ms(quantile(side, 0.95))}"
        for name, side in (("base", of.base), ("new", of.new))
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(f"Latencies on a logarithmic axis: {told}")}">{"".join(drawn)}</svg>'
    )


def _span(of: Distribution) -> tuple[float, float]:
    ends = [quantile(side, p) or 0.001 for side in (of.base, of.new) for p in (_SHOWN, 1 - _SHOWN)]
    low, high = math.log(min(ends) * 1000), math.log(max(ends) * 1000)
    short = max(_LEAST_SPAN - (high - low), 0.0) / 2
    return low - short, high + short


def _heights(side: Sparse, cells: Reals) -> Reals:
    """The share of requests in each cell. Within a bucket they are supposed to lie evenly."""
    counts = np.zeros(BUCKETS + 1)
    counts[side[0] + 1] = side[1]
    reached = np.interp(cells, _EDGES, counts.cumsum())
    shares: Reals = np.diff(reached) / counts.sum()
    return shares


def _outline(heights: Reals) -> str:
    """Steps, each as wide as its cell, from the base line and back to it."""
    wide = (WIDTH - _LEFT - _RIGHT) / len(heights)
    drawn = f"M{_LEFT} {_BASE}"
    for place, height in enumerate(heights):
        drawn += f"V{_BASE - height * (_BASE - _TOP):.1f}H{_LEFT + (place + 1) * wide:.1f}"
    return f"{drawn}V{_BASE}"


def _x(value: float, low: float, high: float) -> float:
    return _LEFT + (min(max(value, low), high) - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)


def _axis(low: float, high: float) -> str:
    drawn = [f'<path class="axis" d="M{_LEFT} {_BASE}H{WIDTH - _RIGHT}"/>']
    last = -math.inf
    for value in _ticks(math.exp(low) / 1000, math.exp(high) / 1000):
        x = _x(math.log(value * 1000), low, high)
        label = f"{value_label(value)} ms"
        half = len(label) * 3.3
        if x - half < max(last, 0) or x + half > WIDTH:
            continue
        last = x + half + 6
        drawn.append(f'<path class="axis" d="M{x:.1f} {_BASE}v5"/>')
        drawn.append(f'<text class="tick mid" x="{x:.1f}" y="{_BASE + 20}">{label}</text>')
    return "".join(drawn)


def _ticks(low: float, high: float) -> list[float]:
    """Round values between two latencies (ms): 1, 2, 5 times powers of ten, or evenly where that would be few."""
    made = []
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        made += [factor * 10.0**power for factor in (1, 2, 5)]
    made = [value for value in made if low <= value <= high]
    if len(made) >= 2:
        return made
    step = 10.0 ** math.floor(math.log10(high - low))
    step = next(factor * step for factor in (0.2, 0.5, 1, 2, 5) if (high - low) / (factor * step) <= 4)
    first = math.ceil(low / step)
    return [place * step for place in range(first, math.floor(high / step) + 1)]


BAR_WIDTH, BAR_HEIGHT = 150, 18
_TOLERANCES = 6
"""So many tolerances to either side are shown; what lies beyond stands at the edge."""
_DOT = 4.5


def bar(each: Difference) -> str:
    """The interval of a difference about a line at nothing; the tolerance is shaded. Worse is to the right."""
    if each.low is None or each.high is None or each.change is None:
        return ""
    sign = -1 if each.metric.kind in ("throughput", "completed") else 1
    span = _TOLERANCES * max(each.tolerance, 1e-6)
    ends = sorted((sign * each.low, sign * each.high))

    def place(value: float) -> float:
        return BAR_WIDTH / 2 * (1 + min(max(value / span, -1.0), 1.0))

    middle, half = BAR_HEIGHT / 2, BAR_WIDTH / 2 / _TOLERANCES
    dot = min(max(place(sign * each.change), _DOT), BAR_WIDTH - _DOT)
    low, high = max(place(ends[0]), 1.0), min(place(ends[1]), BAR_WIDTH - 1.0)
    wide = max(high - low, 2.0)
    kind = "regression" if each.regression else each.verdict
    return (
        f'<svg class="interval {kind}" viewBox="0 0 {BAR_WIDTH} {BAR_HEIGHT}" width="{BAR_WIDTH}" '
        f'height="{BAR_HEIGHT}" aria-hidden="true">'
        f'<rect class="tolerated" x="{BAR_WIDTH / 2 - half:.1f}" y="0" width="{2 * half:.1f}" height="{BAR_HEIGHT}"/>'
        f'<path class="axis" d="M{BAR_WIDTH / 2} 0V{BAR_HEIGHT}"/>'
        f'<rect class="between" x="{low:.1f}" y="{middle - 2}" width="{wide:.1f}" height="4"/>'
        f'<circle cx="{dot:.1f}" cy="{middle}" r="{_DOT}"/></svg>'
    )
