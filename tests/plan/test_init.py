"""``harness init``: a scenario to start from, that is right and runs."""

from __future__ import annotations

import shlex

import pytest


def test_the_three_commands_it_prints_work(harness, tmp_path):
    done = harness("init", "my tests")
    assert done.returncode == 0, done.stderr
    lines = [line.split("  #")[0].strip() for line in done.stdout.splitlines() if line.startswith("  harness ")]
    assert [line.split()[1] for line in lines] == ["check", "plan", "run"]
    for line in lines:
        command = shlex.split(line)[1:]
        if command[0] == "run":
            command += ["--duration", "2s", "--quiet"]
        ran = harness(*command)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert harness("check", "my tests/scenario.yaml", "--strict").stdout == "my tests/scenario.yaml: ok\n"
    text = (tmp_path / "my tests/scenario.yaml").read_text("utf-8")
    assert text.count("#") > 10, "it is commented"


def test_every_load_of_it_is_planned(harness):
    harness("init")
    for load in ("smoke", "rush"):
        assert harness("plan", "scenario.yaml", "--load", load, "--guests", 100).returncode == 0


@pytest.mark.parametrize("name", ["scenario.yaml", "harness.yaml"])
def test_nothing_is_overwritten(harness, tmp_path, name):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / name).write_text("mine")
    done = harness("init", folder)
    assert done.returncode == 2
    assert f"{name} is there already" in done.stderr
    assert (folder / name).read_text() == "mine"
    assert [path.name for path in folder.iterdir()] == [name]


def test_where_nothing_can_be_written(harness, tmp_path):
    (tmp_path / "file").write_text("")
    done = harness("init", "file/below")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
