"""Runs for tests: simulated ones, small ones, and ones with names that mean harm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.simulated import System
from benchmarks.simulated import run as simulate
from harness.compare.runs import FunnelFacts, Run
from harness.record.blocks import Blocks
from harness.record.figures import StepKey

HOSTILE = (
    "<script>document.title='owned'</script>",
    "\"'><img src=x onerror=alert(1)>",
    "a|b\\|c `code` **strong** @everyone #1 [x](http://evil)",
    "\x1b[31mred\x1b[0m\x07\r\n::error::new line",
    "\u202eright to left שלום",
    "half a pair \ud800 and \ufffe",
    "{{ 7*7 }}{% raw %}",
    "100% sure, 5:00",
    "x" * 10_000,
)


def side(count: int, seed: int, **system: Any) -> list[Run]:
    """So many simulated runs of one system."""
    rng = np.random.default_rng(seed)
    return [simulate(System(**system), rng) for _ in range(count)]


def renamed(run: Run, name: str) -> Run:
    """The run with a name for its scenario, target, directory, journey and one of its steps."""

    def key(old: StepKey) -> StepKey:
        return StepKey(name, name if old.step == "checkout" else old.step)

    assert run.blocks is not None
    blocks = Blocks(
        run.blocks.block_s,
        run.blocks.count,
        {key(old): step for old, step in run.blocks.steps.items()},
        {name: next(iter(run.blocks.journeys.values()))},
    )
    return replace(
        run,
        name=f"{name}/{run.run_id}",
        scenario=name,
        target=name,
        steps={key(old): facts for old, facts in run.steps.items()},
        journeys={name: next(iter(run.journeys.values()))},
        funnel=(FunnelFacts(name, name, 100, 90, 5, 3),),
        blocks=blocks,
    )
