"""Shared by all tests: the real command, a real sandbox, and scenarios to write down."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Tests of the engine import Locust, which else would patch the standard library under pytest's feet.
os.environ["LOCUST_SKIP_MONKEY_PATCH"] = "1"

settings.register_profile(
    "harness", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("harness")

# Scenarios among the tests are for the tests to read; our own plug-in would take them for tests, the bad ones too.
collect_ignore_glob = ["*.yaml", "*.yml"]

ROOT = Path(__file__).parent.parent
CLEAN_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith(("HARNESS_", "LOCUST_", "CDP_"))
}

LEAN_PYTEST = "-p no:locust -p no:schemathesis -p no:hypothesispytest -p no:faker -p no:anyio"
"""Options of a pytest process that has none but our plug-in to show: the others take two seconds of processor."""

SCENARIO = """\
scenario: small
target:
  url: {url}
  client_key: sandbox
  api_token: sandbox
  point_of_sale: {pos}
defaults: {{channel: WEB, language: EN, currency: GBP, page: home page}}
guests: {{locales: {{en_GB: 70%, ja_JP: 30%}}, returning: 20%, seed: 7}}
catalog:
  - {{item_id: EXACT_90, type: SHOES, name: "Exact & 90%", price: 49.90}}
  - {{item_id: SOCKS, type: SOCKS, name: 'Söcks "3+1"', price: 0.05}}
journeys:
  purchase:
    think: {think}
    steps:
      - browse: home page
      - identify
      - add: {{item: any, quantity: 1..3}}
      - add: EXACT_90
      - confirm
      - checkout: {{status: PURCHASED}}
        expect: {{status: 201}}
load: {{users: {users}, {ends}}}
thresholds:
{thresholds}
"""


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    """A sandbox that all tests of one process share: count differences, not totals."""
    with SandboxProcess(SandboxConfig()) as process:
        yield process


@pytest.fixture
def write_scenario(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small purchase scenario; keywords fill its places."""

    def write(**places: object) -> Path:
        known: dict[str, object] = {
            "url": "sandbox",
            "pos": "pastoral-witty-grill",
            "think": "0s",
            "users": 2,
            "ends": "iterations: 3",
            "thresholds": "  - error_rate < 1%\n  - orders.missing == 0",
        }
        path = tmp_path / "scenario.yaml"
        path.write_text(SCENARIO.format(**{**known, **places}), "utf-8")
        return path

    return write


@pytest.fixture
def harness(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the real command in a folder of the test's own, and waits for it."""

    def run(*arguments: object, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "harness", *map(str, arguments)],
            cwd=tmp_path,
            env={**CLEAN_ENVIRONMENT, **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Without it a test is skipped, but in CI it fails."""
    if chromium.find() is None:
        if os.environ.get("CI"):
            pytest.fail(chromium.NEEDED)
        pytest.skip(chromium.NEEDED)
    with chromium.opened() as opened:
        yield opened
