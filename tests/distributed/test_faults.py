"""Workers that die, stand still, are cut off, come late: what they told counts once, and what is missing is said."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.distributed.driver import Load
from tests.watching import stats

CLOSED = "{{users: 6, duration: {}s}}"
OPEN = "{{rate: 30/s, duration: {}s}}"


@pytest.fixture(scope="module")
def target() -> Iterator[SandboxProcess]:
    with SandboxProcess(SandboxConfig()) as process:
        yield process


def agree(load: Load, summary: dict[str, Any]) -> None:
    """Every request arrived and is counted once, every order exists once, nobody is there twice."""
    assert summary["requests"]["sent"] == load.arrived()
    agree_in_orders(load, summary)


def agree_in_orders(load: Load, summary: dict[str, Any]) -> None:
    orders = summary["verification"]["orders"]
    assert orders["missing_count"] == orders["duplicated"] == orders["unexpected"] == 0
    assert orders["found"] > 0
    emails = [json.loads(line)["email"] for line in (load.out / "guests.jsonl").read_text("utf-8").splitlines()]
    assert len(set(emails)) == len(emails)


@pytest.mark.parametrize("text", [CLOSED, OPEN], ids=["closed", "open"])
def test_a_worker_that_stands_still_comes_back(target: SandboxProcess, tmp_path: Path, text: str) -> None:
    with Load(tmp_path, target.url, text.format(11)) as load:
        load.start(2)
        load.wait_for_seconds(1)
        load.signal(0, signal.SIGSTOP)
        time.sleep(6)
        load.signal(0, signal.SIGCONT)
        code, summary, told = load.ended()
        assert summary["generator"]["workers_lost"] == 0, told
        agree(load, summary)
        assert code == 0, told
        assert summary["generator"]["saturated"]
        if text is OPEN:
            assert summary["journeys"][0]["started"] == 330, (
                "those of its share who were due before others took over came late"
            )


@pytest.mark.parametrize("text", [CLOSED, OPEN], ids=["closed", "open"])
@pytest.mark.parametrize("harm", ["stall", "cut"])
def test_what_a_broken_wire_swallows_is_told_again(
    target: SandboxProcess, tmp_path: Path, text: str, harm: str
) -> None:
    with Load(tmp_path, target.url, text.format(9)) as load:
        load.start(2, wired=True)
        load.wait_for_seconds(1)
        wire = load.wires[0]
        wire.stall()
        time.sleep(2 if harm == "cut" else 5)
        if harm == "cut":
            wire.cut()  # with all that was on its way
        wire.go_on()
        code, summary, told = load.ended()
        assert summary["generator"]["workers_lost"] == 0, told
        agree(load, summary)
        assert code == 0, told
        if text is OPEN:
            assert summary["journeys"][0]["started"] == 270


def test_a_load_that_no_worker_is_heard_of_ends_and_says_so(target: SandboxProcess, tmp_path: Path) -> None:
    with Load(tmp_path, target.url, CLOSED.format(60)) as load:
        load.start(1, wired=True)
        load.wait_for_seconds(1)
        load.wires[0].stall()
        time.sleep(8)
        load.wires[0].go_on()
        code, summary, told = load.ended()
        assert code == 4
        assert "because no worker was heard of" in told
        assert summary["duration_s"] < 30
        agree(load, summary)


def test_a_killed_worker_s_share_goes_to_the_others(target: SandboxProcess, tmp_path: Path) -> None:
    with Load(tmp_path, target.url, OPEN.format(10)) as load:
        load.start(3)
        load.wait_for_seconds(1)
        load.signal(1, signal.SIGKILL)
        code, summary, told = load.ended()
        assert (code, summary["verdict"], summary["generator"]["workers_lost"]) == (4, "incomplete", 1)
        assert "1 of 3 workers lost (number" in told
        sent, unknown = summary["requests"]["sent"], summary["generator"]["unknown"]
        assert f"perhaps {unknown:,} requests" in told
        assert sent <= load.arrived() <= sent + unknown
        agree_in_orders(load, summary)
        rows = (load.out / "load.csv").read_text("utf-8").splitlines()
        assert len(rows) > 8
        started = summary["journeys"][0]["started"]
        assert f"{300 - started} of 300 guests never came" in told
        assert started >= 300 - 10 * 6, "a third of the guests of six seconds at most"


@pytest.mark.parametrize("text", [CLOSED, OPEN], ids=["closed", "open"])
def test_a_worker_that_comes_late_takes_its_share(target: SandboxProcess, tmp_path: Path, text: str) -> None:
    with Load(tmp_path, target.url, text.format(7)) as load:
        load.start(1)
        load.wait_for_seconds(1)
        load.join()
        code, summary, told = load.ended()
        assert code == 0, told
        assert summary["generator"]["workers"] == 2
        agree(load, summary)
        if text is OPEN:
            assert summary["journeys"][0]["started"] == 210
        lines = (load.out / "guests.jsonl").read_text("utf-8").splitlines()
        assert {json.loads(line)["guest"] % 1024 for line in lines} == {0, 1}, "from both"


def test_workers_stop_when_their_master_is_gone_and_its_report_can_be_made(
    target: SandboxProcess, tmp_path: Path, harness: Any
) -> None:
    with Load(tmp_path, target.url, OPEN.format(60)) as load:
        load.start(1)
        load.wait_for_seconds(2)
        load.master.kill()
        time.sleep(5)  # a worker lets guests in for three seconds without a word, and theirs take one
        quiet = stats(target.url)
        time.sleep(1)
        assert stats(target.url)["events"] == quiet["events"]
        done = harness("report", load.out)
        assert done.returncode in (0, 1, 4), done.stdout + done.stderr
        summary = json.loads((load.out / "summary.json").read_text("utf-8"))
        assert summary["verdict"] == "incomplete"
        assert summary["requests"]["sent"] > 0


def test_forked_workers_do_not_outlive_their_master(target: SandboxProcess, tmp_path: Path) -> None:
    with Load(tmp_path, target.url, CLOSED.format(60)) as load:
        load.master = load._process("many.yaml", "--out", "out", "--quiet", "--processes", 2)
        load.wait_for_seconds(1)
        children = Path(f"/proc/{load.master.pid}/task/{load.master.pid}/children").read_text("utf-8").split()
        assert len(children) >= 2
        load.master.kill()
        ends = time.monotonic() + 15
        while any(_lives(pid) for pid in children) and time.monotonic() < ends:
            time.sleep(0.1)
        assert not any(_lives(pid) for pid in children)


def _lives(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").split(") ")[1][0] != "Z"
    except OSError:
        return False


def test_who_does_not_fit_takes_no_part(target: SandboxProcess, tmp_path: Path) -> None:
    with Load(tmp_path, target.url, CLOSED.format(4)) as load:
        other = tmp_path / "bare"
        other.mkdir()
        text = (tmp_path / "many.yaml").read_text("utf-8")
        (other / "other.yaml").write_text(text.replace("50ms", "60ms"), "utf-8")
        load.start(1, options=("--expect-workers", 2))
        load.join("other.yaml")
        code, summary, told = load.ended()
        assert code == 4
        assert "did not take part: its scenario or options are not those of the master" in told
        agree(load, summary)


def test_a_slow_worker_is_said_to_be_slow(target: SandboxProcess, tmp_path: Path) -> None:
    with Load(tmp_path, target.url, OPEN.format(5), think="0s") as load:
        load.start(2)
        load.wait_for_seconds(1)
        ends = time.monotonic() + 2.5
        while time.monotonic() < ends:  # it has the processor for a fifth of the time
            load.signal(0, signal.SIGSTOP)
            time.sleep(0.2)
            load.signal(0, signal.SIGCONT)
            time.sleep(0.05)
        code, summary, told = load.ended()
        assert code == 0, told
        assert summary["generator"]["saturated"]
        assert summary["journeys"][0]["started"] == 150
        agree(load, summary)
