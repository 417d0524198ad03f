"""What charts are drawn of: inline SVG. Colours are the style sheet's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from harness.report.axes import Frame, Scale, time_label, time_ticks, time_title, value_label
from harness.report.timeline import Second

_BANDS = 180
"""Most places of a chart that tell their figures under the pointer."""


@dataclass(frozen=True, slots=True)
class Size:
    """One of the forms of a chart: wide for a desk or paper, narrow for a phone."""

    name: str
    width: int
    height: int
    points: int
    time_ticks: int


SIZES = (Size("wide", 1040, 230, 600, 10), Size("narrow", 340, 210, 180, 4))


def drawing(ident: str, title: str, description: str, frame: Frame, parts: Sequence[str]) -> str:
    """A whole chart, which says in words what it shows. ``ident`` is its own in the document."""
    return (
        f'<svg viewBox="0 0 {frame.width} {frame.height}" width="{frame.width}" height="{frame.height}" role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc"><title id="{ident}-title">{escape(title)}</title>'
        f'<desc id="{ident}-desc">{escape(description)}</desc>{"".join(parts)}</svg>'
    )


def grid(scale: Scale, ticks: Sequence[float], size: Size, unit: str) -> str:
    """Axes with their labels and units, and the lines to read values by."""
    frame = scale.frame
    drawn = []
    for value in ticks:
        y = px(scale.y(value))
        kind = "axis" if value == 0 else "grid"
        drawn.append(f'<path class="{kind}" d="M{frame.left} {y}H{frame.width - frame.right}"/>')
        drawn.append(f'<text class="tick end" x="{frame.left - 8}" y="{y}" dy="4">{value_label(value)}</text>')
    for second in time_ticks(scale.span, size.time_ticks):
        x = px(scale.x(second))
        drawn.append(f'<path class="axis" d="M{x} {frame.base}v5"/>')
        drawn.append(f'<text class="tick mid" x="{x}" y="{frame.base + 19}">{time_label(second, scale.span)}</text>')
    right = frame.width - frame.right
    drawn.append(f'<text class="tick end" x="{right}" y="{frame.height - 4}">{time_title(scale.span)}</text>')
    # The unit stands above the uppermost grid line, where no figure can reach it.
    drawn.append(f'<text class="tick unit" x="{frame.left + 4}" y="{frame.top - 6}">{escape(unit)}</text>')
    return "".join(drawn)


def area(
    name: str,
    points: Sequence[Second],
    scale: Scale,
    low: Callable[[Second], float],
    high: Callable[[Second], float],
) -> str:
    """A band in steps, each as wide as its second, because counts are of whole seconds.

    Where points were left out, the band goes straight from one to the next: a step would claim that nothing
    changed between them.
    """
    if points[-1].second + 1 > len(points):
        upper = [f"{px(scale.x(point.second + 0.5))} {px(scale.y(high(point)))}" for point in points]
        lower = [f"{px(scale.x(point.second + 0.5))} {px(scale.y(low(point)))}" for point in points]
        return f'<path class="area {name}" d="M{"L".join([*upper, *reversed(lower)])}Z"/>'
    edges = [px(scale.x(point.second)) for point in points]
    ends = [*edges[1:], px(scale.x(len(points)))]
    there = "".join(f"V{px(scale.y(high(point)))}H{end}" for point, end in zip(points, ends, strict=True))
    back = "".join(
        f"V{px(scale.y(low(point)))}H{edge}" for point, edge in zip(reversed(points), reversed(edges), strict=True)
    )
    return f'<path class="area {name}" d="M{edges[0]} {px(scale.y(low(points[0])))}{there}{back}Z"/>'


def line(name: str, points: Sequence[Second], scale: Scale, measure: Callable[[Second], float | None]) -> str:
    """A line through the middle of each second, broken where no reply came. A lone second is a dash."""
    runs: list[list[tuple[int, float]]] = [[]]
    for point in points:
        value = measure(point)
        if value is not None:
            runs[-1].append((point.second, value))
        elif runs[-1]:
            runs.append([])
    drawn = ""
    for run in runs:
        if len(run) == 1:
            second, value = run[0]
            drawn += f"M{px(scale.x(second))} {px(scale.y(value))}H{px(scale.x(second + 1))}"
        elif run:
            drawn += "M" + "L".join(f"{px(scale.x(second + 0.5))} {px(scale.y(value))}" for second, value in run)
    return f'<path class="line {name}" d="{drawn}"/>' if drawn else ""


def hatched(saturated: Sequence[int], scale: Scale, ident: str) -> str:
    """Stretches of seconds in which the generator was too busy for its figures to be the target's."""
    if not saturated:
        return ""
    frame = scale.frame
    stretches: list[list[int]] = []
    for second in sorted(saturated):
        if stretches and second == stretches[-1][1]:
            stretches[-1][1] = second + 1
        else:
            stretches.append([second, second + 1])
    drawn = [
        f'<pattern id="{ident}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path class="hatch" d="M0 0V7"/></pattern>'
    ]
    for begin, end in stretches:
        x, right = scale.x(begin), scale.x(min(end, scale.span))
        if right > x:
            drawn.append(
                f'<rect x="{px(x)}" y="{frame.top}" width="{px(right - x)}" height="{frame.base - frame.top}" '
                f'fill="url(#{ident}-hatch)"/>'
            )
    return "".join(drawn)


def bands(seconds: Sequence[Second], scale: Scale, note: Callable[[Sequence[Second]], str]) -> str:
    """Invisible bands over the plot that tell the figures beneath the pointer, without any script."""
    per_band = -(-len(seconds) // _BANDS)
    frame = scale.frame
    drawn = []
    for start in range(0, len(seconds), per_band):
        stretch = seconds[start : start + per_band]
        x, end = scale.x(start), scale.x(start + len(stretch))
        when = f"Second {start}" if per_band == 1 else f"Seconds {start} to {start + len(stretch) - 1}"
        drawn.append(
            f'<rect class="band" x="{px(x)}" y="{frame.top}" width="{px(end - x)}" '
            f'height="{frame.base - frame.top}"><title>{when}: {escape(note(stretch))}</title></rect>'
        )
    return "".join(drawn)


def px(value: float) -> str:
    """A place in the drawing, no more exact than an eye."""
    return f"{value:.1f}".removesuffix(".0")
