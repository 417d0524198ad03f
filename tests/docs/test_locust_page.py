"""What docs/locust.md shows works."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from harness.record.others import OtherUsers
from harness.report import others_words
from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.docs.pages import blocks, text_of

SCENARIO = """\
scenario: shop
target: {url: sandbox, client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}
defaults: {channel: WEB, language: EN, currency: GBP, page: home page}
journeys: {look: {think: 0.2s, steps: [{browse: home page}]}}
load: {users: 2, duration: 1h}
"""


def test_the_commands_run_beside_the_class(tmp_path: Path) -> None:
    page = blocks(text_of("docs/locust.md"))
    (pages,) = (code for language, code in page if language == "python")
    (tmp_path / "pages.py").write_text(pages, "utf-8")
    (tmp_path / "shop.yaml").write_text(SCENARIO, "utf-8")
    (tmp_path / "locustfiles").symlink_to(ROOT / "locustfiles")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    commands = [code for language, code in page if language == "sh"]
    assert len(commands) == 2
    for number, command in enumerate(commands):
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env={**CLEAN_ENVIRONMENT, "PATH": path, "HARNESS_OUT": f"run{number}"},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        summary = json.loads((tmp_path / f"run{number}/summary.json").read_text("utf-8"))
        assert summary["level"] == 4
        others = summary["others"]
        assert (others["classes"], others["users"], others["failed"]) == (["ShopUser"], 2, 0)
        assert re.search(r"^Other users in this process: ShopUser, 2 users, \d+ requests", done.stdout, re.M)


def test_the_sentences_are_said() -> None:
    (shown,) = (code for language, code in blocks(text_of("docs/locust.md")) if language == "text")
    assert shown.splitlines() == others_words.lines(OtherUsers(("ShopUser",), users=2, requests=6, failed=1), workers=1)
