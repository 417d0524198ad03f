"""Runs of the harness whose figures are held against a server's own log."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.delaying import delaying

ROOT = Path(__file__).parent.parent
PERCENTS = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p999": 99.9}
SCENARIO = """\
scenario: truth
target: {{system: http, url: "{url}"}}
journeys: {{a: {{{journey}}}}}
load: {load}
"""


@dataclass(frozen=True)
class Case:
    """A server's delays, and a load on it."""

    name: str
    spec: str
    load: str
    think: str = ""


def run(folder: Path, url: str, load: str, think: str = "", path: str = "/x", core: int | None = None) -> Any:
    """The summary of one run, of a process of its own. Raises RuntimeError when there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    scenario = folder / "scenario.yaml"
    # The pause after the request, and the same as the journey's, over which users spread their start.
    request = f"{{request: {path}}}"
    steps = f"think: {think}, steps: [{request}, {{think: {think}}}]" if think else f"steps: [{request}]"
    scenario.write_text(SCENARIO.format(url=url, load=load, journey=steps), "utf-8")
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    done = subprocess.run(
        [*pinned, sys.executable, "-m", "harness", "run", str(scenario), "--out", str(folder / "run"), "--quiet"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    summary = folder / "run/summary.json"
    if not summary.exists():
        raise RuntimeError(done.stdout + done.stderr)
    return json.loads(summary.read_text("utf-8"))


def quantile(ordered: Sequence[int], percent: float) -> float:
    """That of sorted µs, in ms: the value that so many per cent do not exceed."""
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1] / 1000


def truth(ordered: Sequence[int]) -> dict[str, float]:
    """The server's own percentiles, in ms."""
    return {name: quantile(ordered, percent) for name, percent in PERCENTS.items()}


def allowed(name: str, true_ms: float) -> float:
    """By how many ms a percentile may be off: 3 % + 1 ms, and 5 % + 2 ms for p999."""
    return true_ms * 0.05 + 2 if name == "p999" else true_ms * 0.03 + 1


@dataclass(frozen=True)
class Compared:
    """One run: what was reported and what was so, in ms."""

    summary: Any = field(repr=False)
    log: list[int] = field(repr=False)

    @property
    def step(self) -> Any:
        return self.summary["steps"][0]

    @property
    def lag_ms(self) -> float:
        """The p99 of the generator's own lateness, as it says itself."""
        return float(self.summary["generator"]["loop_lag_p99"])

    @property
    def saturated(self) -> bool:
        """Whether it says that its figures may be its own."""
        return bool(self.summary["generator"]["saturated"])

    def wrong(self, more_ms: float = 0.0) -> list[str]:
        """The percentiles that are further off than allowed, and so many ms more, in words."""
        reported = self.step["latency"]
        return [
            f"{name}: {reported[name]:.2f} ms reported, {true:.2f} ms so"
            for name, true in truth(self.log).items()
            if abs(reported[name] - true) > allowed(name, true) + more_ms
        ]


def compare(case: Case, folder: Path, cores: tuple[int, int] | None = None) -> Compared:
    """Run a case. ``cores``: of the harness and of the server."""
    ours, theirs = cores or (None, None)
    with delaying(case.spec, theirs) as server:
        summary = run(folder, server.url, case.load, case.think, core=ours)
        return Compared(summary, server.log())
