"""What docs/scaling.md shows works."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PAGE = (ROOT / "docs" / "scaling.md").read_text("utf-8")
SCENARIO = """\
scenario: shop
target: {url: sandbox, client_key: "${CDP_CLIENT_KEY:-sandbox}", api_token: sandbox, point_of_sale: pastoral-witty-grill}
defaults: {channel: WEB, language: EN, currency: GBP, page: home page}
journeys: {look: {think: 0.2s, steps: [{browse: home page}]}}
load: {users: 2, duration: 4s}
"""


def test_the_commands_run(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SCENARIO, "utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
    assert len(blocks) == 2
    for block in blocks:
        done = subprocess.run(
            ["bash", "-c", f"{block}\ncode=$?; wait; exit $code"], cwd=tmp_path, env={**CLEAN_ENVIRONMENT, "PATH": path},
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    workers = [
        json.loads((tmp_path / "runs" / name / "summary.json").read_text("utf-8"))["generator"]["workers"]
        for name in ("two", "led")
    ]
    assert workers == [2, 1]
