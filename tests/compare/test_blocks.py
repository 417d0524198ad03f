"""Blocks of a run: nothing is lost on the way into them, they stay few, and they survive their file."""

from __future__ import annotations

import base64
import json
import zlib
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.record.blocks import (
    BUCKETS,
    MOST_BLOCKS,
    BlockRecorder,
    Blocks,
    bucket_of,
    edges,
)
from harness.record.blocks_file import BlocksError, from_json, to_json
from harness.record.figures import Figures, JourneyFigures, StepFigures, StepKey
from harness.record.histogram import HIGHEST_US

KEY = StepKey("buy", "checkout")
seconds_of = st.lists(
    st.lists(st.integers(1, HIGHEST_US), max_size=12), min_size=1, max_size=3 * MOST_BLOCKS
)  # a list of latencies (µs) a second


def figures(latencies: list[int], failed: int = 0) -> Figures:
    step = StepFigures(sent=len(latencies), ok=len(latencies) - failed, failed=failed)
    for each in latencies:
        step.latency.add(each)
    return Figures({KEY: step}, {"buy": JourneyFigures(started=1, completed=1)})


def recorded(seconds: list[list[int]]) -> Blocks:
    recorder = BlockRecorder()
    for latencies in seconds:
        recorder.second(figures(latencies))
    return recorder.blocks()


@given(seconds_of)
def test_every_block_holds_its_seconds(seconds: list[list[int]]) -> None:
    blocks = recorded(seconds)
    assert blocks.count <= MOST_BLOCKS
    assert blocks.count == len(seconds) // blocks.block_s
    step = blocks.steps[KEY] if blocks.count else None
    for place in range(blocks.count):
        there = list(chain.from_iterable(seconds[place * blocks.block_s : (place + 1) * blocks.block_s]))
        buckets, counts = step.latency[place]
        assert step.sent[place] == step.ok[place] == len(there)
        expected = np.bincount(bucket_of(np.array(there, np.int64)), minlength=BUCKETS)
        assert np.array_equal(np.bincount(buckets, counts, BUCKETS), expected)


@given(seconds_of)
def test_a_file_gives_back_what_was_written(seconds: list[list[int]]) -> None:
    blocks = recorded(seconds)
    again = from_json(to_json(blocks))
    assert (again.block_s, again.count, again.journeys) == (blocks.block_s, blocks.count, blocks.journeys)
    assert again.steps.keys() == blocks.steps.keys()
    for key, step in again.steps.items():
        known = blocks.steps[key]
        assert (step.sent, step.ok, step.failed) == (known.sent, known.ok, known.failed)
        for one, two in zip(step.latency, known.latency, strict=True):
            assert np.array_equal(one[0], two[0])
            assert np.array_equal(one[1], two[1])


@given(st.integers(1, HIGHEST_US))
def test_a_value_lies_in_its_bucket_which_is_narrow(value: int) -> None:
    bucket = int(bucket_of(np.array([value]))[0])
    low, high = (int(each) for each in edges()[bucket : bucket + 2])
    assert low <= value < high
    assert high - low <= max(1, value / 128)


@given(seconds_of)
def test_pairs_of_blocks_are_what_longer_ones_would_have_been(seconds: list[list[int]]) -> None:
    blocks = recorded(seconds).pairs()
    step = blocks.steps.get(KEY)
    for place in range(blocks.count):
        there = seconds[place * blocks.block_s : (place + 1) * blocks.block_s]
        assert step.sent[place] == sum(map(len, there)) == int(step.latency[place][1].sum())


def test_a_step_that_comes_late_has_empty_blocks_before() -> None:
    recorder = BlockRecorder()
    recorder.second(Figures({StepKey("buy", "browse"): StepFigures(sent=1)}))
    recorder.second(figures([5, 6], failed=1))
    step = recorder.blocks().steps[KEY]
    assert (step.sent, step.failed) == ((0, 2), (0, 1))
    assert [int(counts.sum()) for _, counts in step.latency] == [0, 2]


def test_an_hour_stays_small() -> None:
    recorder = BlockRecorder()
    rng = np.random.default_rng(1)
    stretch = [figures([int(v) for v in 20_000 * np.exp(rng.normal(0, 0.6, 400))]) for _ in range(20)]
    for second in range(3600):
        recorder.second(stretch[second % len(stretch)])
    blocks = recorder.blocks()
    assert MOST_BLOCKS / 2 <= blocks.count <= MOST_BLOCKS
    assert len(to_json(blocks)) < 100_000


def packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw)).decode()


GOOD = json.loads(to_json(recorded([[5, 7], [9]])))


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"bits": 9},
        {"blocks": 10_000},
        {"blocks": True},
        {"block_s": 0},
        {"steps": 5},
        {"steps": [{}]},
        {"steps": [{**GOOD["steps"][0], "sent": [1]}]},
        {"steps": [{**GOOD["steps"][0], "sent": ["1", "2"]}]},
        {"steps": [{**GOOD["steps"][0], "latency": "no base64!"}]},
        {"steps": [{**GOOD["steps"][0], "latency": packed(b"short")}]},
        {"steps": [{**GOOD["steps"][0], "latency": packed(b"\xff" * 64)}]},
        {"steps": [{**GOOD["steps"][0], "latency": packed(b"\x01\0\0\0\0\0\0\0" + b"\xff\xff" + b"\x01\0\0\0")}]},
        {"steps": [{**GOOD["steps"][0], "latency": GOOD["steps"][0]["latency"][:-8]}]},
        {"journeys": [{"name": "buy", "completed": None, "failed": [0, 0]}]},
    ],
)
def test_another_document_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BlocksError):
        from_json(json.dumps({**GOOD, **change}))


def test_what_is_no_json_is_refused() -> None:
    for text in ("", "[]", "{", "null", "[" * 100_000):
        with pytest.raises(BlocksError):
            from_json(text)


def test_a_small_file_cannot_fill_the_memory() -> None:
    bomb = zlib.compress(b"\0" * (20 * 1024 * 1024), 9)
    step = {**GOOD["steps"][0], "latency": base64.b64encode(bomb).decode()}
    with pytest.raises(BlocksError, match="longer than it can be"):
        from_json(json.dumps({**GOOD, "steps": [step]}))
