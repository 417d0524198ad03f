"""The promise of a comparison on noise with memory, in small; ``python -m benchmarks noise`` has it in full."""

from __future__ import annotations

import numpy as np

from benchmarks.simulated import SLOWED, System, run
from harness.compare.judge import compare
from harness.compare.outcome import Comparison, Settings


def pairs(count: int, a_side: int, system: System, slower: float) -> list[Comparison]:
    rng = np.random.default_rng(11)
    made = []
    for _ in range(count):
        base = [run(system, rng) for _ in range(a_side)]
        made.append(compare(base, [run(system.but(slower), rng) for _ in range(a_side)], Settings()))
    return made


def called(comparisons: list[Comparison]) -> int:
    return sum(bool(each.of("worse") or each.of("better")) for each in comparisons)


def found(comparisons: list[Comparison]) -> int:
    return sum(any(each.metric.step == SLOWED for each in comparison.of("worse")) for comparison in comparisons)


def test_noise_is_no_difference() -> None:
    assert called(pairs(30, 1, System(seconds=40, memory=0.7), 1.0)) <= 2
    assert called(pairs(20, 3, System(seconds=30), 1.0)) <= 2
    assert called(pairs(40, 4, System(seconds=30), 1.0)) <= 4


def test_a_tenth_slower_is_found() -> None:
    assert found(pairs(20, 5, System(seconds=60), 1.10)) >= 19
    assert found(pairs(6, 1, System(seconds=300, rate=100), 1.10)) >= 5
