"""What docs/guests.md shows works: guests are pushed, a journey handles one, and a run's guests are deleted again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import requests

from harness.scenario.loader import loads
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PAGE = (ROOT / "docs" / "guests.md").read_text("utf-8")


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)[number]


def test_the_page(tmp_path: Path, sandbox) -> None:
    environment = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def shell(text: str) -> str:
        done = subprocess.run(
            ["sh", "-e", "-c", text.replace("http://127.0.0.1:8080", sandbox.url)],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def customers() -> int:
        query = "guestType=customer&identifiers.provider=harness&limit=100"
        reply = requests.get(f"{sandbox.url}/v2/guests?{query}", auth=("sandbox", "sandbox"), timeout=10)
        return len(reply.json()["items"])

    (tmp_path / "people.csv").write_text(block("csv"), "utf-8")
    told = shell(block("sh"))
    assert "2 guests would be created. Nothing was sent." in told
    assert f"2 guests created at {sandbox.url}." in told

    steps = "".join(f"      {line}\n" for line in block("yaml").splitlines())
    scenario = (
        f"scenario: shop\ntarget: {{url: '{sandbox.url}', client_key: sandbox, api_token: sandbox, "
        f"point_of_sale: pastoral-witty-grill}}\njourneys:\n  come-and-go:\n    steps:\n{steps}"
        "  stay:\n    steps: [browse, identify]\nload: {users: 2, iterations: 2}\n"
    )
    loads(scenario, "docs/guests.md")
    (tmp_path / "shop.yaml").write_text(scenario, "utf-8")
    before = customers()
    shell("harness run shop.yaml --out run --quiet")
    made = customers() - before
    assert made > 0
    told = shell(block("sh", 1))
    assert f"{made} guests of this run at {sandbox.url}: they would be deleted." in told
    assert f"{made} guests of this run deleted at {sandbox.url}." in told
    assert customers() == before
