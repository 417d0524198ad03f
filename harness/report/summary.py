"""The summary of a run: every figure that any report shows, as one frozen value.

Times are in ms, rates per second, shares between 0 and 1. What was not measured is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from harness.record.histogram import Latency
from harness.record.others import OtherUsers
from harness.record.series import SeriesRow
from harness.report.distribution import DistributionPoint
from harness.report.load_over_time import LoadOverTime
from harness.report.outcome_summary import VerificationSummary
from harness.report.sample import Sample

Verdict = Literal["pass", "fail", "incomplete", "interrupted"]


@dataclass(frozen=True, slots=True)
class Versions:
    """What ran."""

    harness: str
    locust: str
    python: str


@dataclass(frozen=True, slots=True)
class RequestTotals:
    """All requests of the run: ``sent = ok + failed + unfinished``. Bytes as messages, without TCP and TLS."""

    sent: int
    ok: int
    failed: int
    unfinished: int
    rate: float
    error_rate: float
    bytes_in: int
    bytes_out: int


@dataclass(frozen=True, slots=True)
class StepSummary:
    """One step of one journey. ``type`` is the event type, or the HTTP method where there is none.

    ``latency`` counts every reply, also a refusing one, from sending; ``corrected`` from when the request was due.
    None when no reply came. ``ttfb``: from sending to the first byte; ``connect``: of new connections.
    """

    journey: str
    step: str
    type: str
    sent: int
    ok: int
    failed: int
    unfinished: int
    error_rate: float
    rate: float
    latency: Latency | None
    corrected: Latency | None = None
    ttfb: Latency | None = None
    connect: Latency | None = None


@dataclass(frozen=True, slots=True)
class DurationSummary:
    """Durations of completed journeys, think times included."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class JourneySummary:
    """The guests of one journey: ``started = completed + left + failed + unfinished``; ``left`` by design.

    ``dropped`` were due (open load) and not let in, because too many were under way; they did not start.
    """

    name: str
    started: int
    completed: int
    failed: int
    unfinished: int
    duration: DurationSummary | None
    left: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class ErrorSummary:
    """Errors of one kind at one step.

    ``kind``: http_status, timeout, connection, check, capture, generator (our own), or not_allowed (never sent).
    """

    kind: str
    detail: str
    journey: str
    step: str
    count: int
    first: datetime


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """A threshold as written, what was measured (ms, share or count; None: nothing to measure), and whether it held."""

    text: str
    value: float | None
    held: bool


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """Where guests were lost: ``entered = went_on + left_by_design + lost_to_errors + under_way`` of a step.

    Who comes to a step several times is counted as often. ``under_way``: still there, or thinking after it, at the end.
    """

    journey: str
    step: str
    entered: int
    went_on: int
    left_by_design: int
    lost_to_errors: int
    under_way: int


@dataclass(frozen=True, slots=True)
class GeneratorSummary:
    """The generator's own health. ``cpu``: mean share of one core, per process; lags and lateness in ms.

    ``start_lateness_p99``: how long after they were due requests were sent. ``saturated_s``: seconds in which the
    generator, not the target, may have been what was measured; ``saturated``: whether there were any, ``saturated_seconds``: which,
    counted from the start of the load. ``unknown``: requests that lost workers may have sent beside those counted, at most;
    ``clock_offset``: how far a worker's clock is from the master's (ms), which is corrected for. ``measured`` is false for a run
    that never came to its end: only saturation is known.
    """

    cpu: float
    loop_lag_p99: float
    workers: int
    workers_lost: int
    start_lateness_p99: float = 0.0
    saturated: bool = False
    saturated_s: int = 0
    saturated_seconds: tuple[int, ...] = ()
    gc_longest: float = 0.0
    unknown: int = 0
    clock_offset: float = 0.0
    measured: bool = True


@dataclass(frozen=True, slots=True)
class StoppedSummary:
    """Why a load ended early. ``by``: stop_when, whose ``condition`` was true for so many ``seconds``; or stop_on_fail, where
    ``condition`` is a threshold that did not hold. ``after_s``: the load had gone on for so long; ``value``: the last that was
    measured (ms, share, 1/s or count).
    """

    condition: str
    by: str
    seconds: int
    after_s: float
    value: float | None = None


@dataclass(frozen=True, slots=True)
class ComparedSummary:
    """The comparison with a ``baseline`` (its directory): ``regressions`` are sentences, one for each figure that got worse
    beyond noise and tolerance. ``trouble``: why the two could not be compared, empty where they were.
    """

    baseline: str
    regressions: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A finished run.

    ``reasons`` say in plain sentences what did not hold (empty with verdict pass). ``model`` is open or closed;
    ``level`` the most users, or guests per second. ``troubles`` say what makes the run incomplete. ``command`` runs it
    again. ``stopped``: why the load ended early. ``compared``: with its baseline. ``others``: users of other
    locustfiles, who shared the generator. ``remarks`` say what else is to be known of it, and change no verdict. Not in
    summary.json: ``series`` is kept in series.csv, ``samples`` in failures.jsonl, ``source`` (the scenario as it ran,
    secrets masked) in scenario.yaml.
    """

    scenario: str
    description: str
    target: str
    verdict: Verdict
    reasons: tuple[str, ...]
    started: datetime
    duration_s: float
    seed: int
    run_id: str
    model: str
    level: float
    versions: Versions
    requests: RequestTotals
    steps: tuple[StepSummary, ...]
    journeys: tuple[JourneySummary, ...]
    funnel: tuple[FunnelStep, ...]
    errors: tuple[ErrorSummary, ...]
    thresholds: tuple[ThresholdResult, ...]
    verification: VerificationSummary | None
    generator: GeneratorSummary
    latency: Latency | None
    corrected: Latency | None = None
    troubles: tuple[str, ...] = ()
    command: str = ""
    load: LoadOverTime | None = None
    stopped: StoppedSummary | None = None
    compared: ComparedSummary | None = None
    others: OtherUsers | None = None
    distribution: tuple[DistributionPoint, ...] = ()
    remarks: tuple[str, ...] = ()
    series: tuple[SeriesRow, ...] = ()
    samples: tuple[Sample, ...] = ()
    source: str = ""
