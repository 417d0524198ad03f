"""How long ``harness --help`` and ``harness check FILE`` take, beside ``python -c pass``, in one run.

Each is a new process, in turn; the median counts. Prints seconds (for this machine) and ratios (for any).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
SCENARIO = "scenarios/purchase.yaml"
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "harness --help": ["-m", "harness", "--help"],
    f"harness check {SCENARIO}": ["-m", "harness", "check", SCENARIO],
}
WANTED_S = {"harness --help": 0.3, f"harness check {SCENARIO}": 0.5}


def run() -> dict[str, dict[str, float]]:
    """Seconds and ratio of each."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for number in range(ROUNDS + 1):
        for name, arguments in COMMANDS.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            if number:  # the first round fills the caches
                taken[name].append(time.perf_counter() - begun)
    least = statistics.median(taken["python -c pass"])
    found: dict[str, dict[str, float]] = {}
    for name, times in taken.items():
        middle = statistics.median(times)
        wanted = f"  wanted: below {WANTED_S[name]} s" if name in WANTED_S else ""
        print(f"{name:<40} {middle:6.3f} s  {middle / least:5.1f} x python -c pass{wanted}")
        found[name] = {"seconds": round(middle, 4), "ratio": round(middle / least, 2)}
    return found
