"""A run of an hour with thirty steps and a hundred million requests.

Twenty seconds of it go through a recorder, request by request; the hour is made of 180 times those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from harness.record.figures import Figures, StepKey
from harness.record.moments import Moment
from harness.record.recorder import Failure, Recorder
from harness.record.series import SeriesRow, rows
from harness.report.load_over_time import over_time
from harness.report.sample import MOST_SAMPLES, Sample
from harness.report.summarize import RunFacts, summarize
from harness.report.summary import GeneratorSummary, Summary
from harness.scenario.loader import loads

SECONDS, STEPS, A_SECOND, DISTINCT = 3_600, 30, 926, 20
SPIKE = 1_777
"""The second in which all is ten times as slow."""
SCENARIO = """\
scenario: an-hour
target: {system: http, url: "http://127.0.0.1:8080"}
journeys:
  visit:
    steps:
      - request: /
load:
  model: open
  stages:
    - {ramp: 900/s, over: 10m}
    - {hold: 50m}
thresholds: ["error_rate < 1%"]
"""


@dataclass(slots=True)
class _Reply:
    latency_us: int = 0
    status: int = 200
    ttfb_us: int = 100
    connect_us: int = 0
    bytes_out: int = 300
    bytes_in: int = 120


def hour(length: int = SECONDS) -> Summary:
    """The summary of such a run, or of one of so many seconds."""
    keys = [StepKey("visit", f"step {number}") for number in range(STEPS)]
    seconds = _recorded(keys)
    some = Figures()
    for figures in seconds:
        some.merge(figures)
    whole = Figures()
    for _ in range(length // DISTINCT):
        whole.merge(some)
    made = [rows(0, figures) for figures in seconds]
    series = [_moved(row, second) for second in range(length) for row in made[second % DISTINCT]]
    scenario = loads(SCENARIO)
    facts = RunFacts(
        scenario=scenario,
        target="http://127.0.0.1:8080",
        run_id="R123456",
        seed=1,
        level=900,
        locust_version="2.43.1",
        started=datetime(2026, 11, 24, tzinfo=UTC).timestamp(),
        duration_s=float(length),
        generator=GeneratorSummary(0.8, 1.2, 1, 0, 0.4, True, 60, tuple(range(900, 960))),
        step_types=dict.fromkeys(keys, "GET"),
        command="harness run an-hour.yaml --seed 1",
        load=over_time(scenario.load, [Moment(n, 2_000 + n % 50, min(n * 3 // 2, 900), 0) for n in range(length)]),
    )
    failed = Sample("visit", "step", "check", "d" * 100, "2026-11-24", "GET /" + "x" * 1_990, 200, 1.0, "y" * 2_000)
    return replace(
        summarize(facts, whole, series, None),
        samples=tuple(replace(failed, detail=f"kind {number}") for number in range(MOST_SAMPLES)),
        source=SCENARIO + "# more of it\n" * 12_000,
    )


def _recorded(keys: list[StepKey]) -> list[Figures]:
    recorder = Recorder(keys, ["visit"])
    chance = np.random.default_rng(7)
    reply, failure = _Reply(), Failure("check", "status was 200, expected 201")
    taken = []
    for _ in range(DISTINCT):
        for step in range(STEPS):
            for number, latency in enumerate(chance.lognormal(math.log(2_000 + 300 * step), 0.6, A_SECOND)):
                recorder.sent(step)
                reply.latency_us = int(latency)
                if number % 500 == 499:
                    recorder.failed(step, failure, reply, number)
                    recorder.lost(0, step)
                else:
                    recorder.answered(step, reply, number)
                    recorder.went_on(step)
        taken.append(recorder.take())
    return taken


def _moved(row: SeriesRow, second: int) -> SeriesRow:
    if second != SPIKE:
        return replace(row, second=second)
    slow = {name: getattr(row, name) * 10 for name in ("p50", "p95", "p99", "corrected_p50", "corrected_p95")}
    return replace(row, second=second, **slow, corrected_p99=row.corrected_p99 and row.corrected_p99 * 10)
