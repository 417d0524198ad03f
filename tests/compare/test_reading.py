"""Run directories that are damaged, foreign or not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare.reading import FORMATS, RunError, read_run, read_runs, sections
from harness.record.blocks_file import to_json
from harness.record.figures import StepKey
from harness.report import summary_json
from tests.compare.made import side

SUMMARY: dict[str, Any] = {
    "format": 1,
    "scenario": "shop",
    "target": "http://127.0.0.1:8080",
    "verdict": "pass",
    "started": "2026-11-24T10:44:26.391Z",
    "duration_s": 60.0,
    "seed": 1,
    "run_id": "R1",
    "model": "closed",
    "level": 10,
    "versions": {"harness": "0.1.0", "locust": "2.43", "python": "3.11"},
    "requests": {"sent": 100, "ok": 100, "failed": 0, "unfinished": 0, "rate": 1.7, "error_rate": 0.0},
    "steps": [
        {"journey": "buy", "step": "pay", "sent": 100, "failed": 0, "rate": 1.7, "error_rate": 0, "latency": {"p50": 3}}
    ],
    "journeys": [{"name": "buy", "completed": 90, "failed": 10}],
    "generator": {"saturated": False, "saturated_s": 0},
    "verification": {"orders": {"expected": 5, "found": 3, "missing": []}},
}


def written(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.json").write_text(json.dumps({**SUMMARY, **changes}), "utf-8")
    return folder


def test_a_summary_becomes_a_run(tmp_path: Path) -> None:
    run = read_run(written(tmp_path))
    assert (run.scenario, run.level, run.orders_missing) == ("shop", 10.0, 2)
    assert run.steps[StepKey("buy", "pay")].latency == {"p50": 3.0}
    assert run.journeys["buy"].share == 0.9
    assert run.blocks is None
    assert "has no histograms.json" in run.no_blocks


def test_what_an_older_or_newer_version_leaves_out_or_adds_is_no_matter(tmp_path: Path) -> None:
    old = {name: value for name, value in SUMMARY.items() if name not in ("run_id", "level", "verification")}
    (tmp_path / "summary.json").write_text(json.dumps({**old, "novelty": {"a": [1]}}))
    run = read_run(tmp_path)
    assert (run.run_id, run.level, run.orders_missing, run.funnel) == ("", 0.0, None, ())


def test_histograms_are_read_or_why_not(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (made,) = side(1, 1, seconds=10)
    assert made.blocks is not None
    (folder / "histograms.json").write_text(to_json(made.blocks))
    blocks = read_run(folder).blocks
    assert blocks is not None
    assert blocks.count == 10
    assert read_run(folder, blocks=False).blocks is None
    (folder / "histograms.json").write_text("{")
    damaged = read_run(folder)
    assert damaged.blocks is None
    assert "histograms.json cannot be read" in damaged.no_blocks


def test_a_directory_of_runs_is_read_oldest_first(tmp_path: Path) -> None:
    written(tmp_path / "a", started="2026-02-01T00:00:00Z")
    written(tmp_path / "b", started="2026-01-01T00:00:00Z")
    (tmp_path / "c").mkdir()
    assert [Path(run.name).name for run in read_runs(tmp_path)] == ["b", "a"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "format 99 is not known"),
        ({"duration_s": "long"}, "not a summary"),
        ({"duration_s": float("inf")}, "not a summary"),
        ({"steps": [{}]}, "is missing: 'journey'"),
        ({"steps": 7}, "not a summary"),
        ({"started": "yesterday"}, "not a summary"),
        ({"requests": None}, "not a summary"),
    ],
)
def test_another_document_is_refused_by_name(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(RunError) as refused:
        read_run(written(tmp_path, **change))
    assert said in str(refused.value)
    assert str(tmp_path / "summary.json") in str(refused.value)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    (tmp_path / "empty").mkdir()
    for path, said in (
        (tmp_path / "none", "there is no such directory"),
        (file, "not a directory"),
        (tmp_path / "empty", "no summary.json in it"),
    ):
        with pytest.raises(RunError, match=said):
            read_runs(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(SUMMARY)), json_values)
def test_no_document_does_worse_than_be_refused(tmp_path_factory: pytest.TempPathFactory, key: str, value: Any) -> None:
    folder = tmp_path_factory.mktemp("run")
    try:
        read_run(written(folder, **{key: value}))
    except RunError as error:
        assert str(folder) in str(error)


def test_summaries_of_this_version_are_understood() -> None:
    assert summary_json.FORMAT in FORMATS


def test_sections_are_those_that_decide_what_is_sent() -> None:
    text = (
        "scenario: a\nguests:\n  locales:\n    en_GB: '100%'\n  seed: 5\ncatalog:\n- item_id: A\n"
        "journeys:\n  buy:\n    steps:\n    - browse\nload:\n  model: closed\nthresholds:\n- p95 < 1s\n"
    )
    assert sections(text) == {
        "guests": "guests:\n  locales:\n    en_GB: '100%'",
        "catalog": "catalog:\n- item_id: A",
        "journeys": "journeys:\n  buy:\n    steps:\n    - browse",
    }
    assert sections("") == {}
