"""Small drawings for the rows of tables. The figures stand beside them, so a screen reader passes them by."""

from __future__ import annotations

from collections.abc import Sequence

from harness.record.series import SeriesRow
from harness.report.axes import Frame, Scale
from harness.report.summary import FunnelStep, Summary
from harness.report.svg import hatched, px

WIDTH, HEIGHT = 88, 26
_POINTS = 44


def spark(rows: Sequence[SeriesRow], span: int, saturated: Sequence[int], ident: str) -> str:
    """p95 of one step over the run, the peak of each stretch; below it a mark where requests failed.

    To the step's own scale: it shows when a step was slow, its row how slow.
    """
    frame = Frame(WIDTH, HEIGHT, left=1, right=1, top=2, bottom=5)
    peaks: dict[int, float] = {}
    failed: set[int] = set()
    points = min(max(span, 1), _POINTS)
    for row in rows:
        place = max(min(row.second * points // max(span, 1), points - 1), 0)
        if row.p95 is not None:
            peaks[place] = max(peaks.get(place, 0.0), row.p95)
        if row.failed > 0:
            failed.add(place)
    scale = Scale(frame, float(points), max(peaks.values(), default=0.0) or 1.0)
    drawn = [f'<path class="axis" d="M1 {frame.base}H{WIDTH - 1}"/>']
    path, pen = "", "M"
    for place in range(points):
        if place in peaks:
            path += f"{pen}{px(scale.x(place))} {px(scale.y(peaks[place]))}H{px(scale.x(place + 1))}"
            pen = "L"
        else:
            pen = "M"
    if path:
        drawn.append(f'<path class="line p95" d="{path}"/>')
    marks = "".join(f"M{px(scale.x(place))} {HEIGHT - 2}H{px(scale.x(place + 1))}" for place in sorted(failed))
    if marks:
        drawn.append(f'<path class="marks" d="{marks}"/>')
    shown = sorted({min(second * points // max(span, 1), points - 1) for second in saturated if 0 <= second < span})
    drawn.append(hatched(shown, scale, ident))
    return _svg(WIDTH, HEIGHT, drawn)


def funnel_bars(summary: Summary) -> list[str]:
    """A bar for each step of the funnel, as a part of the busiest step of its journey."""
    most: dict[str, int] = {}
    for step in summary.funnel:
        most[step.journey] = max(most.get(step.journey, 0), step.entered)
    return [funnel_bar(step, most[step.journey]) for step in summary.funnel]


def funnel_bar(step: FunnelStep, most: int) -> str:
    """Who came to a step, as a part of ``most``: went on, under way, left by design, lost to errors."""
    width, height, at = 200, 16, 0.0
    drawn = []
    for name, count in (
        ("went", step.went_on),
        ("way", step.under_way),
        ("left", step.left_by_design),
        ("lost", step.lost_to_errors),
    ):
        if count > 0 and most > 0:
            # What was lost shows, however little it was.
            part = max(count / most * width, 1.5 if name == "lost" else 0.0)
            at = min(at, width - part)
            drawn.append(f'<rect class="{name}" x="{px(at)}" y="0" width="{px(part)}" height="{height}"/>')
            at += part
    return _svg(width, height, drawn)


def _svg(width: int, height: int, drawn: Sequence[str]) -> str:
    return (
        f'<svg class="small" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true" '
        f'focusable="false" preserveAspectRatio="none">{"".join(drawn)}</svg>'
    )
