"""docs/validate.md: its commands run, its output is what they print, its causes are those of the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT, LEAN_PYTEST, ROOT

PAGE = (ROOT / "docs" / "validate.md").read_text("utf-8")
SHELL = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]
SANDBOX = "harness sandbox --port 8099"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reader")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
    (made / "shop.yaml").write_text(shown, "utf-8")
    return made


@pytest.fixture(scope="module")
def port() -> Iterator[str]:
    """The page's own sandbox, on a port that is free."""
    with SandboxProcess(SandboxConfig()) as process:
        yield process.url.rpartition(":")[2]


def run(line: str, folder: Path, port: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**CLEAN_ENVIRONMENT, "PATH": path, "PYTEST_ADDOPTS": f"-p no:cacheprovider {LEAN_PYTEST}"}
    line = line.replace(":8099", f":{port}")
    if "gril " in line:
        line += " --wait 200ms"
    return subprocess.run(
        line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def plain(text: str) -> list[str]:
    """Lines without what is another each time: numbers, times, names of people."""
    text = re.sub(r"V[0-9A-Z]{6}(-\w+)?", "RUN", text)
    text = re.sub(r"[\w.]+\.[\w-]+@example\.com", "SOMEBODY", text)
    text = re.sub(r"\d[\d,.]*", "0", text)
    return [
        re.sub(r" +", " ", line).replace("0 item,", "0 items,").strip() for line in text.splitlines() if line.strip()
    ]


@pytest.mark.parametrize("line", [line for line in SHELL if line != SANDBOX])
def test_a_command_runs_and_prints_what_is_shown(line: str, folder: Path, port: str) -> None:
    done = run(line, folder, port)
    assert done.returncode == (1 if "gril " in line else 0), done.stdout + done.stderr
    after = PAGE.partition(line + "\n")[2]
    shown = re.match(r"```\n\n```text\n(.*?)^```", after, re.S | re.M)
    if shown is None:
        return
    printed = plain(done.stdout)
    place = 0
    for wanted in plain(shown[1]):
        if wanted == "…":
            continue
        assert wanted in printed[place:], f"{wanted}\n\n{done.stdout}"
        place += printed[place:].index(wanted) + 1


def test_every_cause_stands_in_the_table() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "harness" / "verify").glob("*.py"))
    shown = set(re.findall(r"\| `([a-z_]+)` \|$", PAGE, re.M)) - {"cause"}
    assert set(re.findall(r'Cause\(\s*"([a-z_]+)"', source)) <= shown
    assert {kind for kind in shown if f'"{kind}"' not in source} == set()
