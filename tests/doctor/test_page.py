"""What docs/doctor.md shows works, and it names every look."""

from __future__ import annotations

import re
import shlex

import pytest
from click.testing import CliRunner

from harness.cli.main import cli
from harness.run import doctor_target
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "doctor.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_run(line, monkeypatch):
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(cli, shlex.split(line)[1:])
    assert done.exit_code == 0, done.output


def test_every_look_is_explained():
    names = [doctor_target.TLS, doctor_target.REACH, doctor_target.CLOCK, doctor_target.KEY, doctor_target.TOKEN]
    for name in (*names, doctor_target.POS, doctor_target.LEAVE, "versions", "file limit, ports, cores, memory, disk"):
        assert f"| {name} |" in PAGE


def test_the_example_shows_looks_that_there_are():
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    rows = {name for row in re.findall(r"^\| ([^|]+) \| ", PAGE, re.M) for name in row.split(", ")}
    names = [name.strip() for name in re.findall(r"^  [✓✗–] (.{14})", shown, re.M)]
    assert len(names) == shown.count("✓") + shown.count("✗")
    assert set(names) <= rows
