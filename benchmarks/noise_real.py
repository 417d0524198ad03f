"""Real runs against the sandbox for the noise benchmark: the same system again and again, and with a slower step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from harness.compare.comparable import of_one
from harness.compare.reading import read_run
from harness.compare.runs import Run
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess

ROOT = Path(__file__).parent.parent
SLOWED = "checkout"
MEDIAN_MS = 20.0
USERS = 20
TRIES = 5
SCENARIO = """\
scenario: noise
target: {{url: "{url}", client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}}
defaults: {{channel: WEB, language: EN, currency: GBP, page: home page}}
catalog: [{{item_id: EXACT_90, type: SHOES, name: Exact 90, price: 49.90}}]
journeys:
  purchase:
    steps: [browse, identify, {{add: EXACT_90}}, confirm, {{checkout: PURCHASED}}]
load: {{users: {users}, duration: {seconds}s}}
"""


def runs(folder: Path, count: int, seconds: int, slower: float) -> Iterator[tuple[bool, Run]]:
    """So many runs of the system as it is and of the slower one, by turns. True: slower. Raises RuntimeError."""
    with SandboxProcess(SandboxConfig()) as sandbox:
        scenario = folder / "noise.yaml"
        scenario.write_text(SCENARIO.format(url=sandbox.url, users=USERS, seconds=seconds), "utf-8")
        for number in range(2 * count):
            slow = bool(number % 2)
            yield slow, _sound(sandbox.url, scenario, folder / f"{number:02}", _latency(slower if slow else 1.0))


def _sound(url: str, scenario: Path, folder: Path, latency: dict[str, object]) -> Run:
    """A run that can be compared: again where others kept this machine too busy for its figures to mean anything."""
    for number in range(TRIES):
        _ask(url, "POST", "/_sandbox/reset", None)
        _ask(url, "PUT", "/_sandbox/faults", latency)
        run = _run(scenario, folder / str(number))
        if not list(of_one(run)):
            return run
    raise RuntimeError(f"{TRIES} runs in a row with a saturated generator: this machine is too busy")


def _latency(factor: float) -> dict[str, object]:
    def of(median_ms: float) -> dict[str, object]:
        return {"lognormal": {"median": f"{median_ms:g}ms", "sigma": 0.4}}

    return {"latency": [{**of(MEDIAN_MS * factor), "only": ["CHECKOUT"]}, of(MEDIAN_MS)]}


def _ask(url: str, method: str, path: str, document: object) -> None:
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, body, method=method), timeout=10) as reply:
        reply.read()


def _run(scenario: Path, out: Path) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "harness", "run", str(scenario), "--out", str(out), "--quiet"],
        cwd=scenario.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return read_run(out)


def sides(one: list[Run], other: list[Run], a_side: int, count: int) -> Iterator[tuple[list[Run], list[Run]]]:
    """So many choices of runs for both sides. They overlap, so they are not independent of one another."""
    rng = np.random.default_rng(20_041)
    for _ in range(count):
        if one is other:
            chosen = [one[place] for place in rng.permutation(len(one))[: 2 * a_side]]
            yield chosen[:a_side], chosen[a_side:]
        else:
            pick = [[side[p] for p in rng.permutation(len(side))[:a_side]] for side in (one, other)]
            yield pick[0], pick[1]
