"""Memory a user: the same program with a hundred users and with many, all connected, most of them thinking.

    python -m benchmarks memory

Users come at 300 a second and pause 20 s between journeys (by hand) or 4 s between steps (compiled), so that hand-written
users get their connections too: without a pause those that are there starve those that come. The difference of the most
memory used (VmHWM), divided by the users that got a connection. MEMORY_USERS is the list of numbers.
"""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.contestants import CLOSED, FAST_HTTP_USER, Contestant, contestants
from benchmarks.measure import measure
from benchmarks.nginx import Nginx, nginx
from benchmarks.throughput import SPARE_FILES

USERS = [int(each) for each in os.environ.get("MEMORY_USERS", "3000,10000").split(",")]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "2"))
SECONDS = 2.0
FEW = 100


def run() -> list[dict[str, Any]]:
    """Measure both; prints the table."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name, nginx(Path(name)) as target:
        folder = Path(name)
        for users in (each for each in USERS if each + SPARE_FILES < resource.getrlimit(resource.RLIMIT_NOFILE)[1]):
            for each in contestants(0, target.ca, think="4s", users_a_second=300):
                if each.name not in {FAST_HTTP_USER, CLOSED}:
                    continue
                place = folder / f"{users}-{each.name.replace(' ', '-')}"
                try:
                    few, base = _peak(each, FEW, target, Path(f"{place}-{FEW}"))
                    many, there = _peak(each, users, target, Path(f"{place}-{users}"))
                except RuntimeError as error:
                    print(f"{users:>7,}  {each.name} is left out: {error}")
                    continue
                a_user = (many - few) * 1000 / (there - base)
                rows.append({"users": users, "name": each.name, "connected": there, "mb": many, "kb_a_user": a_user})
    print(f"\n{'users':>7}  {'':<24}{'connected':>10}{'peak MB':>9}{'kB a user':>11}")
    for row in rows:
        print(f"{row['users']:>7,}  {row['name']:<24}{row['connected']:>10,}{row['mb']:>9.0f}{row['kb_a_user']:>11.1f}")
    return rows


def _peak(contestant: Contestant, users: int, target: Nginx, folder: Path) -> tuple[float, int]:
    """MB and connections, the medians of the rounds."""
    found = [measure(contestant, users, SECONDS, target, Path(f"{folder}-{number}")) for number in range(ROUNDS)]
    return statistics.median(each.peak_mb for each in found), round(statistics.median(e.connections for e in found))
