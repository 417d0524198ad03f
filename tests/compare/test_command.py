"""``harness compare``, ``history`` and ``run --baseline`` as people run them, on directories of real runs."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.sandbox.process import SandboxProcess
from tests.compare.conftest import SCENARIO, SECONDS, Made

Harness = Callable[..., "subprocess.CompletedProcess[str]"]


def busy(folder: Path) -> bool:
    """Whether this machine was too busy for the run to be compared without --force."""
    generator = json.loads((folder / "summary.json").read_text())["generator"]
    return bool(generator["saturated_s"] > 0.1 * SECONDS)


def altered(made: Made, to: Path, **changes: object) -> Path:
    """A copy of the slow run with another summary."""
    shutil.copytree(made.slow, to)
    summary = json.loads((to / "summary.json").read_text())
    (to / "summary.json").write_text(json.dumps({**summary, "run_id": "RCOPY", **changes}))
    return to


def test_a_slower_step_and_its_errors_are_regressions(harness: Harness, made: Made) -> None:
    done = harness("compare", made.base, made.slow)
    assert done.returncode == 1, done.stdout + done.stderr
    first, *_ = done.stdout.splitlines()
    assert first.startswith("FAIL")
    assert "regressions" in first
    assert "purchase/checkout p50 is" in done.stdout
    assert "purchase/confirm error rate is" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_document_says_what_the_runs_say(harness: Harness, made: Made) -> None:
    done = harness("compare", made.base, made.slow, "--format", "json")
    document = json.loads(done.stdout)
    assert (document["format"], document["verdict"], document["method"]["by"]) == (1, "regression", "seconds")
    by_metric = {each["metric"]: each for each in document["differences"]}
    for side, folder in (("base", made.base), ("new", made.slow)):
        summary = json.loads((folder / "summary.json").read_text())
        assert by_metric["throughput"][side] == pytest.approx(summary["requests"]["rate"])
        for step in summary["steps"]:
            name = f"{step['journey']}/{step['step']}"
            assert by_metric[f"{name}.error_rate"][side] == pytest.approx(step["error_rate"], abs=1e-6)
            for percentile in ("p50", "p95", "p99"):
                assert by_metric[f"{name}.{percentile}"][side] == pytest.approx(step["latency"][percentile])
        assert [row[side] for row in document["funnel"]] == [
            {key: value for key, value in row.items() if key != "under_way"} for row in summary["funnel"]
        ]
    slower = by_metric["purchase/checkout.p50"]
    assert slower["regression"]
    assert slower["low"] <= slower["change"] <= slower["high"]


@pytest.mark.parametrize(
    ("form", "begins"), [("md", "## ❌ shop"), ("html", "<!doctype html>"), ("github", "::error title=Regression::")]
)
def test_every_form_comes_out_and_into_a_file(
    harness: Harness, made: Made, tmp_path: Path, form: str, begins: str
) -> None:
    told = harness("compare", made.base, made.slow, "--format", form)
    written = harness("compare", made.base, made.slow, "--format", form, "--out", tmp_path / "out")
    assert told.returncode == written.returncode == 1
    assert told.stdout.startswith(begins)
    assert written.stdout == ""
    assert (tmp_path / "out").read_text("utf-8") == told.stdout


def test_several_runs_a_side(harness: Harness, made: Made, tmp_path: Path) -> None:
    base, new = tmp_path / "base", tmp_path / "new"
    for number in range(4):
        altered(made, base / str(number), run_id=f"RB{number}")
        altered(made, new / str(number), run_id=f"RN{number}")
    done = harness("compare", base, new, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["method"] | {"by": "runs", "ways": 70} == document["method"]
    assert len(document["base"]) == len(document["new"]) == 4
    several = harness("compare", "--base", base / "0", "--base", base / "1", new / "0", "--format", "json")
    assert [len(json.loads(several.stdout)[side]) for side in ("base", "new")] == [2, 1]


def test_another_load_is_refused_with_a_way_out_and_forced_with_a_warning(
    harness: Harness, made: Made, tmp_path: Path
) -> None:
    other = altered(made, tmp_path / "other", level=25)
    done = harness("compare", made.base, other)
    assert done.returncode == 2
    assert f"{other}: another load: 25 users, not 10. Run it again with --users 10." in done.stderr
    assert "--force" in done.stderr
    for form in ("text", "json", "md", "html", "github"):
        forced = harness("compare", made.base, other, "--force", "--format", form)
        assert forced.returncode == 1
        assert "another load: 25 users, not 10" in " ".join(forced.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "base"), "nowhere: there is no such directory"),
        (("base",), "Name two runs at least"),
        (("base", "base"), "named twice"),
        (("base", "slow", "--tolerance", "lots"), "is no tolerance: write 5%"),
        (("base", "slow", "--tolerance", "cheese=5%"), "names no metric"),
        (("base", "slow", "--confidence", "5"), "a share from 50% to 99.9%"),
        (("base", "slow", "--warm-up", "5"), "a duration such as 10s"),
        (("base", "slow", "--out", "no/such/folder/x", "--format", "md"), "no such file or directory"),
        (("base", "slow", "--warm-up", "5s"), "which is too short"),
    ],
)
def test_wrong_command_lines(harness: Harness, made: Made, arguments: tuple[str, ...], said: str) -> None:
    places = [
        str(made.base if each == "base" else made.slow) if each in ("base", "slow") else each for each in arguments
    ]
    done = harness("compare", *places)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_of_the_same_system_holds_against_its_baseline(made: Made) -> None:
    code, output = made.ended["same"]
    if busy(made.raw / "same"):
        assert "generator was saturated" in " ".join(output.split())
        return
    assert code == 0, output
    assert "PASS  No regression" in output
    assert json.loads((made.raw / "same" / "compare.json").read_text())["verdict"] == "pass"
    assert (made.raw / "same" / "compare.html").read_text().startswith("<!doctype html>")
    summary = json.loads((made.raw / "same" / "summary.json").read_text())
    assert summary["compared"] == {"baseline": "base", "regressions": [], "trouble": ""}
    assert "no worse than the baseline" in output


def test_a_worse_run_does_not(made: Made) -> None:
    code, output = made.ended["slow"]
    if busy(made.raw / "slow"):
        assert "generator was saturated" in " ".join(output.split())
        return
    assert code == 1, output
    assert "FAIL" in output
    document = json.loads((made.raw / "slow" / "compare.json").read_text())
    regressions = {each["metric"] for each in document["differences"] if each["regression"]}
    assert "purchase/checkout.p50" in regressions
    assert "purchase/confirm.error_rate" in regressions
    # Whatever somebody opens says so.
    summary = json.loads((made.raw / "slow" / "summary.json").read_text())
    assert summary["verdict"] == "fail"
    assert len(summary["compared"]["regressions"]) == len(regressions)
    assert output.splitlines()[0].startswith("FAIL  Did not hold")
    assert "Worse than the baseline base: purchase/" in output
    assert (made.raw / "slow" / "summary.md").read_text().splitlines()[0].endswith("did not hold")
    suites = {suite.get("name"): suite for suite in ET.parse(made.raw / "slow" / "junit.xml").getroot()}
    assert suites["comparison"].get("failures") == str(len(regressions))
    assert suites["run"].get("failures") == "1"


def test_an_open_load_whose_guests_outlast_it_is_compared_with_itself(
    harness: Harness, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """What was planned counts, not how long the last guests took."""
    text = SCENARIO.replace("URL", sandbox.url).replace("5ms..15ms", "600ms..700ms")
    load = f"load: {{users: 10, duration: {SECONDS}s}}"
    assert load in text
    (tmp_path / "open.yaml").write_text(text.replace(load, "load: {rate: 5/s, duration: 7s}"), "utf-8")
    assert harness("run", "open.yaml", "--out", "a", "--quiet").returncode == 0
    assert json.loads((tmp_path / "a" / "summary.json").read_text())["duration_s"] > 7 * 1.05
    done = harness("run", "open.yaml", "--out", "b", "--quiet", "--baseline", "a")
    told = done.stdout + done.stderr
    assert "another duration" not in told
    assert "Comparison  b/compare.html" in told or "generator was saturated" in told  # this machine was busy


def test_a_baseline_that_did_not_end_is_told_of_and_not_the_run_to_come(
    harness: Harness, made: Made, tmp_path: Path
) -> None:
    cut = altered(made, tmp_path / "cut", verdict="incomplete")
    done = harness("run", made.scenario, "--baseline", cut)
    assert done.returncode == 2
    assert "incomplete" in done.stderr
    assert "the new run" not in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--baseline", "nowhere"), "--baseline: nowhere: there is no such directory"),
        (("--baseline", "base", "--users", "11"), "the new run: another load: 11 users, not 10"),
        (("--baseline", "base", "--duration", "5s"), f"another duration: 5 s, not {SECONDS} s"),
        (("--baseline", "base", "--tolerance", "some"), "--tolerance: 'some' is no tolerance"),
        (("--baseline", "base", "--set", "journeys.purchase.think=1s"), "another version of the scenario"),
    ],
)
def test_a_baseline_that_is_no_good_is_refused_before_anything_is_sent(
    harness: Harness, made: Made, options: tuple[str, ...], said: str
) -> None:
    places = [str(made.base) if each == "base" else each for each in options]
    # Nobody listens where the scenario's target is: a run that got so far would end with 3.
    done = harness("run", made.scenario, *places)
    assert (done.returncode, "No load was sent." in done.stderr) == (2, True), done.stdout + done.stderr
    assert said in done.stderr


def test_a_history_shows_the_runs_and_marks_what_is_another_load(harness: Harness, made: Made, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    shutil.copytree(made.base, runs / "a")
    altered(made, runs / "b", started="2020-01-01T00:00:00Z", level=25)
    shutil.copytree(made.slow, runs / "c")
    (runs / "d").mkdir()
    (runs / "d" / "summary.json").write_text("{")
    told = harness("history", "runs", "--metric", "checkout.p50", "--metric", "purchase.completed")
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert [line.split()[2] for line in lines if " runs/" in line and line[:2] == "20"] == [
        "runs/b",
        "runs/a",
        "runs/c",
    ]
    assert "≠ another load: 25 users, not 10" in told.stdout
    assert "Left out: runs/d/summary.json" in told.stdout
    document = json.loads(harness("history", "runs", "--metric", "checkout.p50", "--format", "json").stdout)
    assert next(run["comparable"] for run in document["runs"]) is False
    assert len(document["unreadable"]) == 1
    rows = list(csv.DictReader(io.StringIO(harness("history", "runs", "--format", "csv").stdout)))
    summary = json.loads((made.slow / "summary.json").read_text())
    assert float(rows[-1]["throughput"]) == pytest.approx(summary["requests"]["rate"])
    assert float(rows[-1]["p95"]) == pytest.approx(summary["latency"]["p95"])
    assert len(harness("history", "runs", "--last", "1", "--format", "csv").stdout.splitlines()) == 2
    page = harness("history", "runs", "--format", "html")
    assert page.stdout.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((".", "--metric", "p95"), "no finished run in it"),
        (("nowhere",), "there is no such directory"),
        (("RUN", "--metric", "chekout.p95"), "did you mean 'checkout'?"),
        (("RUN", "--metric", "cheese"), "names no metric"),
        (("RUN", "--scenario", "shopp"), "did you mean 'shop'?"),
        (("RUN", "--metric", "nobody.completed"), "no run has a value for it"),
    ],
)
def test_wrong_histories(harness: Harness, made: Made, arguments: tuple[str, ...], said: str) -> None:
    done = harness("history", *(str(made.base) if each == "RUN" else each for each in arguments))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
