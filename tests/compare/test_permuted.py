"""The permutation test: against every way written out, and by how often it errs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare import permuted


def written_out(base: np.ndarray, new: np.ndarray, kinds: list[str], floor: float, confidence: float) -> np.ndarray:
    """Half widths, the slow way."""
    runs = np.concatenate((base, new))
    largest, first = [], None
    for dealt in itertools.combinations(range(len(runs)), len(new)):
        one, two = np.delete(runs, dealt, axis=0), runs[list(dealt)]
        error = np.sqrt(one.var(axis=0, ddof=1) / len(one) + two.var(axis=0, ddof=1) / len(two))
        usual = [np.median([e for e, k in zip(error, kinds, strict=True) if k == kind]) for kind in kinds]
        whole = error + usual + floor
        largest.append(float((np.abs(two.mean(axis=0) - one.mean(axis=0)) / whole).max()))
        if set(dealt) == set(range(len(base), len(runs))):
            first = whole
    assert first is not None
    allowed = int(permuted.SPENT * (1 - confidence) * len(largest) + 1e-9)
    return np.asarray(sorted(largest, reverse=True)[allowed] * first)


@pytest.mark.parametrize(("base", "new"), [(4, 4), (3, 5), (6, 4)])
def test_it_is_what_all_ways_give(base: int, new: int) -> None:
    rng = np.random.default_rng(base * 10 + new)
    one, two = rng.normal(0, 1, (base, 6)), rng.normal(0.5, 1, (new, 6))
    kinds = ["p50", "p50", "p50", "p95", "p95", "throughput"]
    judged = permuted.judge(one, two, kinds, [0.01] * 6, 0.9)
    assert judged.ways == math.comb(base + new, new)
    assert judged.difference == pytest.approx(two.mean(axis=0) - one.mean(axis=0))
    assert judged.half_width == pytest.approx(written_out(one, two, kinds, 0.01, 0.9))


def test_four_and_four_are_enough_for_95_percent_and_fewer_are_not() -> None:
    assert permuted.enough(4, 4, 0.95)
    assert permuted.enough(3, 5, 0.95)
    assert not permuted.enough(3, 3, 0.95)
    assert not permuted.enough(20, 2, 0.95)
    assert not permuted.enough(50, 1, 0.95)
    assert not permuted.enough(4, 4, 0.99)
    assert permuted.enough(6, 6, 0.99)


def pairs(rng: np.random.Generator, count: int, a_side: int, slower: float) -> int:
    """How often something was called different."""
    deviations = np.array([0.02] * 5 + [0.03] * 5 + [0.06] * 5 + [0.01] * 5)
    kinds = ["p50"] * 5 + ["p95"] * 5 + ["p99"] * 5 + ["throughput"] * 5
    called = 0
    for _ in range(count):
        sides = [rng.normal(0, 0.01, (a_side, 1)) + rng.normal(0, 1, (a_side, 20)) * deviations for _ in range(2)]
        sides[1][:, [3, 8, 13]] += math.log(slower)
        judged = permuted.judge(*sides, kinds, [0.001] * 20, 0.95)
        called += bool((np.abs(judged.difference) > judged.half_width).any())
    return called


def test_the_same_system_is_seldom_called_different_and_a_slower_step_is_found() -> None:
    rng = np.random.default_rng(9)
    assert pairs(rng, 200, 4, 1.0) <= 10
    assert pairs(rng, 100, 5, 1.10) >= 95


@given(st.integers(0, 1000), st.floats(-5, 5))
def test_where_the_numbers_begin_does_not_matter(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    one, two = rng.normal(0, 1, (4, 3)), rng.normal(0, 1, (4, 3))
    here = permuted.judge(one, two, ["p50"] * 3, [0.01] * 3, 0.95)
    there = permuted.judge(one + shift, two + shift, ["p50"] * 3, [0.01] * 3, 0.95)
    assert there.half_width == pytest.approx(here.half_width, rel=1e-6)


def test_many_runs_are_dealt_by_chance_the_same_way_each_time() -> None:
    rng = np.random.default_rng(10)
    one, two = rng.normal(0, 1, (12, 4)), rng.normal(0, 1, (12, 4))
    first, second = (permuted.judge(one, two, ["p50"] * 4, [0.0] * 4, 0.95) for _ in range(2))
    assert first.ways == permuted.MOST_WAYS
    assert np.array_equal(first.half_width, second.half_width)
