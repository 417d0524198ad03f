"""Intervals from the seconds within runs: against sums done by hand, against each other, against what is so."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare import seconds
from harness.compare.seconds import Judged, Quantiles
from harness.compare.student import two_sided
from harness.record.blocks import Sparse, bucket_of

counts = st.lists(st.integers(1, 500), min_size=8, max_size=15)


def sparse(us: np.ndarray) -> Sparse:
    buckets, held = np.unique(bucket_of(np.maximum(us, 1).astype(np.int64)), return_counts=True)
    return buckets, held.astype(np.int64)


def stretches(rng: np.random.Generator, median_us: float, each: int = 400, count: int = 15) -> list[list[Sparse]]:
    return [[sparse(median_us * np.exp(rng.normal(0, 0.4, each)))] for _ in range(count)]


def test_parts_of_a_rate_by_hand() -> None:
    parts = seconds.rate_parts(np.array([10.0, 30.0]), np.array([30.0, 30.0]))
    assert parts == pytest.approx([0.5 - 0.25, 0.5 - 0.75])


@given(counts, st.floats(0.1, 10))
def test_a_rate_that_differs_everywhere_alike_varies_nowhere(base: list[int], factor: float) -> None:
    parts = seconds.rate_parts(np.array(base, float), np.array(base, float) * factor)
    assert seconds.variance(parts) == pytest.approx(0, abs=1e-20)


def test_parts_of_a_share_by_hand() -> None:
    base = np.array([1.0, 3.0]), np.array([10.0, 10.0])
    new = np.array([0.0, 4.0]), np.array([10.0, 30.0])
    # (few - share × all) / all of the side, shares being 0.2 and 0.1
    assert seconds.share_parts(base, new) == pytest.approx([(0 - 1) / 40 - (1 - 2) / 20, (4 - 3) / 40 - (3 - 2) / 20])
    assert seconds.share_floor(base, new) == pytest.approx(8 / 60 * 52 / 60 * (1 / 20 + 1 / 40))


def test_the_variance_of_a_sum_is_that_of_independent_parts() -> None:
    rng = np.random.default_rng(1)
    sums = [rng.normal(0, 1, 12) for _ in range(4000)]
    assert np.mean([seconds.variance(parts) for parts in sums]) == pytest.approx(12, rel=0.03)


def test_autocorrelation_against_numpys() -> None:
    rng = np.random.default_rng(2)
    parts = rng.normal(0, 1, 400).cumsum() * 0.1 + rng.normal(0, 1, 400)
    expected = np.corrcoef(parts[:-1], parts[1:])[0, 1]
    assert seconds.autocorrelation(parts) == pytest.approx(expected, abs=0.02)
    assert seconds.autocorrelation(np.full(9, 3.0)) == 0.0


def test_parts_that_remember_widen_and_those_that_do_not_hardly() -> None:
    rng = np.random.default_rng(3)

    def remembering(memory: float) -> list[np.ndarray]:
        made = []
        for _ in range(30):
            parts = rng.normal(0, 1, 15)
            for place in range(1, 15):
                parts[place] += memory * parts[place - 1]
            made.append(parts)
        return made

    assert seconds.widening(remembering(0.0)) < 1.3
    assert seconds.widening(remembering(0.6)) > 1.7
    assert seconds.widening([np.arange(15.0)]) == seconds.MOST_WIDENED
    assert seconds.widening([np.array([1.0, -1.0] * 7)]) == 1.0


def test_the_half_width_is_that_of_students_t() -> None:
    parts = np.array([1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5, -1.5])
    spread = math.sqrt(seconds.variance(parts))
    assert Judged(parts).half_width(0.05) == pytest.approx(two_sided(0.05, 7) * spread)
    assert Judged(parts, widened=2.0).half_width(0.05) == pytest.approx(two_sided(0.05, 3) * spread * math.sqrt(2))


def test_not_one_failure_is_no_proof_of_none() -> None:
    none = Judged(np.zeros(10), fewest=300)
    assert none.half_width(0.05) == pytest.approx(3 / 300, rel=0.01)  # the rule of three


@given(st.floats(0.2, 5), st.sampled_from([0.5, 0.95, 0.99]), st.integers(0, 5))
def test_scaled_latencies_differ_by_the_scale(factor: float, p: float, seed: int) -> None:
    us = 20_000 * np.exp(np.random.default_rng(seed).normal(0, 0.4, (10, 300)))
    base = seconds.cumulated([[sparse(each)] for each in us])
    new = seconds.cumulated([[sparse(each * factor)] for each in us])
    quantiles = Quantiles(base, new, p)
    assert quantiles.middle() == pytest.approx(math.log(factor), abs=0.02)
    interval = quantiles.interval(1.0, 0.05)
    assert interval.low <= math.log(factor) + 0.01
    assert interval.high >= math.log(factor) - 0.01


def test_the_quantile_is_that_of_all_requests() -> None:
    rng = np.random.default_rng(4)
    made = stretches(rng, 20_000)
    base = seconds.cumulated(made)
    double = seconds.cumulated([[(buckets, held) for buckets, held in stretch] * 2 for stretch in made])
    assert Quantiles(base, double, 0.95).middle() == pytest.approx(0, abs=1e-12)


def test_an_interval_is_turned_over_with_its_sides() -> None:
    rng = np.random.default_rng(5)
    base, new = seconds.cumulated(stretches(rng, 20_000)), seconds.cumulated(stretches(rng, 23_000))
    one, two = Quantiles(base, new, 0.5).interval(1.0, 0.01), Quantiles(new, base, 0.5).interval(1.0, 0.01)
    assert (one.middle, one.low, one.high) == pytest.approx((-two.middle, -two.high, -two.low), abs=2 * seconds.GRID)


def test_more_sure_is_wider_and_more_requests_are_narrower() -> None:
    rng = np.random.default_rng(6)
    few = [seconds.cumulated(stretches(rng, 20_000, 100)) for _ in range(2)]
    many = [seconds.cumulated(stretches(rng, 20_000, 2000)) for _ in range(2)]

    def width(sides: list[np.ndarray], share: float) -> float:
        interval = Quantiles(sides[0], sides[1], 0.5).interval(1.0, share)
        return interval.high - interval.low

    assert width(few, 0.001) > width(few, 0.05)
    assert width(many, 0.05) < width(few, 0.05) / 2


def test_intervals_of_independent_seconds_miss_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(7)
    missed = 0
    for _ in range(200):
        base = seconds.cumulated(stretches(rng, 20_000, 60))
        new = seconds.cumulated(stretches(rng, 20_000 * 1.2, 60))
        interval = Quantiles(base, new, 0.5).interval(1.0, 0.1)
        missed += not interval.low <= math.log(1.2) <= interval.high
    assert 5 <= missed <= 35  # 10 % of 200: 99.9 % of the time within this


def test_with_hardly_any_request_beyond_everything_is_possible() -> None:
    rng = np.random.default_rng(8)
    base, new = (seconds.cumulated(stretches(rng, 20_000, 3, 8)) for _ in range(2))
    interval = Quantiles(base, new, 0.99).interval(1.0, 0.001)
    assert interval.high - interval.low > math.log(4)
