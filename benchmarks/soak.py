"""A long run at half of what one process can send: does its memory grow, do its files leak, do its figures stay?

    python -m benchmarks soak

An open load of whole purchases, on core 0 for SOAK_MINUTES (default 30), against nginx on core 1. Half of capacity is half
a core, found by a short run before. Every 10 s the resident memory and the open files of the process are looked at from
outside; rates and percentiles are those of its own series. Slopes are by least squares over what comes after the warm-up,
with their standard error.
"""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.nginx import URL, nginx
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
EVERY_S = 10.0
WARM_UP = 0.2
"""Of the time, at most five minutes."""
TRIAL_RATE, TRIAL_S = 400, 8
HALF = 0.5
"""Of a core."""
SCENARIO = """\
scenario: soak
target: {{url: "{url}", client_key: sandbox, point_of_sale: pastoral-witty-grill}}
defaults: {{channel: WEB, language: EN, currency: GBP, page: home page}}
catalog: [{{item_id: EXACT_90, type: SHOES, name: Exact 90, price: 49.90}}]
journeys:
  buy: {{think: 100ms..300ms, steps: [browse, identify, {{add: any}}, confirm, {{checkout: {{status: PURCHASED}}}}]}}
load: {{rate: {rate}/s, duration: {seconds}s}}
verify: {{orders: none, guests: none}}
"""


@dataclass(frozen=True)
class Look:
    """What the process held ``minute`` minutes after the load began."""

    minute: float
    rss_kb: float
    files: int


def run() -> dict[str, Any]:
    """Measure; prints the tables."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, nginx(Path(name)):
        folder = Path(name)
        with _running(folder / "trial", TRIAL_RATE, TRIAL_S) as trial:
            trial.wait()
        cpu = _summary(folder / "trial")["generator"]["cpu"]
        rate = max(round(TRIAL_RATE * HALF / cpu), 1)
        print(f"{TRIAL_RATE} guests/s take {cpu:.0%} of a core: {rate} guests/s are half of one, for {MINUTES:g} min")
        with _running(folder / "soak", rate, round(MINUTES * 60)) as process:
            looks = list(_looks(process, folder / "soak/out/load.csv"))
        summary = _summary(folder / "soak")
        minutes = list(_minutes(folder / "soak/out/series.csv"))
    return _told(looks, minutes, summary)


@contextmanager
def _running(folder: Path, rate: int, seconds: int) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir()
    (folder / "soak.yaml").write_text(SCENARIO.format(url=URL, rate=rate, seconds=seconds), "utf-8")
    command = [sys.executable, "-m", "harness", "run", "soak.yaml", "--out", "out", "--quiet"]
    with (folder / "told").open("wb") as told:
        process = subprocess.Popen(
            ["taskset", "-c", "0", *command],
            cwd=folder, env={**CLEAN_ENVIRONMENT, "PYTHONPATH": str(ROOT)}, stdout=told, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


def _looks(process: subprocess.Popen[bytes], begun: Path) -> Iterator[Look]:
    """A look every EVERY_S from the first second of the load on."""
    while process.poll() is None and not (begun.exists() and begun.read_text().count("\n") > 1):
        time.sleep(0.1)
    start = due = time.monotonic()
    while process.poll() is None:
        if time.monotonic() >= due:
            due += EVERY_S
            try:
                pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
                files = len([*Path(f"/proc/{process.pid}/fd").iterdir()])
            except (OSError, IndexError, ValueError):
                return  # it is ending
            yield Look((time.monotonic() - start) / 60, pages * os.sysconf("SC_PAGESIZE") / 1024, files)
        time.sleep(0.1)


def _summary(folder: Path) -> Any:
    summary = folder / "out/summary.json"
    if not summary.exists():
        raise RuntimeError((folder / "told").read_text())
    return json.loads(summary.read_text("utf-8"))


def _minutes(series: Path) -> Iterator[dict[str, float]]:
    """Whole minutes: requests answered a second, and the medians of the steps' percentiles (ms)."""
    rows: dict[int, list[dict[str, str]]] = defaultdict(list)
    with series.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[int(row["second"]) // 60].append(row)
    for minute in sorted(rows):
        mine = rows[minute]
        if len({row["second"] for row in mine}) < 60:
            continue
        made = {"minute": float(minute), "rate": sum(int(row["ok"]) + int(row["failed"]) for row in mine) / 60}
        for name in ("p50", "p99"):
            made[name] = statistics.median(float(row[name]) for row in mine if row[name])
        yield made


def slope(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Of y over x, by least squares, and its standard error; three points at least."""
    mean_x, mean_y = (statistics.fmean(values) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    found = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    left = sum((y - mean_y - found * (x - mean_x)) ** 2 for x, y in points)
    return found, (left / (len(points) - 2) / spread) ** 0.5


def _told(looks: Sequence[Look], minutes: Sequence[dict[str, float]], summary: Any) -> dict[str, Any]:
    warm = min(MINUTES * WARM_UP, 5.0)
    # The last look may fall into the report's making.
    after = [look for look in looks if warm <= look.minute <= MINUTES]
    grows, error = slope([(look.minute, look.rss_kb) for look in after]) if len(after) > 2 else (0.0, 0.0)
    requests, generator = summary["requests"], summary["generator"]
    print(
        f"\n{requests['sent']:,} requests, {requests['rate']:,.0f}/s, {requests['failed']:,} failed; "
        f"{generator['cpu']:.0%} of a core, saturated for {generator['saturated_s']} s"
    )
    first, last = after[0], after[-1]
    print(f"\n{'':<28}{'first':>12}{'last':>12}   (after {warm:.1f} min of warm-up)")
    print(
        f"{'resident memory, kB':<28}{first.rss_kb:>12,.0f}{last.rss_kb:>12,.0f}   {grows:+,.0f} ± {error:,.0f} kB/min"
    )
    print(f"{'open files':<28}{first.files:>12,}{last.files:>12,}")
    spreads = {}
    if minutes:
        print(f"\n{'by minute':<28}{'lowest':>12}{'median':>12}{'highest':>12}")
        for name, unit in (("rate", "1/s"), ("p50", "ms"), ("p99", "ms")):
            values = [minute[name] for minute in minutes]
            spreads[name] = [min(values), statistics.median(values), max(values)]
            print(f"{f'{name}, {unit}':<28}" + "".join(f"{value:>12,.2f}" for value in spreads[name]))
    return {
        "minutes": MINUTES,
        "requests": requests,
        "generator": {name: generator[name] for name in ("cpu", "saturated_s", "loop_lag_p99", "start_lateness_p99")},
        "rss_kb_per_minute": [grows, error],
        "looks": [[look.minute, look.rss_kb, look.files] for look in looks],
        "by_minute": list(minutes),
        "spread": spreads,
    }
