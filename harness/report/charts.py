"""Charts of a run over its time: the load, throughput with errors, and latency."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.report import words
from harness.report.axes import Frame, Scale, value_ticks
from harness.report.load_over_time import LoadOverTime
from harness.report.svg import Size, area, bands, drawing, grid, hatched, line, px
from harness.report.timeline import Second, thin

_Measure = Callable[[Second], float | None]
_Lines = tuple[tuple[str, _Measure], ...]

MEASURED: _Lines = (("p50", lambda s: s.p50), ("p95", lambda s: s.p95), ("p99", lambda s: s.p99))
CORRECTED: _Lines = (
    ("p50", lambda s: s.corrected_p50),
    ("p95", lambda s: s.corrected_p95),
    ("p99", lambda s: s.corrected_p99),
)


def load(of: LoadOverTime, size: Size, saturated: Sequence[int] = ()) -> str:
    """The load as planned, a dashed line, over the load as it came about, an area."""
    frame = Frame(size.width, size.height, left=52, right=24)
    span = max([at for at, _ in of.planned] + [at + 1 for at, _ in of.achieved])
    planned_peak, peak = (max((level for _, level in points), default=0.0) for points in (of.planned, of.achieved))
    ticks = value_ticks(max(planned_peak, peak))
    scale = Scale(frame, float(span), ticks[-1])
    # A level holds for its second.
    ends = [at for at, _ in of.achieved[1:]] + [of.achieved[-1][0] + 1] if of.achieved else []
    tops = [
        f"L{px(scale.x(at))} {px(scale.y(level))}H{px(scale.x(end))}"
        for (at, level), end in zip(of.achieved, ends, strict=True)
    ]
    drawn = [grid(scale, ticks, size, of.unit)]
    if tops:
        left, right = px(scale.x(of.achieved[0][0])), px(scale.x(ends[-1]))
        drawn.append(f'<path class="area ok" d="M{left} {frame.base}{"".join(tops)}L{right} {frame.base}Z"/>')
    if of.planned:
        corners = "L".join(f"{px(scale.x(at))} {px(scale.y(level))}" for at, level in of.planned)
        drawn.append(f'<path class="line planned" d="M{corners}"/>')
    told = f"planned at most {words.figure(planned_peak)} {of.unit}, " if of.planned else ""
    return drawing(
        f"load-{size.name}",
        "Load over time",
        f"The load in {of.unit}: {told}in fact at most {words.figure(peak)} {of.unit}.",
        frame,
        [*drawn, hatched(saturated, scale, f"load-{size.name}")],
    )


def throughput(seconds: Sequence[Second], size: Size, saturated: Sequence[int] = ()) -> str:
    """Requests that ended in each second: the failed at the bottom, the ok stacked on them.

    Seconds in which the generator was saturated are hatched: what they show may be its doing.
    """
    frame = Frame(size.width, size.height, left=52, right=24)
    peak = max(second.replies for second in seconds)
    scale, ticks = _scale(frame, seconds, peak)
    # The failed have a measure of their own, so that a short burst of them is never thinned away.
    points = thin(seconds, size.points, lambda second: second.replies, lambda second: second.failed)
    mean = sum(second.replies for second in seconds) / len(seconds)
    failed = sum(second.failed for second in seconds)
    drawn = [
        area("ok", points, scale, lambda second: second.failed, lambda second: second.replies),
        area("failed", points, scale, lambda _: 0, lambda second: second.failed) if failed else "",
        bands(seconds, scale, _throughput_note),
    ]
    return drawing(
        f"throughput-{size.name}",
        "Throughput over time",
        f"Requests that ended in each second, ok and failed. Mean {words.rate(mean)}, peak {words.rate(peak)}, "
        f"{words.count(failed)} failed.",
        frame,
        [grid(scale, ticks, size, "requests/s"), *drawn, hatched(saturated, scale, f"throughput-{size.name}")],
    )


def latency(
    seconds: Sequence[Second],
    size: Size,
    saturated: Sequence[int] = (),
    lines: _Lines = MEASURED,
    name: str = "latency",
) -> str:
    """The percentiles of each second's slowest step, a line each; saturated seconds hatched.

    Measured and corrected latency are drawn to the same scale, so that they can be compared.
    """
    frame = Frame(size.width, size.height, left=52, right=40)
    scale, ticks = _scale(frame, seconds, max(_peak(seconds, measure) for _, measure in MEASURED + CORRECTED))
    told = ", ".join(f"{each} at most {words.ms(_peak(seconds, measure))}" for each, measure in lines)
    return drawing(
        f"{name}-{size.name}",
        f"{name.capitalize()} over time, slowest step",
        f"In each second the percentiles of the step that was slowest: {told}.",
        frame,
        [
            grid(scale, ticks, size, "ms"),
            *(line(each, thin(seconds, size.points, measure), scale, measure) for each, measure in lines),
            _end_labels(seconds, scale, lines),
            hatched(saturated, scale, f"{name}-{size.name}"),
            bands(seconds, scale, lambda stretch: _latency_note(stretch, lines)),
        ],
    )


def _peak(seconds: Sequence[Second], measure: _Measure) -> float:
    return max((measure(second) or 0.0 for second in seconds), default=0.0)


def _scale(frame: Frame, seconds: Sequence[Second], highest: float) -> tuple[Scale, list[float]]:
    ticks = value_ticks(highest)
    return Scale(frame, float(len(seconds)), ticks[-1]), ticks


def _end_labels(seconds: Sequence[Second], scale: Scale, lines: _Lines) -> str:
    """The name of each line beside its end, pushed apart where ends lie close together."""
    frame = scale.frame
    wanted = []
    for name, measure in lines:
        last = next((value for s in reversed(seconds) if (value := measure(s)) is not None), None)
        if last is not None:
            wanted.append((scale.y(last), name))
    placed: list[tuple[float, str]] = []
    for y, name in sorted(wanted, key=lambda end: (-end[0], end[1])):
        placed.append((min(y, placed[-1][0] - 14) if placed else y, name))
    # Lines that end together at the top would push their names out of the drawing.
    down = max((frame.top - placed[-1][0]), 0) if placed else 0
    x = frame.width - frame.right + 6
    return "".join(f'<text class="label {name}" x="{x}" y="{px(y + down)}" dy="4">{name}</text>' for y, name in placed)


def _throughput_note(stretch: Sequence[Second]) -> str:
    ok, failed = (sum(getattr(second, name) for second in stretch) for name in ("ok", "failed"))
    return f"{words.count(ok)} ok, {words.count(failed)} failed"


def _latency_note(stretch: Sequence[Second], lines: _Lines) -> str:
    peaks = []
    for name, measure in lines:
        known = [value for second in stretch if (value := measure(second)) is not None]
        if known:
            peaks.append(f"{name} {words.ms(max(known))}")
    return ", ".join(peaks) or "no replies"
