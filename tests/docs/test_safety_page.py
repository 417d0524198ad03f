"""docs/safety.md: its scenarios load, its commands run, its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.scenario.loader import loads
from harness.scenario.settings import settings_beside
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PAGE = (ROOT / "docs/safety.md").read_text("utf-8")
SHOP = """\
scenario: shop
target: {url: sandbox, point_of_sale: grill, api_token: "${CDP_API_TOKEN}"}
journeys: {visit: {steps: [browse]}}
load: {users: 1, iterations: 1}
"""


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.M | re.S)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_scenarios_load(block, monkeypatch):
    monkeypatch.delenv("CDP_CLIENT_KEY", raising=False)
    given = block.partition(":")[0]
    kept = [
        line for line in SHOP.replace(', api_token: "${CDP_API_TOKEN}"', "").splitlines() if not line.startswith(given)
    ]
    loads("\n".join([*kept, block]))


def test_the_settings_are_right(tmp_path):
    (block,) = blocks("yaml harness.yaml")
    (tmp_path / "harness.yaml").write_text(block, "utf-8")
    assert settings_beside(tmp_path / "x.yaml").allow_hosts == ("api-engage-eu.sitecorecloud.io", "10.20.0.0/16")


def test_commands_run(tmp_path):
    (tmp_path / "shop.yaml").write_text(SHOP, "utf-8")
    environment = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    (lines,) = blocks("sh")
    done = subprocess.run(
        ["sh", "-ec", lines], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_pages_that_lead_here_name_a_section():
    sections = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall("^## (.+)$", PAGE, re.M)
    }
    for page in (ROOT / "docs").glob("*.md"):
        for named in re.findall(r"\(safety\.md#([^)]+)\)", page.read_text("utf-8")):
            assert named in sections, f"{page.name} leads to #{named}"
