"""docs/tutorial.md: its commands run as a script, and what it shows is what the reader gets to see."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.run import free_port
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")


def told(text: str) -> str:
    """Without what differs from run to run: times, addresses, the runs' own names, the width of columns."""
    for pattern, instead in (
        (r"[\d.]+ (ms|s)\b", r"N \1"), (r"\b[VR][0-9A-Z]{6}\b", "RUN"), (r" +", " "), (r"Error rate 0%.*", "Error rate 0%")
    ):  # fmt: skip
        text = re.sub(pattern, instead, text)
    return text


@pytest.mark.timeout(240)
def test_the_reader_finds_the_fault(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "tutorial", tmp_path / "examples" / "tutorial")
    tool = [sys.executable, str(ROOT / "tools" / "tutorial.py"), "--installed", "--port", str(free_port())]
    script = subprocess.run(tool, capture_output=True, text=True, check=True).stdout
    assert "git clone" not in script
    environment = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh"], input=script, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen = told(done.stdout + done.stderr)
    shown = "".join(re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)).splitlines()
    assert [line for line in shown if line != "…" and told(line).strip() not in seen] == [], seen
    assert seen.count("exit code 1") == shown.count("exit code 1")
    for name, lost in (("before", False), ("after", True), ("mended", False)):
        summary = (tmp_path / "runs" / name / "summary.json").read_text("utf-8")
        assert ('"verdict": "fail"' in summary) == lost
        assert re.search(r'"failed": 0,\s+"unfinished": 0', summary), "no request failed, with the fault or without"


def test_the_script_begins_with_a_clone() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "tutorial.py"), "/some where/else"]
    script = subprocess.run(tool, capture_output=True, text=True, check=True).stdout
    assert script.startswith("set -eu\nHARNESS_REPOSITORY='/some where/else'\ngit clone ")
    assert "pip install" in script
