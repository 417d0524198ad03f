"""Quantiles of Student's t against tables and against itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare.student import beyond, two_sided


@pytest.mark.parametrize(
    ("share", "df", "t"),
    [
        # Printed tables (two-sided 5 %, 1 %, 0.1 %), and a few from SciPy 1.17: stats.t.isf(share / 2, df).
        (0.05, 1, 12.706204736174698),
        (0.05, 10, 2.228138851964939),
        (0.01, 5, 4.032142983557536),
        (0.001, 4, 8.610301581379275),
        (0.0008, 15, 4.182945772974031),
        (0.0005, 2, 44.70458729293067),
        (0.05, 1e6, 1.9599663568141072),
        (1e-6, 7.3, 14.883251714936563),
    ],
)
def test_quantiles_are_those_of_tables(share: float, df: float, t: float) -> None:
    assert two_sided(share, df) == pytest.approx(t, rel=1e-9)


@given(st.floats(1e-6, 0.999), st.floats(0.5, 500))
def test_a_quantile_is_exceeded_as_often_as_asked_for(share: float, df: float) -> None:
    assert beyond(two_sided(share, df), df) == pytest.approx(share, rel=1e-6)


@given(st.floats(0, 50), st.floats(0.5, 500))
def test_probabilities_lie_between_0_and_1_and_sink_with_t(t: float, df: float) -> None:
    assert 0 <= beyond(t + 0.5, df) <= beyond(t, df) <= 1


def test_one_degree_of_freedom_is_cauchys() -> None:
    assert beyond(3.0, 1.0) == pytest.approx(1 - 2 / math.pi * math.atan(3.0), rel=1e-12)


@pytest.mark.parametrize(("share", "df"), [(0.0, 5.0), (1.0, 5.0), (0.05, 0.0)])
def test_what_has_no_quantile_is_refused(share: float, df: float) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        two_sided(share, df)
