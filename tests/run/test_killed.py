"""A run that is killed: its report can still be made, and says what is missing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from harness.report import series_csv
from harness.report.summary_json import to_json
from harness.run.recover import recover
from harness.run.run_files import RunDirError
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT
from tests.report.conftest import empty, passing

Harness = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a run that was killed when it had written three seconds."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "shop.yaml").write_text(
        "scenario: shop\n"
        "target: {url: sandbox, client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}\n"
        "defaults: {channel: WEB, language: EN, currency: GBP, page: home page}\n"
        "journeys:\n  look:\n    think: 0.1s\n    steps:\n      - browse: home page\n"
        "      - browse: nowhere\n        expect: {status: 299}\n"
        "load: {users: 3, duration: 60s}\n",
        "utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "run", "shop.yaml", "--out", "out", "--quiet", "--seed", "5"],
        cwd=folder,
        env=CLEAN_ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    load = folder / "out" / "load.csv"
    until = time.monotonic() + 60
    while not (load.is_file() and load.read_text("utf-8").count("\n") >= 4):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return folder / "out"


def test_the_report_of_a_killed_run(killed: Path, harness: Harness, tmp_path: Path) -> None:
    assert not (killed / "summary.json").exists()
    done = harness("report", killed, "--out", tmp_path / "made", "--format", "text,html,json,junit,md,csv")
    assert done.returncode == 4, done.stderr
    assert "did not come to its end" in done.stdout
    assert "Not known" in done.stdout
    assert "Traceback" not in done.stderr
    told = json.loads((tmp_path / "made" / "summary.json").read_text("utf-8"))
    rows = series_csv.read((killed / "series.csv").read_text("utf-8"))
    assert told["verdict"] == "incomplete"
    assert told["seed"] == 5
    assert told["requests"]["sent"] == sum(row.sent for row in rows) > 0
    assert told["requests"]["failed"] == sum(row.failed for row in rows) > 0
    assert told["duration_s"] >= 3
    for step in told["steps"]:
        assert step["sent"] == step["ok"] + step["failed"] + step["unfinished"]
    assert [level for _, level in told["load"]["achieved"]][-1] == 3
    page = (tmp_path / "made" / "report.html").read_text("utf-8")
    assert "Latency, slowest step" in page
    assert "HTTP status: 201" in page
    assert "scenario: shop" in page
    assert "--seed 5" in page


def copied(killed: Path, to: Path) -> Path:
    to.mkdir()
    for file in killed.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    return to


def test_files_that_were_cut_off_anywhere_are_read_as_far_as_they_go(killed: Path, tmp_path: Path) -> None:
    whole = recover(killed)
    text = {name: (killed / name).read_bytes() for name in ("series.csv", "load.csv", "failures.jsonl")}
    folder = copied(killed, tmp_path / "cut")
    for share in (0.0, 0.1, 0.37, 0.5, 0.77, 0.999):
        for name, bytes_ in text.items():
            (folder / name).write_bytes(bytes_[: int(len(bytes_) * share)])
        made = recover(folder)
        assert made.requests.sent <= whole.requests.sent
        assert made.verdict == "incomplete"
        assert {row.second for row in made.series} <= {row.second for row in whole.series}


def test_without_those_files_there_is_a_report_all_the_same(killed: Path, tmp_path: Path) -> None:
    folder = copied(killed, tmp_path / "bare")
    for name in ("series.csv", "load.csv", "failures.jsonl", "scenario.yaml"):
        (folder / name).unlink()
    assert recover(folder).requests.sent == 0
    (folder / "run.json").write_text("{", "utf-8")
    with pytest.raises(RunDirError, match=r"run\.json cannot be read"):
        recover(folder)


def test_a_run_that_is_killed_while_orders_are_read_back_has_all_figures_of_its_load(
    harness: Harness, tmp_path: Path
) -> None:
    with SandboxProcess(SandboxConfig()) as sandbox:
        (tmp_path / "shop.yaml").write_text(
            "scenario: shop\n"
            f"target: {{url: '{sandbox.url}', client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}}\n"
            "defaults: {channel: WEB, language: EN, currency: GBP, page: home page}\n"
            "catalog: [{item_id: A, type: SHOES, name: A, price: 10.00}]\n"
            "journeys:\n  buy:\n    steps: [browse: home page, identify, add: any, confirm, checkout: {status: PURCHASED}]\n"
            "load: {users: 2, iterations: 3}\n"
            "verify: {wait: 60s}\n",
            "utf-8",
        )
        requests.put(f"{sandbox.url}/_sandbox/faults", json={"drop": 1}, timeout=10).raise_for_status()
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", "run", "shop.yaml", "--out", "out", "--quiet"],
            cwd=tmp_path,
            env=CLEAN_ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        begun = tmp_path / "out" / "run.json"
        until = time.monotonic() + 60
        while not (begun.is_file() and json.loads(begun.read_text("utf-8"))["requests"]["sent"]):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        requests.delete(f"{sandbox.url}/_sandbox/faults", timeout=10).raise_for_status()
        shutil.copytree(tmp_path / "out", tmp_path / "verified")
        goes_on = harness(
            "verify", tmp_path / "verified", "--set", "verify.wait=0s", "--set", "target.api_token=sandbox"
        )
        assert goes_on.returncode == 1, goes_on.stdout + goes_on.stderr
        assert "0 of 6" in goes_on.stdout
        assert harness("report", tmp_path / "verified").returncode == 0
    for _ in range(2):  # the second time there is a summary.json, of the report itself
        done = harness("report", tmp_path / "out")
        assert done.returncode == 4, done.stderr
        assert "was not read back" in " ".join(done.stdout.split())
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert told["verdict"] == "incomplete"
    assert told["requests"]["ok"] == 36
    assert told["latency"]["p95"] > 0
    assert [step["went_on"] for step in told["funnel"]] == [6] * 6


def test_a_run_that_was_killed_when_its_summary_was_there_is_a_run_that_ended(harness: Harness, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "run.json").write_text(to_json(replace(passing(), requests=empty().requests)), "utf-8")
    (folder / "summary.json").write_text(to_json(passing()), "utf-8")
    done = harness("report", folder)
    assert done.returncode == 0, done.stderr
    assert "Held: 3 of 3 thresholds" in done.stdout
