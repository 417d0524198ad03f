"""Arrivals: when guests are due, and that processes share them without a gap or a double."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from harness.compiler import compile_scenario
from harness.engine.arrivals import due_times
from harness.scenario.loader import loads

SCENARIO = """\
scenario: open
target: {{system: http, url: "http://127.0.0.1"}}
journeys: {{a: {{steps: [request: /]}}}}
load: {{rate: {rate}/s, duration: {duration}s, arrivals: {arrivals}}}
"""


def plan(rate=20, duration=10, arrivals="constant"):
    return compile_scenario(loads(SCENARIO.format(rate=rate, duration=duration, arrivals=arrivals)))


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
