"""Timeline, axes and drawings."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from harness.record.series import SeriesRow
from harness.report import charts, svg
from harness.report.axes import time_label, time_ticks, value_label, value_ticks
from harness.report.summary import Summary
from harness.report.timeline import Second, seconds, thin


def row(second: int, step: str, ok: int, failed: int, p95: float | None) -> SeriesRow:
    return SeriesRow(second, "purchase", step, ok + failed, ok, failed, p95, p95, p95)


def test_seconds_add_counts_and_take_the_slowest_step() -> None:
    made = seconds([row(0, "browse", 5, 0, 3.0), row(0, "checkout", 2, 1, 40.0), row(2, "browse", 4, 0, None)])
    assert made == (Second(0, 7, 1, 40.0, 40.0, 40.0), Second(1), Second(2, 4, 0))
    assert seconds([]) == ()


def test_thinning_keeps_peaks_troughs_and_ends() -> None:
    day = [Second(n, 100, 0, 5.0, 9.0, 20.0) for n in range(86_400)]
    day[40_001] = Second(40_001, 3, 97, 5.0, 9.0, 4_000.0)
    kept = thin(day, 600, lambda s: s.replies, lambda s: s.failed)
    assert len(kept) <= 602
    assert day[40_001] in kept
    assert day[40_001] in thin(day, 600, lambda s: s.p99)
    assert (kept[0], kept[-1]) == (day[0], day[-1])
    assert [s.second for s in kept] == sorted({s.second for s in kept})
    assert thin(day[:600], 600, lambda s: s.p50) == tuple(day[:600])


def test_thinning_keeps_a_gap() -> None:
    run = [Second(n, 1, 0, 5.0 if not 2000 <= n < 3000 else None) for n in range(4000)]
    assert any(second.p50 is None for second in thin(run, 100, lambda s: s.p50))


@pytest.mark.parametrize("highest", [0.003, 0.84, 1, 7, 99, 100, 101, 12_345.6, 9e9])
def test_value_ticks_reach_the_highest_in_round_steps(highest: float) -> None:
    ticks = value_ticks(highest)
    assert ticks[0] == 0
    assert highest <= ticks[-1] * 1.000001 <= highest * 2.1
    assert 3 <= len(ticks) <= 7
    assert all(len(value_label(tick).replace(",", "").strip("0.")) <= 2 for tick in ticks)


def test_ticks_of_nothing() -> None:
    assert value_ticks(0) == [0.0, 1.0]


@pytest.mark.parametrize("span", [1, 2, 59, 61, 3600, 3601, 86_400, 5_000_000])
@pytest.mark.parametrize("most", [4, 10])
def test_time_ticks_are_few_and_within_the_run(span: int, most: int) -> None:
    ticks = time_ticks(span, most)
    assert ticks[0] == 0
    assert ticks[-1] <= span
    assert len(ticks) <= most + 1


def test_time_labels() -> None:
    assert [time_label(90, span) for span in (120, 600, 7200)] == ["90", "1:30", "0:01:30"]


@pytest.mark.parametrize("size", svg.SIZES, ids=lambda size: size.name)
@pytest.mark.parametrize("length", [1, 2, 60, 4000])
def test_drawings_are_well_formed_named_and_within_their_frame(size: svg.Size, length: int) -> None:
    run = seconds([row(n, "browse", 50 + n % 7, n % 3, 5.0 + n % 11 if n % 13 else None) for n in range(length)])
    for draw in (charts.throughput, charts.latency):
        root = ET.fromstring(draw(run, size))
        assert root.attrib["role"] == "img"
        named = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
        assert set(root.attrib["aria-labelledby"].split()) == named
        for path in (element.attrib["d"] for element in root.iter("path")):
            for x, y in re.findall(r"([\d.-]+) ([\d.-]+)", path):
                assert 0 <= float(x) <= size.width
                assert 0 <= float(y) <= size.height


def test_a_single_second_draws_whole_and_failures_stay_visible(held: Summary) -> None:
    drawn = charts.throughput((Second(0, 10, 10),), svg.SIZES[0])
    assert 'class="area ok"' in drawn
    assert 'class="area failed"' in drawn
    line = charts.latency((Second(0, 10, 0, 1.0, 2.0, 3.0),), svg.SIZES[0])
    assert re.search(r'class="line p95" d="M52 [\d.]+H1000"', line)


def test_a_gap_breaks_the_line() -> None:
    drawn = charts.latency((Second(0, 1, 0, 1.0), Second(1, 1, 0, 2.0), Second(2), Second(3, 1, 0, 2.0)), svg.SIZES[0])
    found = re.search(r'class="line p50" d="([^"]+)"', drawn)
    assert found is not None
    assert found[1].count("M") == 2


def test_no_replies_at_all_is_drawn_without_lines() -> None:
    assert 'class="line' not in charts.latency((Second(0, 0, 5),), svg.SIZES[0])


def test_lines_that_end_together_are_labelled_in_order() -> None:
    drawn = charts.latency((Second(0, 1, 0, 2.0, 2.0, 2.0),), svg.SIZES[0])
    places = dict(re.findall(r'class="label (p\d+)" x="[\d.]+" y="([\d.]+)"', drawn))
    assert float(places["p50"]) > float(places["p95"]) > float(places["p99"]) >= 10
