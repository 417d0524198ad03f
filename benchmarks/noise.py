"""Does ``harness compare`` take noise for a difference, and does it find a step that is 10 % slower?

    python -m benchmarks noise

First simulated runs: pairs of sides of the same system, then pairs with one step slower. Then real runs against the
sandbox with injected latency, and sides chosen from them. NOISE_PAIRS=200: so many pairs of the same, and half as many
of the other; NOISE_RUNS=12, NOISE_SECONDS=8: real runs of either kind, and their length.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import noise_real, simulated
from benchmarks.simulated import System
from harness.compare.judge import compare
from harness.compare.outcome import Comparison, Settings
from harness.compare.runs import Run

PAIRS = int(os.environ.get("NOISE_PAIRS", "200"))
RUNS = int(os.environ.get("NOISE_RUNS", "12"))
SECONDS = int(os.environ.get("NOISE_SECONDS", "8"))
SLOWER = 1.10


@dataclass(frozen=True)
class Case:
    """So many runs a side of a system."""

    name: str
    a_side: int
    system: System


CASES = (
    Case("1 + 1 runs of 30 s", 1, System(seconds=30)),
    Case("1 + 1 runs of 60 s", 1, System()),
    Case("1 + 1 runs of 60 s, long memory", 1, System(memory=0.8)),
    Case("1 + 1 runs of 5 min, 100/s a step", 1, System(seconds=300, rate=100)),
    Case("3 + 3 runs of 60 s", 3, System()),
    Case("4 + 4 runs of 60 s", 4, System()),
    Case("5 + 5 runs of 30 s", 5, System(seconds=30)),
    Case("5 + 5 runs of 60 s", 5, System()),
    Case("5 + 5 runs of 60 s, far apart", 5, System(between=0.02)),
)


@dataclass
class Counted:
    """Of ``same`` pairs so many ``called`` different; of ``slower`` ones so many with the step ``found``."""

    same: int = 0
    called: int = 0
    slower: int = 0
    found: int = 0
    beside: int = 0
    """Slower pairs in which another step was called worse. Throughput sinks everywhere, and is not counted."""

    def add_same(self, comparison: Comparison) -> None:
        self.same += 1
        self.called += bool(comparison.of("worse") or comparison.of("better"))

    def add_slower(self, comparison: Comparison, step: str) -> None:
        self.slower += 1
        worse = [each.metric for each in comparison.of("worse")]
        self.found += any(each.step == step and each.kind in ("p50", "p95", "p99") for each in worse)
        self.beside += any(each.step not in ("", step) and each.kind != "throughput" for each in worse)

    def line(self, name: str, seconds: float) -> str:
        same, slower = f"{self.called} of {self.same}", f"{self.found} of {self.slower}"
        return f"{name:<38}{same:>24}{slower:>22}{self.beside:>11}{seconds / (self.same + self.slower):>10.2f}"


def _head(name: str) -> str:
    return f"\n{name:<38}{'same: called different':>24}{'10 % slower: found':>22}{'beside it':>11}{'s a pair':>10}"


def _simulated(case: Case) -> Counted:
    rng = np.random.default_rng(20_041)
    made = Counted()
    for _ in range(PAIRS):
        made.add_same(_pair(case, rng, 1.0))
    for _ in range(PAIRS // 2):
        made.add_slower(_pair(case, rng, SLOWER), simulated.SLOWED)
    return made


def _pair(case: Case, rng: np.random.Generator, slower: float) -> Comparison:
    base = [simulated.run(case.system, rng) for _ in range(case.a_side)]
    new = [simulated.run(case.system.but(slower), rng) for _ in range(case.a_side)]
    return compare(base, new, Settings())


def _real(same: list[Run], slow: list[Run]) -> Iterator[tuple[str, Counted, float]]:
    for a_side in (1, min(4, len(same) // 2)):
        began, made = time.perf_counter(), Counted()
        for base, new in noise_real.sides(same, same, a_side, PAIRS):
            made.add_same(compare(base, new, Settings()))
        for base, new in noise_real.sides(same, slow, a_side, PAIRS // 2):
            made.add_slower(compare(base, new, Settings()), noise_real.SLOWED)
        yield f"{a_side} + {a_side} runs of {SECONDS} s", made, time.perf_counter() - began


def run() -> dict[str, Any]:
    """Both tables."""
    made: dict[str, Any] = {"simulated": [], "real": []}
    print(_head("simulated"))
    for case in CASES:
        began = time.perf_counter()
        counted = _simulated(case)
        print(counted.line(case.name, time.perf_counter() - began), flush=True)
        made["simulated"].append({"case": case.name, "a_side": case.a_side, **asdict(case.system), **asdict(counted)})
    with tempfile.TemporaryDirectory(prefix="noise-") as folder:
        same, slow = [], []
        for is_slow, each in noise_real.runs(Path(folder), RUNS, SECONDS, SLOWER):
            (slow if is_slow else same).append(each)
        print(_head(f"of {RUNS} + {RUNS} real runs"))
        for name, counted, took in _real(same, slow):
            print(counted.line(name, took), flush=True)
            made["real"].append({"case": name, "runs": RUNS, "seconds": SECONDS, **asdict(counted)})
    return made
