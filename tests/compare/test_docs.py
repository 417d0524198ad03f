"""What docs/comparing.md shows works: its commands run, its example reads as the command prints it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.report import compare_words
from tests.compare.conftest import Made
from tests.compare.test_command import altered
from tests.compare.test_forms import difference
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PAGE = (ROOT / "docs" / "comparing.md").read_text("utf-8")
LINES = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]


@pytest.fixture(scope="module")
def reader(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the reader of the page has it."""
    folder = tmp_path_factory.mktemp("reader")
    shutil.copy(made.scenario, folder / "shop.yaml")
    for name in ("monday", "tuesday", "old/1", "old/2", "new/1", "new/2"):
        altered(made, folder / "runs" / name, run_id=name)
    shutil.copytree(made.base, folder / "runs" / "monday", dirs_exist_ok=True)
    shutil.copytree(made.slow, folder / "runs" / "today")
    return folder


@pytest.mark.parametrize("line", LINES)
def test_commands_run(line: str, reader: Path) -> None:
    environment = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        line, shell=True, cwd=reader, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    # A load gets as far as its target, where nobody listens; comparisons with today's run find what is wrong with it.
    expected = 3 if line.startswith("harness run") else 1 if "runs/today" in line else 0
    assert done.returncode == expected, done.stdout + done.stderr
    if "--out" in line:
        assert (reader / line.rsplit(maxsplit=1)[-1]).stat().st_size > 200


def test_the_example_reads_like_the_output() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    sentence = compare_words.sentence(difference("p95", 31.2, 35.0, 0.10, 0.15)).removeprefix("buy/pay")
    assert f"  - purchase/checkout{sentence}" in shown


def test_every_option_and_exit_code_is_told(harness) -> None:  # type: ignore[no-untyped-def]
    for command in ("compare", "history"):
        options = set(re.findall(r"^  (--[a-z-]+)", harness(command, "--help").stdout, re.M)) - {"--help"}
        assert {option for option in options if option not in PAGE} == set()
