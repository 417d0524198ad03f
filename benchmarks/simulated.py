"""Runs of a system that is not there: noise as real ones have it, and a step that may be slower.

Each second has a level of its own that all steps share, and each step one beside it; both remember the second before
(an AR(1) process). Latencies are log-normal around that level. When it is slow, fewer requests come. Now and then a
second has a pause that a fifth of its requests wait for. Errors come in waves. Two runs differ by more than their
seconds show, as two starts of the same system do.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from harness.compare.runs import JourneyFacts, Run, StepFacts
from harness.compare.sides import pooled, quantile
from harness.record.blocks import Blocks, JourneyBlocks, StepBlocks, bucket_of
from harness.record.figures import StepKey

STEPS = {
    "browser id": (3.0, 0.3),
    "browse": (5.0, 0.4),
    "identify": (8.0, 0.5),
    "add": (6.0, 0.4),
    "checkout": (35.0, 0.5),
}
"""Median latency (ms) and the spread of its logarithm."""
SLOWED = "checkout"
_NUMBER = itertools.count()


@dataclass(frozen=True)
class System:
    """What is simulated: ``rate`` requests per second and step; standard deviations as ratios."""

    seconds: int = 60
    rate: float = 50.0
    memory: float = 0.6
    shared: float = 0.04
    own: float = 0.02
    between: float = 0.007
    pauses: float = 0.02
    pause_ms: float = 50.0
    errors: float = 0.003
    slower: float = 1.0

    def but(self, slower: float) -> System:
        """The same with the slowed step so many times as slow."""
        return replace(self, slower=slower)


def _remembering(rng: np.random.Generator, system: System, deviation: float) -> np.ndarray:
    fresh = rng.normal(0, deviation, system.seconds) * np.sqrt(1 - system.memory**2)
    fresh[0] = rng.normal(0, deviation)
    for second in range(1, system.seconds):
        fresh[second] += system.memory * fresh[second - 1]
    return fresh


def run(system: System, rng: np.random.Generator) -> Run:
    """One run."""
    level = _remembering(rng, system, system.shared) + rng.normal(0, system.between)
    paused = rng.random(system.seconds) < system.pauses
    steps: dict[StepKey, StepBlocks] = {}
    for name, (median, spread) in STEPS.items():
        here = level + _remembering(rng, system, system.own) + rng.normal(0, system.between)
        came = rng.poisson(system.rate * np.exp(-0.5 * level))
        second = np.repeat(np.arange(system.seconds), came)
        ms = median * np.exp(here[second] + rng.normal(0, spread, len(second)))
        ms *= system.slower if name == SLOWED else 1.0
        ms += np.where(paused[second] & (rng.random(len(second)) < 0.2), system.pause_ms, 0.0)
        wave = np.minimum(system.errors * np.exp(_remembering(rng, system, 0.5)), 1.0)
        failed = rng.binomial(came, wave)
        buckets = bucket_of(np.maximum(ms * 1000, 1).astype(np.int64))
        latency = [np.unique(buckets[second == each], return_counts=True) for each in range(system.seconds)]
        counts = (tuple(map(int, each)) for each in (came, came - failed, failed))
        steps[StepKey("purchase", name)] = StepBlocks(*counts, tuple((b, n.astype(np.int64)) for b, n in latency))
    return _run(system, steps)


def _run(system: System, steps: dict[StepKey, StepBlocks]) -> Run:
    lost = np.sum([step.failed for step in steps.values()], axis=0)
    came = np.array(next(iter(steps.values())).ok)
    journey = JourneyBlocks(tuple(int(n) for n in np.maximum(came - lost, 0)), tuple(int(n) for n in lost))
    facts = {key: _facts(system, step) for key, step in steps.items()}
    sent = sum(each.sent for each in facts.values())
    number = next(_NUMBER)
    return Run(
        name=f"run {number}",
        scenario="simulated",
        target="nowhere",
        verdict="pass",
        started=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        duration_s=float(system.seconds),
        planned_s=float(system.seconds),
        seed=1,
        run_id=f"R{number}",
        model="closed",
        level=10.0,
        version="simulated",
        sent=sent,
        rate=sent / system.seconds,
        error_rate=sum(each.failed for each in facts.values()) / sent,
        latency={},
        steps=facts,
        journeys={"purchase": JourneyFacts(sum(journey.completed), sum(journey.failed))},
        funnel=(),
        orders_missing=0,
        saturated_seconds=(),
        saturated_s=0,
        loop_lag_p99=1.0,
        sections={},
        blocks=_blocks(system, steps, journey),
    )


def _blocks(system: System, steps: dict[StepKey, StepBlocks], journey: JourneyBlocks) -> Blocks:
    """As the recorder would leave them: seconds, or pairs of pairs of them."""
    blocks = Blocks(1, system.seconds, steps, {"purchase": journey})
    while blocks.count > 64:
        blocks = blocks.pairs()
    return blocks


def _facts(system: System, step: StepBlocks) -> StepFacts:
    whole = pooled(step.latency)
    latency = {name: quantile(whole, p) or 0.0 for name, p in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}
    sent, failed = sum(step.sent), sum(step.failed)
    return StepFacts("", sent, failed, sent / system.seconds, failed / sent, latency)
