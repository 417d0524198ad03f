"""A history as one HTML file that opens offline: a chart a metric, and a table of all runs."""

from __future__ import annotations

from html import escape

from harness.compare.history import History
from harness.report import page, verdict_words, words
from harness.report.axes import Frame, Scale, value_label, value_ticks
from harness.report.history_text import shown, title
from harness.report.words import rfc3339

MOST_CHARTS = 20
MOST_ROWS = 1000
_MOST_DOTS = 400
_SIZES = (("wide", 1040, 200), ("narrow", 340, 190))


def render(history: History) -> str:
    """The history as an HTML document."""
    style = page.css("report.css", "compare.css")
    newest = history.entries[-1].run
    comparable = sum(entry.comparable for entry in history.entries)
    return page.template("history.html.j2").render(
        css=style,
        policy=page.policy(style),
        scenario=words.clean(newest.scenario),
        headline=words.counted(len(history.entries), "run"),
        detail=_detail(len(history.entries), comparable),
        charts=[
            (title(metric), _ends(history, place), [(name, _chart(history, place, *size)) for name, *size in _SIZES])
            for place, metric in enumerate(history.metrics[:MOST_CHARTS])
        ],
        columns=[title(metric) for metric in history.metrics],
        rows=[
            {
                "started": words.moment(entry.run.started),
                "exact": rfc3339(entry.run.started),
                "name": words.clean(entry.run.name, 4096),
                "verdict": words.clean(entry.run.verdict),
                "values": [shown(metric, v) for metric, v in zip(history.metrics, entry.values, strict=True)],
                "obstacles": [words.clean(each, 300) for each in entry.obstacles],
            }
            for entry in reversed(history.entries[-MOST_ROWS:])
        ],
        more=max(len(history.entries) - MOST_ROWS, 0),
        unreadable=[words.clean(each, verdict_words.MOST_OF_A_REASON) for each in history.unreadable],
    )


def _detail(runs: int, comparable: int) -> str:
    if runs == comparable:
        return "All of them may be compared with one another."
    return f"{comparable} of {runs} may be compared with the newest; the others stand pale, with the reason."


def _ends(history: History, place: int) -> str:
    metric, values = history.metrics[place], history.comparable(place)
    if not values:
        return "not measured in runs that may be compared"
    return f"{shown(metric, min(values))} to {shown(metric, max(values))}, last {shown(metric, values[-1])}"


def _chart(history: History, place: int, width: int, height: int) -> str:
    """A dot a run, evenly spaced, oldest first; a line through those that may be compared."""
    metric = history.metrics[place]
    factor = 100.0 if metric.is_share else 1.0
    entries = history.entries[-_MOST_DOTS:]
    known = [value * factor for entry in entries if (value := entry.values[place]) is not None]
    frame = Frame(width, height, left=52, right=14)
    ticks = value_ticks(max(known, default=0.0))
    scale = Scale(frame, float(len(entries)), ticks[-1])
    unit = "%" if metric.is_share else "requests/s" if metric.kind == "throughput" else "ms"
    drawn = []
    for tick in ticks:
        y = f"{scale.y(tick):.1f}"
        drawn.append(f'<path class="{"grid" if tick else "axis"}" d="M{frame.left} {y}H{width - frame.right}"/>')
        drawn.append(f'<text class="tick end" x="{frame.left - 8}" y="{y}" dy="4">{value_label(tick)}</text>')
    named = "orders" if metric.kind == "orders.missing" else unit
    drawn.append(f'<text class="tick unit" x="{frame.left + 4}" y="{frame.top - 6}">{named}</text>')
    drawn.append(f'<text class="tick" x="{frame.left}" y="{height - 12}">{entries[0].run.started:%Y-%m-%d}</text>')
    last = f"{entries[-1].run.started:%Y-%m-%d}"
    drawn.append(f'<text class="tick end" x="{width - frame.right}" y="{height - 12}">{last}</text>')
    line, dots = [], []
    for number, entry in enumerate(entries):
        value = entry.values[place]
        if value is None:
            continue
        x, y = f"{scale.x(number + 0.5):.1f}", f"{scale.y(value * factor):.1f}"
        if entry.comparable:
            line.append(f"{x} {y}")
        told = f"{words.clean(entry.run.name, 200)}, {words.moment(entry.run.started)}: {shown(metric, value)}"
        kind = "dot" if entry.comparable else "dot pale"
        dots.append(f'<circle class="{kind}" cx="{x}" cy="{y}" r="4"><title>{escape(told)}</title></circle>')
    drawn.append(f'<path class="line p95" d="M{"L".join(line)}"/>' if line else "")
    described = escape(f"{title(metric)} of {len(entries)} runs, oldest first: {_ends(history, place)}")
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{described}">'
        f"{''.join((*drawn, *dots))}</svg>"
    )
