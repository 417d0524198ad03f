"""Charts as inline SVG: throughput and latency over the time of a run. Colours are the style sheet's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from harness.report import words
from harness.report.axes import Frame, Scale, time_label, time_ticks, time_title, value_label, value_ticks
from harness.report.timeline import Second, thin

_BANDS = 180
"""Most places of a chart that tell their figures under the pointer."""

_PERCENTILES: tuple[tuple[str, Callable[[Second], float | None]], ...] = (
    ("p50", lambda second: second.p50),
    ("p95", lambda second: second.p95),
    ("p99", lambda second: second.p99),
)


@dataclass(frozen=True, slots=True)
class Size:
    """One of the forms of a chart: wide for a desk or paper, narrow for a phone."""

    name: str
    width: int
    height: int
    points: int
    time_ticks: int


SIZES = (Size("wide", 1040, 250, 600, 10), Size("narrow", 340, 220, 180, 4))


def throughput(seconds: Sequence[Second], size: Size, saturated: Sequence[int] = ()) -> str:
    """Requests that ended in each second: the failed at the bottom, the ok stacked on them.

    Seconds in which the generator was saturated are hatched: what they show may be its doing.
    """
    frame = Frame(size.width, size.height, left=52, right=12)
    peak = max(second.replies for second in seconds)
    scale, ticks = _scale(frame, seconds, peak)
    # The failed have a measure of their own, so that a short burst of them is never thinned away.
    points = thin(seconds, size.points, lambda second: second.replies, lambda second: second.failed)
    mean = sum(second.replies for second in seconds) / len(seconds)
    failed = sum(second.failed for second in seconds)
    drawn = [
        _area("ok", points, scale, lambda second: second.failed, lambda second: second.replies),
        _area("failed", points, scale, lambda _: 0, lambda second: second.failed) if failed else "",
        _bands(seconds, scale, _throughput_note),
    ]
    return _svg(
        f"throughput-{size.name}",
        "Throughput over time",
        f"Requests that ended in each second, ok and failed. Mean {words.rate(mean)}, peak {words.rate(peak)}, "
        f"{words.count(failed)} failed.",
        frame,
        [_grid(scale, ticks, size, "requests/s"), *drawn, _hatched(saturated, scale, f"throughput-{size.name}")],
    )


def latency(seconds: Sequence[Second], size: Size, saturated: Sequence[int] = ()) -> str:
    """The percentiles of each second's slowest step, a line each; saturated seconds hatched."""
    frame = Frame(size.width, size.height, left=52, right=40)
    peaks = {name: max((measure(s) or 0.0 for s in seconds), default=0.0) for name, measure in _PERCENTILES}
    scale, ticks = _scale(frame, seconds, max(peaks.values()))
    described = ", ".join(f"{name} at most {words.ms(peak)}" for name, peak in peaks.items())
    return _svg(
        f"latency-{size.name}",
        "Latency over time, slowest step",
        f"In each second the percentiles of the step that was slowest: {described}.",
        frame,
        [
            _grid(scale, ticks, size, "ms"),
            *(_line(name, thin(seconds, size.points, measure), scale, measure) for name, measure in _PERCENTILES),
            _end_labels(seconds, scale),
            _hatched(saturated, scale, f"latency-{size.name}"),
            _bands(seconds, scale, _latency_note),
        ],
    )


def _scale(frame: Frame, seconds: Sequence[Second], highest: float) -> tuple[Scale, list[float]]:
    ticks = value_ticks(highest)
    return Scale(frame, float(len(seconds)), ticks[-1]), ticks


def _svg(ident: str, title: str, description: str, frame: Frame, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {frame.width} {frame.height}" width="{frame.width}" height="{frame.height}" role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc"><title id="{ident}-title">{escape(title)}</title>'
        f'<desc id="{ident}-desc">{escape(description)}</desc>{"".join(parts)}</svg>'
    )


def _grid(scale: Scale, ticks: Sequence[float], size: Size, unit: str) -> str:
    frame = scale.frame
    drawn = []
    for value in ticks:
        y = _px(scale.y(value))
        kind = "axis" if value == 0 else "grid"
        drawn.append(f'<path class="{kind}" d="M{frame.left} {y}H{frame.width - frame.right}"/>')
        drawn.append(f'<text class="tick end" x="{frame.left - 8}" y="{y}" dy="4">{value_label(value)}</text>')
    for second in time_ticks(scale.span, size.time_ticks):
        x = _px(scale.x(second))
        drawn.append(f'<path class="axis" d="M{x} {frame.base}v5"/>')
        drawn.append(f'<text class="tick mid" x="{x}" y="{frame.base + 19}">{time_label(second, scale.span)}</text>')
    right = frame.width - frame.right
    drawn.append(f'<text class="tick end" x="{right}" y="{frame.height - 4}">{time_title(scale.span)}</text>')
    # The unit stands above the uppermost grid line, where no figure can reach it.
    drawn.append(f'<text class="tick unit" x="{frame.left + 4}" y="{frame.top - 6}">{escape(unit)}</text>')
    return "".join(drawn)


def _area(
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
        upper = [f"{_px(scale.x(point.second + 0.5))} {_px(scale.y(high(point)))}" for point in points]
        lower = [f"{_px(scale.x(point.second + 0.5))} {_px(scale.y(low(point)))}" for point in points]
        return f'<path class="area {name}" d="M{"L".join([*upper, *reversed(lower)])}Z"/>'
    edges = [_px(scale.x(point.second)) for point in points]
    ends = [*edges[1:], _px(scale.x(len(points)))]
    there = "".join(f"V{_px(scale.y(high(point)))}H{end}" for point, end in zip(points, ends, strict=True))
    back = "".join(
        f"V{_px(scale.y(low(point)))}H{edge}" for point, edge in zip(reversed(points), reversed(edges), strict=True)
    )
    return f'<path class="area {name}" d="M{edges[0]} {_px(scale.y(low(points[0])))}{there}{back}Z"/>'


def _line(name: str, points: Sequence[Second], scale: Scale, measure: Callable[[Second], float | None]) -> str:
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
            drawn += f"M{_px(scale.x(second))} {_px(scale.y(value))}H{_px(scale.x(second + 1))}"
        elif run:
            drawn += "M" + "L".join(f"{_px(scale.x(second + 0.5))} {_px(scale.y(value))}" for second, value in run)
    return f'<path class="line {name}" d="{drawn}"/>' if drawn else ""


def _end_labels(seconds: Sequence[Second], scale: Scale) -> str:
    """The name of each line beside its end, pushed apart where ends lie close together."""
    frame = scale.frame
    wanted = []
    for name, measure in _PERCENTILES:
        last = next((value for s in reversed(seconds) if (value := measure(s)) is not None), None)
        if last is not None:
            wanted.append((scale.y(last), name))
    placed: list[tuple[float, str]] = []
    for y, name in sorted(wanted, key=lambda end: (-end[0], end[1])):
        placed.append((min(y, placed[-1][0] - 14) if placed else y, name))
    # Lines that end together at the top would push their names out of the drawing.
    down = max((frame.top - placed[-1][0]), 0) if placed else 0
    x = frame.width - frame.right + 6
    return "".join(f'<text class="label {name}" x="{x}" y="{_px(y + down)}" dy="4">{name}</text>' for y, name in placed)


def _hatched(saturated: Sequence[int], scale: Scale, ident: str) -> str:
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
                f'<rect x="{_px(x)}" y="{frame.top}" width="{_px(right - x)}" height="{frame.base - frame.top}" '
                f'fill="url(#{ident}-hatch)"/>'
            )
    return "".join(drawn)


def _bands(seconds: Sequence[Second], scale: Scale, note: Callable[[Sequence[Second]], str]) -> str:
    """Invisible bands over the plot that tell the figures beneath the pointer, without any script."""
    per_band = -(-len(seconds) // _BANDS)
    frame = scale.frame
    drawn = []
    for start in range(0, len(seconds), per_band):
        stretch = seconds[start : start + per_band]
        x, end = scale.x(start), scale.x(start + len(stretch))
        when = f"Second {start}" if per_band == 1 else f"Seconds {start} to {start + len(stretch) - 1}"
        drawn.append(
            f'<rect class="band" x="{_px(x)}" y="{frame.top}" width="{_px(end - x)}" '
            f'height="{frame.base - frame.top}"><title>{when}: {escape(note(stretch))}</title></rect>'
        )
    return "".join(drawn)


def _throughput_note(stretch: Sequence[Second]) -> str:
    ok, failed = (sum(getattr(second, name) for second in stretch) for name in ("ok", "failed"))
    return f"{words.count(ok)} ok, {words.count(failed)} failed"


def _latency_note(stretch: Sequence[Second]) -> str:
    peaks = []
    for name, measure in _PERCENTILES:
        known = [value for second in stretch if (value := measure(second)) is not None]
        if known:
            peaks.append(f"{name} {words.ms(max(known))}")
    return ", ".join(peaks) or "no replies"


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
