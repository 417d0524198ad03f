"""Are the figures true? Reported percentiles beside a server's own, and the verdict ``saturated`` counted both ways.

    python -m benchmarks truth

The harness is on core 0, the server on core 1. TRUTH_SECONDS (default 10) is the length of each run of the table,
TRUTH_RUNS (default 20) how often ``saturated`` is tried each way, in runs of 2 s; TRUTH_ONLY=saturated does only that.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.nginx import URL, nginx
from benchmarks.truthful import PERCENTS, Case, Compared, compare, truth
from benchmarks.truthful import run as run_harness

SECONDS = int(os.environ.get("TRUTH_SECONDS", "10"))
RUNS = int(os.environ.get("TRUTH_RUNS", "20"))
CORES = (0, 1)
DELAYS = ("constant 20", "bimodal 5 100 0.05", "lognormal 20 0.6")
"""No percentile of the table lies on the jump between the two modes, where a single reply more or less would move it by 95 ms."""
CROWDS = {10: "10ms..30ms", 1000: "1s..2s", 3000: "3s..5s"}
STALL = "stall 5 2 3 10"
BEYOND = ("{users: 50, duration: 2s}", "{rate: 60000/s, duration: 2s, max_in_flight: 2000}")
IDLE = (("{users: 10, duration: 2s}", "50ms"), ("{rate: 100/s, duration: 2s}", ""))
ONLY = os.environ.get("TRUTH_ONLY", "")


def cases() -> list[Case]:
    """All of the table. Stalls need the time of several."""
    length = f"duration: {SECONDS}s"
    made = [
        Case(f"{delays}, {users:,} users", delays, f"{{users: {users}, {length}}}", think)
        for delays in DELAYS
        for users, think in CROWDS.items()
    ]
    made += [Case(f"{delays}, 500 guests/s", delays, f"{{rate: 500/s, {length}}}") for delays in DELAYS]
    long = f"duration: {max(2 * SECONDS, 20)}s"
    made.append(Case("2 s stall every 10 s, 100 users", STALL, f"{{users: 100, {long}}}", "200ms"))
    made.append(Case("2 s stall every 10 s, 300 guests/s", STALL, f"{{rate: 300/s, {long}}}"))
    return made


def run() -> dict[str, Any]:
    """The table, then the counts."""
    rows = []
    print(
        f"\n{'reported / true, ms':<38}{''.join(f'{name:>18}' for name in PERCENTS)}{'corrected p99':>15}{'lag p99':>9}"
    )
    with tempfile.TemporaryDirectory(prefix="truth-") as folder:
        for number, case in enumerate(() if ONLY == "saturated" else cases()):
            found = compare(case, Path(folder) / str(number), CORES)
            rows.append(_row(case, found))
        counts = _saturation(Path(folder))
    print(f"\n{sum(1 for row in rows if not row['wrong'])} of {len(rows)} within 3 % + 1 ms (p999: 5 % + 2 ms)")
    return {"rows": rows, "saturation": counts}


def _row(case: Case, found: Compared) -> dict[str, Any]:
    reported, true, wrong = found.step["latency"], truth(found.log), found.wrong()
    cells = "".join(f"{f'{reported[name]:.1f} / {true[name]:.1f}':>18}" for name in PERCENTS)
    marks = f"{'  off' if wrong else ''}{'  saturated' if found.saturated else ''}"
    print(f"{case.name:<38}{cells}{found.step['corrected']['p99']:>15.1f}{found.lag_ms:>9.1f}{marks}", flush=True)
    return {
        "case": case.name,
        "requests": len(found.log),
        "reported": {name: reported[name] for name in PERCENTS},
        "true": true,
        "corrected_p99": found.step["corrected"]["p99"],
        "wrong": wrong,
        "generator": found.summary["generator"],
    }


def _saturation(folder: Path) -> dict[str, int]:
    """How often ``saturated`` was raised beyond capacity, and on an idle generator."""
    raised = {"beyond": 0, "idle": 0}
    (folder / "nginx").mkdir()
    with nginx(folder / "nginx"):  # it must not be the target that cannot keep up
        for number in range(RUNS):
            beyond = run_harness(folder / f"b{number}", URL, BEYOND[number % 2], core=CORES[0])
            raised["beyond"] += beyond["generator"]["saturated"]
            load, think = IDLE[number % 2]
            idle = run_harness(folder / f"i{number}", URL, load, think, core=CORES[0])
            raised["idle"] += idle["generator"]["saturated"]
    print(
        f"\nsaturated: raised in {raised['beyond']} of {RUNS} runs beyond capacity, in {raised['idle']} of {RUNS} idle ones"
    )
    return {**raised, "runs": RUNS}
