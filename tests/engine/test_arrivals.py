"""Arrivals: when guests are due, and that processes share them without a gap or a double."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compiler import compile_scenario
from harness.compiler.profile import Profile
from harness.engine.roll import EVERYBODY, Roll, Share
from harness.scenario.loader import loads

SCENARIO = """\
scenario: open
target: {{system: http, url: "http://127.0.0.1"}}
journeys: {{a: {{steps: [request: /]}}}}
load: {{rate: {rate}/s, duration: {duration}s, arrivals: {arrivals}}}
"""


def plan(rate=20, duration=10, arrivals="constant"):
    return compile_scenario(loads(SCENARIO.format(rate=rate, duration=duration, arrivals=arrivals)))


def due_times(made, seed, index=0, stride=1):
    roll = Roll(made, seed, [Share(0.0, index, stride)])
    while (due := roll.due(made.load.duration)) is not None:
        yield due
    assert roll.over


def test_constant_arrivals_are_evenly_spaced():
    due = list(due_times(plan(), seed=1))
    assert len(due) == 200
    gaps = [b - a for a, b in itertools.pairwise(due)]
    assert max(gaps) - min(gaps) < 1e-9


def test_random_arrivals_have_the_rate_and_the_seed():
    due = list(due_times(plan(rate=100, duration=100, arrivals="poisson"), seed=1))
    assert due == list(due_times(plan(rate=100, duration=100, arrivals="poisson"), seed=1))
    assert due != list(due_times(plan(rate=100, duration=100, arrivals="poisson"), seed=2))
    assert abs(len(due) - 10_000) < 5 * 100, "five standard deviations of a Poisson count"
    gaps = [b - a for a, b in itertools.pairwise(due)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((g - mean) ** 2 for g in gaps) / len(gaps)) ** 0.5
    assert 0.9 < spread / mean < 1.1, "exponential gaps are as wide as they are long"


@given(st.integers(1, 7), st.sampled_from(["constant", "poisson"]), st.integers(1, 50))
def test_processes_share_the_guests(stride, arrivals, rate):
    made = plan(rate=rate, arrivals=arrivals)
    whole = list(due_times(made, 3))
    shares = [list(due_times(made, 3, index, stride)) for index in range(stride)]
    assert sorted(due for share in shares for due in share) == whole
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@given(
    st.sampled_from(["constant", "poisson"]),
    st.lists(st.tuples(st.floats(0, 12), st.integers(1, 5)), max_size=5),
    st.floats(0.05, 3),
)
def test_shares_that_change_leave_nobody_out_and_let_nobody_in_twice(arrivals, changes, step):
    made = plan(rate=30, arrivals=arrivals)
    whole = list(due_times(made, 3))
    profile = Profile(made.load.stages)
    rolls = [Roll(made, 3, [Share(0.0, index, 5)]) for index in range(5)]
    waiting = sorted(changes)
    found = []
    at = 0.0
    while not all(roll.over for roll in rolls):
        while waiting and waiting[0][0] < at:  # told now, for those who are due later than anybody has looked
            _, stripes = waiting.pop(0)
            since = profile.until(at + 0.25) + 1e-9
            for index, roll in enumerate(rolls):
                roll.shares = (*roll.shares, Share(since, index if index < stripes else None, stripes))
        for roll in rolls:
            while (due := roll.due(at + 0.25)) is not None:
                found.append(due)
        at += step
    assert sorted(found) == whole


def test_a_roll_looks_no_further_ahead_than_it_is_told():
    roll = Roll(plan(rate=10, duration=10), 1, EVERYBODY)
    assert [roll.due(0.2), roll.due(0.2), roll.due(0.2)] == [pytest.approx(0.05), pytest.approx(0.15), None]
    roll.shares = (*EVERYBODY, Share(2.0, None, 1))
    assert roll.due(5) is None
    assert not roll.over
