"""The disk fills, its directory goes, or may not be written: the load goes on, and its report is kept where it can be."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from harness.run import reserve
from harness.sandbox.process import SandboxProcess
from tests.faults.confined import minding_modes, small_disk
from tests.faults.running import Ended, Running, arrived, no_partial_files
from tests.watching import wait_for

FULL = "the run directory could not be written: no space left on device"
FORMS = {"summary.json", "summary.md", "report.html", "junit.xml"}
LOAD = "{users: 3, duration: 2s}"


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


def inside(run: Running, disk: Path) -> Path:
    """The disk as its run sees it."""
    return Path(f"/proc/{run.process.pid}/root{disk}")


def kept(run: Running, folder: Path, sandbox: SandboxProcess, before: int) -> Ended:
    """The report of the run is that of the whole load."""
    ended = run.end(folder).check(4, "incomplete")
    ended.count(arrived(sandbox.url) - before - 1)
    orders = ended.summary["verification"]["orders"]
    assert orders["expected"] == orders["found"]
    assert {path.name for path in folder.iterdir()} >= FORMS
    assert no_partial_files(folder)
    return ended


def test_full_at_the_start(sandbox: SandboxProcess, tmp_path: Path, disk: Path) -> None:
    before = arrived(sandbox.url)
    run = Running(tmp_path, sandbox.url, LOAD, out="disk/out", before=small_disk(disk, f"size={reserve.SIZE // 2}"))
    ended = run.end()
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "error: the run directory cannot be made: no space left on device\nNo load was sent.\n"
    assert arrived(sandbox.url) - before == 1


def test_full_in_mid_run(sandbox: SandboxProcess, tmp_path: Path, disk: Path) -> None:
    """All is there in the end: the room that was held takes it."""
    before = arrived(sandbox.url)
    keep = ["sh", "-c", f'"$@"; code=$?; cp -r "{disk}/out" "{tmp_path}/kept"; exit $code', "sh"]
    run = Running(
        tmp_path, sandbox.url, LOAD, "--quiet", out="disk/out",
        before=[*small_disk(disk, f"size={reserve.SIZE * 2}"), *keep],
    )  # fmt: skip
    run.out = inside(run, disk) / "out"
    run.seconds(1)
    with (inside(run, disk) / "fill").open("wb", buffering=0) as fill, pytest.raises(OSError, match="No space"):
        while True:
            assert fill.write(bytes(4096))
    ended = kept(run, tmp_path / "kept", sandbox, before)
    assert f"Incomplete: {FULL}" in ended.out
    with (tmp_path / "kept/series.csv").open() as file:
        assert sum(int(row["sent"]) for row in csv.DictReader(file)) == ended.summary["requests"]["sent"]
    assert {"ledger.bin", "guests.jsonl", "stories.jsonl", "histograms.json", "scenario.yaml"} <= {
        path.name for path in (tmp_path / "kept").iterdir()
    }


def test_full_when_the_report_is_written(sandbox: SandboxProcess, tmp_path: Path, disk: Path) -> None:
    """There are no more files to be had there, and so the report lies elsewhere."""
    before = arrived(sandbox.url)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = Running(
        tmp_path, sandbox.url, LOAD, "--quiet", out="disk/out", environment={"TMPDIR": str(elsewhere)},
        before=small_disk(disk, f"size={reserve.SIZE * 2},nr_inodes=8"),
    )  # fmt: skip
    run.process.wait(60)
    (folder,) = elsewhere.glob("harness-*")
    ended = kept(run, folder, sandbox, before)
    assert f"Report  {folder}/report.html" in ended.out
    assert folder.stat().st_mode & 0o077 == 0, "a report is its owner's"


def test_a_directory_that_may_not_be_written(sandbox: SandboxProcess, tmp_path: Path, disk: Path) -> None:
    disk.chmod(0o500)
    run = Running(tmp_path, sandbox.url, LOAD, out="disk/out", before=minding_modes())
    ended = run.end()
    disk.chmod(0o700)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "error: the run directory cannot be made: disk/out: permission denied\nNo load was sent.\n"


def test_a_directory_that_may_not_be_written_any_more(sandbox: SandboxProcess, tmp_path: Path) -> None:
    before = arrived(sandbox.url)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = Running(
        tmp_path, sandbox.url, LOAD, "--quiet", before=minding_modes(), environment={"TMPDIR": str(elsewhere)}
    )
    run.seconds(1)
    run.out.chmod(0o500)
    run.process.wait(60)
    run.out.chmod(0o700)
    (folder,) = elsewhere.glob("harness-*")
    ended = kept(run, folder, sandbox, before)
    assert "permission denied" in ended.out
    assert not (run.out / "summary.json").exists()
    assert {path.name for path in run.out.iterdir()} >= {"series.csv", "load.csv", "run.json"}, (
        "what harness report needs"
    )


def test_a_directory_that_is_removed(sandbox: SandboxProcess, tmp_path: Path) -> None:
    before = arrived(sandbox.url)
    run = Running(tmp_path, sandbox.url, LOAD, "--quiet")
    run.seconds(1)
    wait_for(lambda: shutil.rmtree(run.out, ignore_errors=True) or not run.out.exists())  # it may write in between
    ended = kept(run, run.out, sandbox, before)
    assert "Incomplete: the run directory was removed while the run went on" in ended.out
    with (run.out / "series.csv").open() as file:
        assert sum(int(row["sent"]) for row in csv.DictReader(file)) == ended.summary["requests"]["sent"]
