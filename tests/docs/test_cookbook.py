"""docs/cdp.md: each entry's commands run against a sandbox, and what its table says a test saw is what this one sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cdp import endpoints
from harness.sandbox.process import SandboxProcess
from harness.scenario.loader import loads
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PAGE = (ROOT / "docs" / "cdp.md").read_text("utf-8")
SECTIONS = {
    head: "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S))
    for head, text in (part.split("\n", 1) for part in re.split(r"^## ", PAGE, flags=re.M)[1:])
    if head != "In short"
}
ROWS = {
    head: (command, re.findall(r"`([^`]+)`", saw))
    for head, command, saw in re.findall(r"^\| \[([^\]]+)\]\(#[^)]+\) \| `([^`]+)` \| (.+) \|$", PAGE, re.M)
}


@pytest.fixture(scope="module")
def port() -> Iterator[str]:
    """The page's own sandbox, on a port that is free."""
    with SandboxProcess() as process:
        yield process.url.rpartition(":")[2]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("entry", SECTIONS)
def test_an_entry_does_what_the_table_says(entry: str, port: str, tmp_path: Path) -> None:
    script = SECTIONS[entry]
    for language, name in (("yaml", "shop.yaml"), ("csv", "people.csv")):
        (shown,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
        (tmp_path / name).write_text(shown.replace(":8099", f":{port}"), "utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-e"], input=script.replace(":8099", f":{port}"), cwd=tmp_path,
        env={**CLEAN_ENVIRONMENT, "PATH": path}, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    for saw in ROWS[entry][1]:
        assert re.sub(r"\s+", " ", saw) in re.sub(r"\s+", " ", told), told


def test_the_table_has_every_entry_and_its_command() -> None:
    assert list(ROWS) == list(SECTIONS)
    for entry, (command, _) in ROWS.items():
        words = [word for word in re.split(r"[ …]+", command) if word and "{" not in word]
        assert all(word in SECTIONS[entry] for word in words), entry


def test_the_scenario_and_the_regions_are_right() -> None:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
    assert loads(shown).name == "shop"
    assert dict(re.findall(r"^\| `(\w+)` \| `(https:[^`]+)` \|$", PAGE, re.M)) == dict(endpoints.REGIONS)
