"""Real runs, made once and shared by all processes of the tests."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT

SECONDS = 9
SCENARIO = f"""\
scenario: shop
target: {{url: "URL", client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}}
defaults: {{channel: WEB, language: EN, currency: GBP, page: home page}}
guests: {{seed: 3}}
catalog: [{{item_id: EXACT_90, type: SHOES, name: Exact 90, price: 49.90}}]
journeys:
  purchase:
    think: 5ms..15ms
    steps: [browse, identify, {{add: EXACT_90}}, confirm, {{checkout: PURCHASED}}]
load: {{users: 10, duration: {SECONDS}s}}
thresholds: [error_rate < 50%]
"""


@dataclass(frozen=True)
class Made:
    """The directories of three real runs, and how the two that had a baseline ended.

    ``base`` and ``slow`` say the generator was never saturated, however busy this machine was; ``raw`` holds the other
    two as they came.
    """

    base: Path
    slow: Path
    raw: Path
    scenario: Path
    ended: dict[str, tuple[int, str]]


def _sandbox(checkout_ms: int, failing: float) -> SandboxProcess:
    sandbox = SandboxProcess(SandboxConfig())
    latency = [{"fixed": f"{checkout_ms}ms", "only": ["CHECKOUT"]}, {"fixed": "10ms"}]
    faults = {"latency": latency, "errors": [{"rate": failing, "only": ["CONFIRM"]}] if failing else []}
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/faults", json.dumps(faults).encode(), method="PUT")
    urllib.request.urlopen(request, timeout=10).close()
    return sandbox


def _start(folder: Path, name: str, sandbox: SandboxProcess, *more: str) -> subprocess.Popen[str]:
    scenario = folder / "shop.yaml"
    command = [sys.executable, "-m", "harness", "run", str(scenario), "--target", sandbox.url, "--quiet", "--out", name]
    return subprocess.Popen(
        [*command, *more],
        cwd=folder,
        env=CLEAN_ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _calm(run: Path) -> None:
    """Let a run say that its generator was never saturated, and nothing of the comparison that it was made with."""
    file = run / "summary.json"
    summary = json.loads(file.read_text())
    if summary.pop("compared", None):
        summary |= {"verdict": "pass", "reasons": [], "troubles": []}
    summary["generator"] |= {"saturated": False, "saturated_s": 0, "saturated_seconds": []}
    file.write_text(json.dumps(summary))


def _make(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SCENARIO.replace("URL", "http://127.0.0.1:9"), "utf-8")
    ended: dict[str, tuple[int, str]] = {}
    with _sandbox(20, 0) as usual, _sandbox(60, 0.2) as worse:
        base = _start(folder, "base", usual)
        output = base.communicate(timeout=90)[0]
        assert base.returncode == 0, output
        _calm(folder / "base")
        told = ("--baseline", "base", "--tolerance", "90%")
        started = {"same": _start(folder, "same", usual, *told), "slow": _start(folder, "slow", worse, *told)}
        for name, process in started.items():
            output = process.communicate(timeout=90)[0]
            assert (folder / name / "summary.json").exists(), output
            ended[name] = (process.returncode, output)
    shutil.copytree(folder / "slow", folder / "calm")
    _calm(folder / "calm")
    (folder / "ended.json").write_text(json.dumps(ended), "utf-8")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Made:
    """A run, one of the same system and one of a slower one, the last two with the first as their baseline."""
    root = tmp_path_factory.getbasetemp()
    folder = (root if worker_id == "master" else root.parent) / "compared"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ended.json").exists():
            _make(folder)
    ended = {name: (code, text) for name, (code, text) in json.loads((folder / "ended.json").read_text()).items()}
    return Made(folder / "base", folder / "calm", folder, folder / "shop.yaml", ended)
