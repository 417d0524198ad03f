"""The load over time: tables, and what must always hold."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compiler.profile import Profile
from harness.scenario.model import Stage

DAY = (Stage("ramp", 30, 20), Stage("hold", 300), Stage("spike", 10, 100), Stage("hold", 10), Stage("ramp", 30, 0))


@pytest.mark.parametrize(
    ("at", "level", "until"),
    [
        (-1, 0, 0),
        (0, 0, 0),
        (15, 10, 75),
        (30, 20, 300),
        (100, 20, 1700),
        (329.999, 20, 6299.98),
        (330, 100, 6300),
        (339, 100, 7200),
        (340, 20, 7300),
        (350, 20, 7500),
        (365, 10, 7725),
        (380, 0, 7800),
        (1000, 0, 7800),
    ],
)
def test_a_day(at, level, until):
    profile = Profile(DAY)
    assert profile.level(at) == pytest.approx(level)
    assert profile.until(at) == pytest.approx(until)


def test_its_ends():
    profile = Profile(DAY)
    assert (profile.duration, profile.total, profile.peak) == (380, 7800, 100)
    assert profile.due(0) == 0
    assert profile.due(75) == pytest.approx(15)
    assert profile.due(7800) is None or profile.due(7800) == pytest.approx(380)
    assert profile.due(7801) is None
    assert Profile(()).due(0) is None


def test_a_step_from_nothing():
    profile = Profile((Stage("step", 10, 5),))
    assert [profile.due(n + 0.5) for n in range(3)] == pytest.approx([0.1, 0.3, 0.5])
    assert profile.due(49.5) == pytest.approx(9.9)
    assert profile.due(50.5) is None


stages = st.lists(
    st.one_of(
        st.builds(Stage, st.sampled_from(["ramp", "step", "spike"]), st.floats(0.1, 1000), st.floats(0, 5000)),
        st.builds(Stage, st.just("hold"), st.floats(0.1, 1000)),
    ),
    min_size=1,
    max_size=6,
)


@given(stages, st.floats(0, 1))
def test_due_is_the_inverse_of_until(stages, share):
    profile = Profile(stages)
    wanted = profile.total * share
    due = profile.due(wanted)
    if due is None:
        assert profile.total == 0 or math.isclose(wanted, profile.total)
        return
    assert 0 <= due <= profile.duration
    assert profile.until(due) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


@given(stages, st.lists(st.floats(0, 6000), min_size=2, max_size=20))
def test_until_never_falls(stages, moments):
    profile = Profile(stages)
    counts = [profile.until(at) for at in sorted(moments)]
    assert all(a <= b + 1e-6 * max(1, b) for a, b in itertools.pairwise(counts))
    assert profile.until(profile.duration) == pytest.approx(profile.total)
