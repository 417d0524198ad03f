"""Several processes: the same figures, unique guests and orders, nothing lost and nothing counted twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.distributed.driver import SCENARIO, between, sums_hold
from tests.watching import children_of, stats


@pytest.fixture(scope="module")
def target() -> Iterator[SandboxProcess]:
    with SandboxProcess(SandboxConfig()) as process:
        yield process


def write(folder: Path, url: str, load: str, think: str = "10ms..50ms", seed: int = 1) -> None:
    (folder / "many.yaml").write_text(SCENARIO.format(url=url, load=load, think=think, seed=seed))


def start(folder: Path, *options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "harness", "run", "many.yaml", "--out", "out", "--quiet", *map(str, options)],
        cwd=folder, env={**CLEAN_ENVIRONMENT, "PYTHONPATH": str(ROOT)}, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def ended(process: subprocess.Popen[str], folder: Path) -> tuple[int, dict[str, Any], str]:
    told, _ = process.communicate(timeout=60)
    assert "Traceback" not in told, told
    summary = json.loads((folder / "out/summary.json").read_text())
    sums_hold(summary)
    return process.returncode, summary, told


def agree(summary: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    """Every request arrived once, every order exists once."""
    arrived = between(before, after)
    assert summary["requests"]["sent"] == summary["requests"]["ok"] == arrived
    orders = summary["verification"]["orders"]
    assert orders["expected"] == orders["found"] == after["orders"] - before["orders"] > 0
    guests = summary["verification"]["guests"]
    assert guests["held"] == guests["asked"] > 0


def test_a_closed_load(target: SandboxProcess, tmp_path: Path) -> None:
    write(tmp_path, target.url, "{users: 6, duration: 3s}")
    before = stats(target.url)
    code, summary, told = ended(start(tmp_path, "--processes", 2), tmp_path)
    assert code == 0, told
    agree(summary, before, stats(target.url))
    assert (summary["generator"]["workers"], summary["generator"]["workers_lost"]) == (2, 0)
    (journey,) = summary["journeys"]
    lines = (tmp_path / "out/guests.jsonl").read_text().splitlines()
    emails = [json.loads(line)["email"] for line in lines]
    assert len(set(emails)) == len(emails) > 10, "no guest twice"
    assert {json.loads(line)["guest"] % 1024 for line in lines} == {0, 1}, "from both processes"
    assert journey["started"] == journey["completed"] + journey["left"] + journey["failed"] + journey["unfinished"]


def test_an_open_load_is_dealt_out(target: SandboxProcess, tmp_path: Path) -> None:
    write(tmp_path, target.url, "{rate: 40/s, duration: 3s}", seed=2)
    before = stats(target.url)
    code, summary, told = ended(start(tmp_path, "--processes", 2), tmp_path)
    assert code == 0, told
    agree(summary, before, stats(target.url))
    (journey,) = summary["journeys"]
    assert (journey["started"], journey["dropped"], journey["unfinished"]) == (120, 0, 0)
    rows = (tmp_path / "out/series.csv").read_text().splitlines()[1:]
    assert sum(int(row.split(",")[3]) for row in rows) == summary["requests"]["sent"]


def test_the_iterations_of_users_end_it(target: SandboxProcess, tmp_path: Path) -> None:
    write(tmp_path, target.url, "{users: 4, iterations: 5}", seed=3)
    before = stats(target.url)
    code, summary, told = ended(start(tmp_path, "--processes", 2), tmp_path)
    assert code == 0, told
    assert summary["journeys"][0]["started"] == 20
    agree(summary, before, stats(target.url))


def test_a_killed_worker_is_told_of_and_the_rest_is_right(target: SandboxProcess, tmp_path: Path) -> None:
    write(tmp_path, target.url, "{users: 6, duration: 6s}", seed=4)
    before = stats(target.url)
    process = start(tmp_path, "--processes", 2)
    wait_for_rows(tmp_path, 12)
    victim = children_of(process.pid)[-1]
    os.kill(victim, signal.SIGKILL)
    code, summary, told = ended(process, tmp_path)
    assert code == 4, told
    assert (summary["verdict"], summary["generator"]["workers_lost"]) == ("incomplete", 1)
    assert "1 of 2 workers lost" in " ".join(told.split())
    after = stats(target.url)
    arrived = between(before, after)
    unknown = arrived - summary["requests"]["sent"]
    assert 0 <= unknown <= 3 * 60 * 2, "at most what three users send in two seconds"
    orders = summary["verification"]["orders"]
    assert orders["missing_count"] == orders["duplicated"] == 0


@pytest.mark.parametrize("load", ["{users: 6, duration: 60s}", "{rate: 20/s, duration: 60s}"])
def test_ctrl_c_leaves_a_whole_report(target: SandboxProcess, tmp_path: Path, load: str) -> None:
    write(tmp_path, target.url, load, seed=5)
    before = stats(target.url)
    process = start(tmp_path, "--processes", 2)
    wait_for_rows(tmp_path, 12)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all of them
    code, summary, told = ended(process, tmp_path)
    assert (code, summary["verdict"]) == (130, "interrupted"), told
    assert summary["generator"]["workers_lost"] == 0
    after = stats(target.url)
    arrived = between(before, after)
    assert summary["requests"]["sent"] - summary["requests"]["unfinished"] <= arrived <= summary["requests"]["sent"]


def wait_for_rows(folder: Path, rows: int) -> None:
    ends = time.monotonic() + 30
    series = folder / "out/series.csv"
    while not series.exists() or len(series.read_text().splitlines()) < rows:
        assert time.monotonic() < ends, "the load does not begin"
        time.sleep(0.05)


def test_guests_from_a_file_cannot_be_dealt_out(target: SandboxProcess, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email\nada@example.com\n")
    write(tmp_path, target.url, "{users: 2, iterations: 1}")
    text = (tmp_path / "many.yaml").read_text()
    (tmp_path / "many.yaml").write_text(text.replace("locales: en_GB, returning: 20%, seed: 1", "from: people.csv"))
    process = start(tmp_path, "--processes", 2)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 2, told
    assert "guests from a file, each once, cannot be dealt out to several processes" in told
