"""What the README shows works: its scenarios load, its commands run, its message is what the command prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.scenario.loader import loads
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def test_scenarios_load():
    (shown,) = blocks("yaml")
    assert loads(shown).name == "shop"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("reader")
    shutil.copytree(ROOT / "locustfiles", folder / "locustfiles")
    (folder / "shop.yaml").write_text(blocks("yaml")[0], "utf-8")
    return folder


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines()])
def test_commands_run(line, folder):
    environment = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if line.startswith("harness run"):
        (shown,) = [block for block in blocks("text") if "PASS" in block]
        assert labels(shown) - labels(done.stdout) == set(), "the demo would not end like this"


def labels(text: str) -> set[str]:
    """What stands before the figures of a run's last words: titles, and the first words of lines."""
    found = set(re.findall(r"^((?:  ✓ )?[A-Z][\w ]*?)(?=  |:|$| \()", text, re.M))
    assert len(found) > 15
    return found


def test_the_mistake_reads_as_shown(harness, folder, tmp_path):
    (shown,) = [block for block in blocks("text") if "error:" in block]
    (tmp_path / "shop.yaml").write_text((folder / "shop.yaml").read_text().replace("- checkout:", "- chekout:"))
    done = harness("check", "shop.yaml")
    assert done.returncode == 2
    assert shown in done.stderr


def test_links_to_files_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)", README):
        assert (ROOT / target).exists(), target
