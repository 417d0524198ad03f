"""Open load on an idle target: is the rate what was asked for, and do guests start when they are due?

    python -m benchmarks arrivals

One request a journey, nginx on the other core. ARRIVALS_RATES (a list, journeys per second) and BENCH_SECONDS say how
much; to those is added half of what the core can do, found by asking it for too much. Wanted: the rate within 0.5 %, and
a start lateness with p99 below 2 ms up to that half.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.nginx import URL, nginx
from benchmarks.truthful import run as run_harness

RATES = [int(each) for each in os.environ.get("ARRIVALS_RATES", "500,2000,5000").split(",")]
SECONDS = int(float(os.environ.get("BENCH_SECONDS", "6")))
TOO_MANY = 60_000
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


def run() -> list[dict[str, Any]]:
    """Measure every rate in interleaved rounds; prints the table."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name, nginx(Path(name)):
        half = _half_of_capacity(Path(name))
        print(f"half of what this core can do: {half:,} journeys/s")
        for number in range(ROUNDS):
            for rate in (*RATES, half):
                folder = Path(name) / f"{number}-{rate}"
                load = f"{{rate: {rate}/s, duration: {SECONDS}s}}"
                summary = run_harness(folder, URL, load, path="/", core=0)
                (journey,) = summary["journeys"]
                generator = summary["generator"]
                rows.append(
                    {
                        "rate": rate,
                        "started": journey["started"],
                        "dropped": journey["dropped"],
                        "achieved": journey["started"] / (rate * SECONDS),
                        "lateness_p99_ms": generator["start_lateness_p99"],
                        "cpu": generator["cpu"],
                        "loop_lag_p99_ms": generator["loop_lag_p99"],
                        "saturated": generator["saturated"],
                    }
                )
    print(
        f"\n{'journeys/s':>11}{'started':>9}{'of due':>9}{'dropped':>9}{'late p99 ms':>13}{'CPU':>6}{'lag p99 ms':>12}"
    )
    for row in sorted(rows, key=lambda row: row["rate"]):
        print(
            f"{row['rate']:>11,}{row['started']:>9,}{row['achieved']:>9.2%}{row['dropped']:>9,}"
            f"{row['lateness_p99_ms']:>13.2f}{row['cpu']:>6.0%}{row['loop_lag_p99_ms']:>12.2f}"
        )
    return rows


def _half_of_capacity(folder: Path) -> int:
    """Journeys per second that are half of those that get started when too many are asked for, rounded to hundreds."""
    load = f"{{rate: {TOO_MANY}/s, duration: 4s, max_in_flight: 2000}}"
    summary = run_harness(folder / "capacity", URL, load, path="/", core=0)
    return int(round(summary["requests"]["ok"] / summary["duration_s"] / 2, -2))
