"""Requests per second of one core: hand-written Locust users and compiled journeys, side by side.

The target is nginx on the other core. Rounds are interleaved, so that a machine that gets slower gets slower for all.
BENCH_ROUNDS, BENCH_SECONDS (of each measurement), BENCH_USERS (a list) and BENCH_ONLY (part of a contestant's name)
say how much.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import tempfile
from pathlib import Path

from benchmarks import table
from benchmarks.contestants import OPEN, REQUESTS_A_JOURNEY, contestants, open_load
from benchmarks.measure import measure
from benchmarks.nginx import Nginx, nginx

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
USERS = [int(each) for each in os.environ.get("BENCH_USERS", "50,1000,3000,10000").split(",")]
ONLY = os.environ.get("BENCH_ONLY", "")
MANY_ROUNDS = 2
"""Rounds with more than the first number of users, at most: they are about memory."""
TOO_FAST = 12_000.0
"""Journeys per second, more than a core sends: what it then does send is what it can."""
SHARE = 0.88
"""The open load asks for so much of that: short of it, so that what is asked for is what comes."""
SPARE_FILES = 500


def run() -> dict[str, object]:
    """Measure all contestants; prints as it goes, and a table."""
    results: table.Results = {}
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    rate = 0.0
    with nginx(folder) as target:
        if ONLY in OPEN:
            rate = _calibrate(target, folder)
            print(f"calibration: the open load asks for {rate:,.0f} journeys/s, {SHARE:.0%} of this core", flush=True)
        everybody = [each for each in contestants(rate, target.ca) if ONLY in each.name]
        for users in sorted(USERS):
            if users + SPARE_FILES > resource.getrlimit(resource.RLIMIT_NOFILE)[1]:
                print(f"{users:,} users are left out: the limit of open files is too low")
                continue
            few = users == min(USERS)
            entrants = [each for each in everybody if few or each.scales]
            found = results[users] = {each.name: [] for each in entrants}
            for number in range(ROUNDS if few else min(ROUNDS, MANY_ROUNDS)):
                for each in tuple(entrants):
                    place = folder / f"{users}-{number}-{everybody.index(each)}"
                    try:
                        sample = measure(each, users, SECONDS, target, place)
                    except RuntimeError as error:
                        print(f"{users:>6,} users  {each.name} is left out: {error}")
                        entrants.remove(each)
                        found.pop(each.name)
                        continue
                    found[each.name].append(sample)
                    print(f"{users:>6,} users  round {number + 1}  {each.name:<26}{sample.requests_per_s:>9,.0f} requests/s  "
                          f"CPU {sample.cpu:4.0%}  {sample.peak_mb:5.0f} MB", flush=True)  # fmt: skip
    shutil.rmtree(folder, ignore_errors=True)  # kept when something failed
    print("\n".join(table.lines(results, everybody)))
    return {"seconds": SECONDS, "open_journeys_per_s": rate, "results": table.as_json(results, everybody)}


def _calibrate(target: Nginx, folder: Path) -> float:
    """Journeys per second that this core sends with a little to spare: the median of three runs that ask for too much."""
    found = [
        measure(open_load(TOO_FAST), 1, 2.0, target, folder / f"calibration-{number}").requests_per_s
        for number in range(3)
    ]
    return SHARE * statistics.median(found) / REQUESTS_A_JOURNEY
