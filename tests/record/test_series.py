"""The rows of a load, kept small."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.record.series import Series, SeriesRow

COUNT = st.integers(0, 2**40)
MS = st.none() | st.floats(0, 1e7)
NAME = st.sampled_from(["browse", "add", "checkout"])
ROW = st.builds(SeriesRow, COUNT, NAME, NAME, COUNT, COUNT, COUNT, MS, MS, MS, MS, MS, MS)


@given(st.lists(st.lists(ROW, max_size=5), max_size=5))
def test_what_is_added_comes_again(seconds: list[list[SeriesRow]]) -> None:
    series = Series()
    for rows in seconds:
        series.add(rows)
    for _ in range(2):
        assert list(series) == [row for rows in seconds for row in rows]
