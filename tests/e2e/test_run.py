"""Whole runs: real processes, real sockets, a real sandbox."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.watching import children_of, stats, summary_in, wait_for

TRACE = "Traceback"


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_the_shipped_purchase_scenario_holds(harness, tmp_path):
    """The demo, shortened: orders expected = orders found > 0, and every file is there."""
    done = harness("run", ROOT / "scenarios/purchase.yaml", "--target", "sandbox", "--users", 5, "--duration", "6s")
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["verdict"] == "pass"
    orders = summary["verification"]["orders"]
    assert orders["expected"] == orders["found"] > 0
    assert summary["verification"]["revenue"]["expected"] == summary["verification"]["revenue"]["found"]
    assert summary["requests"]["failed"] == 0
    assert summary["requests"]["unfinished"] == 0, "a target that answers gets its time to do so"
    (run,) = tmp_path.glob("runs/*")
    assert {"summary.json", "summary.md", "report.html", "run.log", "junit.xml", "series.csv", "scenario.yaml"} <= {
        path.name for path in run.iterdir()
    }
    for word in ("Throughput", "Error rate", "p50 ms", "p95 ms", "p99 ms", "checkout", "report.html"):
        assert word in done.stdout
    assert run.stat().st_mode & 0o077 == 0, "a run directory is its owner's"
    path = re.search(r"\S+report\.html", done.stdout)
    assert path
    assert (tmp_path / path[0]).is_file()


def test_counts_equal_the_targets_own(harness, write_scenario, tmp_path, sandbox):
    before = stats(sandbox.url)
    done = harness("run", write_scenario(url=sandbox.url, users=4, ends="iterations: 10"))
    assert done.returncode == 0, done.stdout + done.stderr
    after = stats(sandbox.url)
    summary = summary_in(tmp_path)
    by_step = {step["step"]: step["sent"] for step in summary["steps"]}
    assert by_step == dict.fromkeys(["browser id", "browse", "identify", "add", "add 2", "confirm", "checkout"], 40)
    counts = {kind: after["events"][kind] - before["events"].get(kind, 0) for kind in after["events"]}
    grown = {kind: count for kind, count in counts.items() if count}
    assert grown == {"VIEW": 40, "IDENTITY": 40, "ADD": 80, "CONFIRM": 40, "CHECKOUT": 40}
    assert after["orders"] - before["orders"] == 40
    assert after["browsers"] - before["browsers"] == 41, "one for each guest, and one for the look before the load"
    assert summary["journeys"][0]["completed"] == 40
    pounds = float(after["revenue"]["GBP"]) - float(before["revenue"].get("GBP", "0"))
    assert f"{pounds:.2f}" == summary["verification"]["revenue"]["found"]


def test_locusts_own_command_line_does_the_same_run(write_scenario, tmp_path):
    scenario = write_scenario(users=2, ends="iterations: 3")
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "locustfiles/journeys.py"), "--scenario", str(scenario)]
    done = subprocess.run(
        [*command, "--headless", "--csv", "stats"],
        cwd=tmp_path,
        env=CLEAN_ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["requests"]["sent"] == 2 * 3 * 7
    assert summary["verification"]["orders"]["found"] == 6
    table = (tmp_path / "stats_stats.csv").read_text().splitlines()
    counts = {row.split(",")[1]: int(row.split(",")[2]) for row in table[1:]}
    assert counts.pop("Aggregated") == summary["requests"]["sent"]
    assert counts == {f"{step['journey']}/{step['step']}": step["sent"] for step in summary["steps"]}


def test_locusts_options_overrule_the_scenario(write_scenario, tmp_path):
    scenario = write_scenario(users=2, ends="duration: 1h", think="100ms")
    done = subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(ROOT / "locustfiles/journeys.py"), "--headless",
         "-u", "3", "-r", "3", "-t", "2s", "--scenario", str(scenario)],
        cwd=tmp_path, env=CLEAN_ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["level"] == 3
    assert 0 < summary["duration_s"] < 5


def test_an_unknown_point_of_sale_is_found_though_every_reply_is_201(harness, write_scenario, sandbox, tmp_path):
    # The same guests are known already, from a run with the same seed: that must not hide the cause.
    assert harness("run", write_scenario(url=sandbox.url), "--out", "before").returncode == 0
    done = harness("run", write_scenario(url=sandbox.url, pos="no-such-grill"))
    assert done.returncode == 1
    summary = summary_in(tmp_path)
    assert summary["requests"]["failed"] == 0
    assert summary["requests"]["ok"] == summary["requests"]["sent"] == 42
    assert summary["verification"]["orders"]["found"] == 0
    assert len(summary["verification"]["orders"]["missing"]) == 6
    said = "None of the 6 orders exists"
    reason = next(reason for reason in summary["reasons"] if reason.startswith(said))
    assert "wrong point of sale" in reason and "'no-such-grill'" in reason
    assert said in done.stdout


def test_a_target_that_dies_in_mid_run(harness, write_scenario, tmp_path):
    with SandboxProcess(SandboxConfig()) as target:
        scenario = write_scenario(url=target.url, users=3, ends="duration: 6s", think="50ms")
        running = subprocess.Popen(
            [sys.executable, "-m", "harness", "run", str(scenario)],
            cwd=tmp_path, env=CLEAN_ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        wait_for(lambda: stats(target.url)["orders"] > 2)
        os.kill(target.pid, signal.SIGKILL)
        out, err = running.communicate(timeout=40)
    assert running.returncode == 1, out + err
    assert TRACE not in out + err
    summary = summary_in(tmp_path)
    assert summary["verdict"] == "fail"
    assert {error["kind"] for error in summary["errors"]} == {"connection"}
    assert sum(error["count"] for error in summary["errors"]) == summary["requests"]["failed"] > 0
    (samples,) = tmp_path.glob("runs/*/failures.jsonl")
    assert json.loads(samples.read_text().splitlines()[0])["kind"] == "connection"
    assert summary["requests"]["failed"] < 100, "a dead target is not hammered"


def test_a_target_that_is_not_there(harness, write_scenario, tmp_path):
    done = harness("run", write_scenario(url="http://127.0.0.1:9"))
    assert done.returncode == 3
    assert done.stderr == "error: http://127.0.0.1:9 cannot be reached: connection refused\nNo load was sent.\n"
    assert not (tmp_path / "runs").exists()


def test_a_wrong_client_key(harness, write_scenario, sandbox):
    path = write_scenario(url=sandbox.url)
    path.write_text(path.read_text().replace("client_key: sandbox", "client_key: wrong"))
    done = harness("run", path)
    assert done.returncode == 3
    assert "refuses the client key (401)" in done.stderr


@pytest.mark.parametrize("host", ["http://192.0.2.1:9", "https://example.com"])
def test_load_goes_nowhere_without_leave(harness, write_scenario, host):
    done = harness("run", write_scenario(url=host))
    assert done.returncode == 3
    assert "--allow-host" in done.stderr
    assert "No load was sent" in done.stderr


def test_production_needs_a_word(harness, write_scenario, sandbox):
    path = write_scenario(url=sandbox.url)
    path.write_text(path.read_text().replace("target:\n", "target:\n  environment: production\n"))
    done = harness("run", path)
    assert done.returncode == 3
    assert "--allow-production" in done.stderr
    assert harness("run", path, "--allow-production").returncode == 0


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupted_runs_report_what_ran_and_leave_nothing_behind(name, write_scenario, tmp_path):
    scenario = write_scenario(users=3, ends="duration: 10m", think="100ms")
    running = subprocess.Popen(
        [sys.executable, "-m", "harness", "run", str(scenario)],
        cwd=tmp_path, env=CLEAN_ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: any(len(f.read_text().splitlines()) > 10 for f in tmp_path.glob("runs/*/series.csv")))
    left = children_of(running.pid)
    assert left, "the embedded sandbox is a process of its own"
    running.send_signal(getattr(signal, name))
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, out + err
    assert TRACE not in out + err
    summary = summary_in(tmp_path)
    assert summary["verdict"] == "interrupted"
    assert summary["verification"]["orders"]["expected"] == summary["verification"]["orders"]["found"]
    assert "Interrupted after" in out
    assert err == "" or err.isspace(), err
    wait_for(lambda: all(gone(pid) for pid in left), 5)


def test_the_sandbox_goes_when_the_run_is_killed(write_scenario, tmp_path):
    scenario = write_scenario(users=1, ends="duration: 10m", think="100ms")
    running = subprocess.Popen(
        [sys.executable, "-m", "harness", "run", str(scenario), "--quiet"], cwd=tmp_path, env=CLEAN_ENVIRONMENT
    )
    wait_for(lambda: any(len(f.read_text().splitlines()) > 5 for f in tmp_path.glob("runs/*/series.csv")))
    left = children_of(running.pid)
    running.kill()
    running.wait(10)
    wait_for(lambda: all(gone(pid) for pid in left), 5)


def test_secrets_are_nowhere_in_what_a_run_leaves(harness, write_scenario, tmp_path):
    config = SandboxConfig(client_key="key-VERY-secret-1/2", api_token="token-VERY-secret-3")
    with SandboxProcess(config) as target:
        path = write_scenario(url=target.url, ends="iterations: 1", pos="no-such-grill")
        text = path.read_text().replace("client_key: sandbox", "client_key: ${KEY}")
        path.write_text(
            text.replace("api_token: sandbox", "api_token: ${TOKEN}").replace("status: 201}", "status: 299}")
        )
        done = harness("run", path, KEY=config.client_key, TOKEN=config.api_token)
    assert done.returncode == 1
    left = [p for p in tmp_path.rglob("*") if p.is_file() and p != path]
    assert any(p.name == "failures.jsonl" and p.stat().st_size for p in left)
    for text in (done.stdout, done.stderr, *(p.read_bytes().decode("latin-1") for p in left)):
        assert "VERY-secret" not in text


def test_the_same_seed_sends_the_same_guests(harness, write_scenario, sandbox):
    """Two runs with one seed: the second run's guests are known already."""
    path = write_scenario(url=sandbox.url, users=1, ends="iterations: 5")
    assert harness("run", path, "--seed", 99, "--quiet").returncode == 0
    before = stats(sandbox.url)
    assert harness("run", path, "--seed", 99, "--quiet").returncode == 0
    after = stats(sandbox.url)
    assert after["orders"] - before["orders"] == 5
    assert after["guests"] == before["guests"]


def test_the_out_option_and_a_directory_that_cannot_be(harness, write_scenario, tmp_path):
    path = write_scenario(users=1, ends="iterations: 1")
    assert harness("run", path, "--out", tmp_path / "here/it is").returncode == 0
    assert (tmp_path / "here/it is/summary.json").is_file()
    (tmp_path / "file").write_text("")
    done = harness("run", path, "--out", tmp_path / "file/below")
    assert done.returncode == 2
    assert "the run directory cannot be made" in done.stderr
    assert TRACE not in done.stderr
