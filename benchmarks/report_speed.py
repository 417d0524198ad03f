"""How fast the report of an hour is: made, written, opened.

    python -m benchmarks report_speed

An hour of thirty steps and a hundred million requests (tests/report/hour.py): each form is rendered REPORT_ROUNDS times, the
HTML opened in headless Chromium as often, and a run that was killed after that hour is recovered from its files.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.record import moments
from harness.record.moments import Moment
from harness.report import html, junit, markdown, openmetrics, series_csv
from harness.report.summary import Summary
from harness.report.summary_json import to_json
from harness.run.recover import recover
from tests import chromium
from tests.report.hour import SECONDS, hour

ROUNDS = int(os.environ.get("REPORT_ROUNDS", "5"))


def run() -> dict[str, Any]:
    """Seconds (median) and bytes of each form."""
    summary = hour()
    forms: dict[str, Callable[[Summary], str]] = {
        "report.html": html.render,
        "summary.md": markdown.render,
        "junit.xml": junit.render,
        "summary.json": to_json,
        "metrics.txt": openmetrics.render,
        "series.csv": lambda s: series_csv.header() + "".join(map(series_csv.line, s.series)),
    }
    found: dict[str, Any] = {"requests": summary.requests.sent, "rows": len(summary.series)}
    print(f"{summary.requests.sent:,} requests, {len(summary.series):,} rows of series")
    texts = {}
    for name, render in forms.items():
        took = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            texts[name] = render(summary)
            took.append(time.perf_counter() - begun)
        found[name] = {"seconds": statistics.median(took), "bytes": len(texts[name].encode())}
        print(f"{name:<14} {statistics.median(took):7.3f} s {found[name]['bytes']:>12,} B")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        found["opened"] = _opened(folder, texts["report.html"])
        found["recovered"] = _recovered(folder, summary, texts["series.csv"])
    print(f"opened (load event) {found['opened']:.3f} s, recovered after a kill {found['recovered']:.3f} s")
    return found


def _opened(folder: Path, document: str) -> float:
    """Seconds until the page's load event, the median."""
    file = folder / "report.html"
    file.write_text(document, "utf-8")
    with chromium.opened() as browser:
        took = []
        for _ in range(ROUNDS):
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(file.as_uri())
            took.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000)
            page.close()
    return statistics.median(took)


def _recovered(folder: Path, summary: Summary, series: str) -> float:
    """Seconds to make a report of what a killed run left."""
    (folder / "run.json").write_text(to_json(summary), "utf-8")
    (folder / "series.csv").write_text(series, "utf-8")
    lines = (moments.line(Moment(second, 900, 900, 0)) for second in range(SECONDS))
    (folder / "load.csv").write_text(moments.header() + "".join(lines), "utf-8")
    begun = time.perf_counter()
    html.render(recover(folder))
    return time.perf_counter() - begun
