"""``harness import`` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT

from .test_corpus import FOLDER

Harness = Callable[..., "subprocess.CompletedProcess[str]"]


def orders(sandbox: SandboxProcess) -> int:
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/stats", timeout=5) as reply:
        return int(json.load(reply)["orders"])


def test_what_is_imported_runs_and_makes_its_order(harness: Harness, sandbox: SandboxProcess) -> None:
    made = harness("import", FOLDER / "shop-classic.har", "--out", "shop.yaml")
    assert made.returncode == 0, made.stderr
    assert made.stdout == ""
    assert "Next: harness check shop.yaml" in made.stderr
    checked = harness("check", "shop.yaml", "--strict")
    assert checked.returncode == 0, checked.stderr
    point_of_sale = "target.point_of_sale=pastoral-witty-grill"
    before = orders(sandbox)
    held = harness("validate", "shop.yaml", "--target", sandbox.url, "--set", point_of_sale)
    assert held.returncode == 0, held.stdout + held.stderr
    assert orders(sandbox) == before + 1


def test_a_mistake_of_the_file_stays_and_is_told(harness: Harness) -> None:
    made = harness("import", FOLDER / "mistaken.postman_collection.json", "--out", "mistaken.yaml")
    assert made.returncode == 0, made.stderr
    assert (
        "it confirms SHOE_24, which it never adds: as it stands no order comes of it; did it mean 'SHOE_42'? [E303]"
        in (made.stderr)
    )
    checked = harness("check", "mistaken.yaml")
    assert checked.returncode == 2
    assert "'SHOE_24' is not in the catalog [E303]" in checked.stderr
    assert (
        harness("import", FOLDER / "mistaken.postman_collection.json", "--complete", "--out", "whole.yaml").returncode
        == 0
    )
    assert harness("check", "whole.yaml").returncode == 0


def test_nothing_is_overwritten_unless_asked(harness: Harness, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    refused = harness("import", FOLDER / "article.sh", "--out", "mine.yaml")
    assert refused.returncode == 2
    assert refused.stderr == "error: mine.yaml is there already: name another file, or overwrite it with --force\n"
    assert (tmp_path / "mine.yaml").read_text() == "mine"
    assert harness("import", FOLDER / "article.sh", "--out", "mine.yaml", "--force").returncode == 0
    assert (tmp_path / "mine.yaml").read_text().startswith("# Made by harness import of 'article.sh'")


def test_lines_come_through_a_pipe() -> None:
    line = "curl -su ann:secret-word 'https://api.shop.example/items?page=2'"
    done = subprocess.run(
        [sys.executable, "-m", "harness", "import", "-"], input=line, env=CLEAN_ENVIRONMENT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "path: /items" in done.stdout
    assert "secret-word" not in done.stdout + done.stderr
    assert "set before a run: BASIC_AUTH" in done.stderr


def test_another_host_is_kept_on_demand(harness: Harness) -> None:
    done = harness("import", FOLDER / "shop-classic.har", "--host", "www.analytics.example", "--quiet")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "url: https://www.analytics.example" in done.stdout
    done = harness("import", FOLDER / "shop-classic.har", "--host", "nowhere.example")
    assert done.returncode == 2
    assert "no request goes to nowhere.example: there are https://shop.example, " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.har"], "error: nowhere.har does not exist\n"),
        (["."], "error: . is not a regular file\n"),
        ([FOLDER / "article.sh", "--from", "har"], "har files hold one JSON object"),
    ],
)
def test_what_cannot_be_read_is_refused(harness: Harness, arguments: list[object], said: str) -> None:
    done = harness("import", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
