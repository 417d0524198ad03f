"""Histograms, figures, recorder, ledger: nothing is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass

import msgpack
import numpy as np
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from harness.record.figures import Figures, StepKey
from harness.record.histogram import HIGHEST_US, Histogram
from harness.record.ledger import Entry, Ledger, Outcome
from harness.record.recorder import MOST_ERRORS, Failure, Recorder
from harness.record.series import rows

durations = st.lists(st.integers(1, HIGHEST_US), min_size=1, max_size=200)


def histogram(values) -> Histogram:
    made = Histogram()
    for value in values:
        made.add(value)
    return made


@given(durations)
def test_percentiles_are_those_of_the_values_to_a_tenth_of_a_per_cent(values):
    made = histogram(values)
    for percent in (1, 50, 90, 99, 100):
        exact = float(np.percentile(values, percent, method="inverted_cdf"))
        found = made.percentiles((percent,))[0]
        # Rounding of the rank may take the neighbour where the rank falls between two values.
        ranked = sorted(values)
        near = {
            ranked[min(max(round(percent / 100 * len(values)) - 1 + shift, 0), len(values) - 1)] for shift in (0, 1)
        }
        assert any(abs(found - value) <= value * 0.001 + 1 for value in {exact, *near})
    assert (made.min, made.max) == (min(values), max(values))
    assert made.mean == sum(values) / len(values)


@given(durations)
def test_buckets_are_those_of_hdr_histogram(values):
    library = HdrHistogram(1, HIGHEST_US, 3)
    for value in values:
        library.record_value(value)
    highest, counts = histogram(values).nonzero()
    expected = [(v.value_iterated_to, v.count_added_in_this_iter_step) for v in library.get_recorded_iterator()]
    assert list(zip(highest.tolist(), counts.tolist(), strict=True)) == expected


@given(durations, durations)
def test_merged_is_pooled(one, other):
    merged = histogram(one)
    merged.merge(histogram(other))
    pooled = histogram([*one, *other])
    assert merged.latency() == pooled.latency()
    assert Histogram.unpack(merged.pack()).latency() == pooled.latency()


def test_an_empty_histogram_says_nothing():
    assert Histogram().latency() is None
    assert Histogram().percentiles((50, 99)) == [0, 0]


def test_values_out_of_range_count_at_the_ends():
    made = histogram([0, -5, HIGHEST_US * 2])
    assert (made.count, made.min, made.max) == (3, 1, HIGHEST_US)


@dataclass(frozen=True)
class Answer:
    status: int
    latency_us: int = 1000
    ttfb_us: int = 900
    connect_us: int = 0
    bytes_out: int = 10
    bytes_in: int = 20


STEPS = [StepKey("buy", "browse"), StepKey("buy", "pay")]
actions = st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["ok", "failed", "silent", "take"])), max_size=60)


@given(actions)
def test_sent_is_ok_plus_failed_plus_unfinished_over_any_stretches(actions):
    """Whenever the recorder is emptied, the sums agree; figures survive the way to another process."""
    recorder, total = Recorder(STEPS, ["buy"]), Figures()
    sent = [0, 0]
    silent = [0, 0]
    for step, action in actions:
        if action == "take":
            total.merge(Figures.unpack(msgpack.loads(msgpack.dumps(recorder.take().pack()))))
            continue
        recorder.sent(step)
        sent[step] += 1
        if action == "ok":
            recorder.answered(step, Answer(201), 50)
        elif action == "failed":
            recorder.failed(step, Failure("http_status", "503"), Answer(503), 50)
        else:
            silent[step] += 1
    total.merge(recorder.take())
    for step, key in enumerate(STEPS):
        figures = total.steps[key]
        assert figures.sent == sent[step] == figures.ok + figures.failed + figures.unfinished
        assert figures.unfinished == silent[step]
        assert figures.latency.count == figures.corrected.count == figures.ok + figures.failed
        assert figures.latency.count == 0 or figures.corrected.max == figures.latency.max + 50
    assert sum(e.count for e in total.errors.values()) == sum(s.failed for s in total.steps.values())


def test_kinds_of_errors_are_bounded():
    recorder = Recorder(STEPS, ["buy"])
    for number in range(MOST_ERRORS * 2):
        recorder.sent(0)
        recorder.failed(0, Failure("capture", f"strange {number}"), Answer(0), 0)
    errors = recorder.take().errors
    assert len(errors) == MOST_ERRORS + 1
    assert sum(e.count for e in errors.values()) == MOST_ERRORS * 2


def test_a_failure_without_a_reply_is_not_timed():
    recorder = Recorder(STEPS, ["buy"])
    recorder.sent(0)
    recorder.failed(0, Failure("timeout", "no reply"), Answer(0), 0)
    figures = recorder.take()
    assert figures.steps[STEPS[0]].latency.count == 0
    assert rows(3, figures)[0].p95 is None


def test_the_ledger_keeps_value_and_outcome():
    ledger = Ledger()
    first, second, third = ledger.open(499_000), ledger.open(1), ledger.open(2)
    ledger.close(first, Outcome.ACKNOWLEDGED)
    ledger.close(third, Outcome.REFUSED)
    assert list(ledger.entries()) == [
        Entry(first, 499_000, Outcome.ACKNOWLEDGED),
        Entry(second, 1, Outcome.UNKNOWN),
        Entry(third, 2, Outcome.REFUSED),
    ]
