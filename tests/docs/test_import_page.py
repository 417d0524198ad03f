"""docs/import.md: its commands run, one after the other, and the summary is what the command prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.importer import assemble, files
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PAGE = (ROOT / "docs" / "import.md").read_text("utf-8")
SCRIPT = "".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S))


@pytest.mark.timeout(300)
def test_the_commands_run_and_the_summary_is_as_shown(tmp_path: Path, sandbox: SandboxProcess) -> None:
    for file in (ROOT / "tests" / "corpus" / "import").iterdir():
        shutil.copy(file, tmp_path)
    # Its point of sale is not the sandbox's; an embedded one knows it.
    script = SCRIPT.replace("http://127.0.0.1:8099", sandbox.url)
    environment = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-e"], input=script, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    shown = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    assert len(shown) == 2
    for each in shown:
        assert each in done.stderr
    assert "exit code 2" in done.stdout
    assert "Held: 1 path" in done.stdout
    assert "me:secret" not in done.stdout


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"{files.LARGEST >> 20} MiB of JSON" in PAGE
    assert f"{files.LARGEST_TEXT >> 20} MiB of YAML" in PAGE
    assert f"{files.DEEPEST} levels and {assemble.MOST_CALLS:,} requests" in PAGE
