"""What docs/reading-a-report.md shows works, and the files it names are those that a run leaves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PAGE = (ROOT / "docs" / "reading-a-report.md").read_text("utf-8")
SCENARIO = """\
scenario: shop
target: {url: sandbox, client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}
defaults: {channel: WEB, language: EN, currency: GBP, page: home page}
journeys:
  look:
    think: 0.2s
    steps:
      - browse: home page
load: {users: 2, duration: 2s}
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reader")
    (folder / "shop.yaml").write_text(SCENARIO, "utf-8")
    done = shell("harness run shop.yaml --out runs/shop --quiet", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_files_named_are_those_of_a_run(folder: Path) -> None:
    table = set(re.findall(r"^\| `([\w.]+)` \|", PAGE, re.M))
    others = set(re.findall(r"`([\w.]+)`", PAGE.split("\nOthers (")[1].split(")")[0]))
    assert {file.name for file in (folder / "runs" / "shop").iterdir()} == table | others


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines()])
def test_commands_run(line: str, folder: Path) -> None:
    done = shell(line, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_library_works_as_shown(folder: Path) -> None:
    (code,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=CLEAN_ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pass ")
    assert "### Steps" in done.stdout


def test_rendered_again_a_report_is_the_same_to_the_byte(folder: Path) -> None:
    done = shell("harness report runs/shop --format html,md,junit,json,csv --out again", folder)
    assert done.returncode == 0, done.stderr
    for name in ("report.html", "summary.md", "junit.xml", "summary.json", "series.csv"):
        assert (folder / "again" / name).read_bytes() == (folder / "runs" / "shop" / name).read_bytes(), name
