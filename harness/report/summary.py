"""The summary of a run: every figure that any report shows, as one frozen value.

``to_json`` gives the document ``summary.json``. Times are in ms, rates per second, shares between 0 and 1.
What was not measured is None here and absent there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from harness.record.histogram import Latency
from harness.record.series import SeriesRow
from harness.report.distribution import DistributionPoint
from harness.report.load_over_time import LoadOverTime
from harness.report.sample import Sample

FORMAT = 1
"""The version of summary.json."""

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
    """Errors of one kind at one step. ``kind``: http_status, timeout, connection, check, capture, or generator (our own)."""

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
class OrdersVerified:
    """Orders that ought to exist and those found; ``missing`` names the first of the rest, ``missing_count`` says how many.

    ``of``: orders that ought to exist in all, more than ``expected`` where a sample was asked for; ``interval`` then is
    the share of all that is missing, with 95 % confidence. ``unknown`` got no reply, so they may exist;
    ``unknown_found`` of them do. ``duplicated`` exist more than once, ``mispriced`` with another value or currency,
    ``unexpected`` though they were refused.
    """

    expected: int
    found: int
    missing: tuple[str, ...]
    missing_count: int = 0
    duplicated: int = 0
    mispriced: int = 0
    unexpected: int = 0
    unknown: int = 0
    unknown_found: int = 0
    of: int = 0
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class RevenueVerified:
    """Revenue of the orders that ought to exist, and of those found, in one currency."""

    expected: Decimal
    found: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """An order that is not as it ought to be. ``kind``: missing, duplicated, mispriced, unexpected."""

    kind: str
    order: str
    guest: str
    step: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class EventsVerified:
    """Events of one type on the timelines of the guests that were read back."""

    type: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class GuestProblem:
    """What is not as it ought to be with a guest that was read back. ``kind`` is a word for programs."""

    kind: str
    guest: str
    journey: str
    step: str
    what: str
    expected: str
    found: str
    cause: str


@dataclass(frozen=True, slots=True)
class GuestsVerified:
    """Guests read back in full: ``held`` of ``asked`` are as they ought to be.

    ``identified``: expected and found. ``abandoned``: carts left in closed sessions, expected and found; None where the
    target shows none, as with ``events``. ``unread`` says what could not be looked at.
    """

    asked: int
    held: int
    identified: tuple[int, int]
    events: tuple[EventsVerified, ...]
    abandoned: tuple[int, int] | None
    problems: tuple[GuestProblem, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerificationSummary:
    """What the target holds afterwards. ``orders`` and ``guests`` are None where they were not looked at.

    ``revenue`` is that of the scenario's currency, ``other_revenue`` of any other. ``trouble`` says why something is not
    known; ``failed``: because the target failed when it was asked, not because it shows no such thing; ``interrupted``: the
    load was whole, and only reading it back was cut short.
    """

    orders: OrdersVerified | None
    revenue: RevenueVerified | None
    other_revenue: tuple[RevenueVerified, ...] = ()
    problems: tuple[OrderProblem, ...] = ()
    guests: GuestsVerified | None = None
    trouble: str = ""
    failed: bool = False
    took_s: float = 0.0
    interrupted: bool = False


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
class Summary:
    """A finished run.

    ``reasons`` say in plain sentences what did not hold (empty with verdict pass). ``model`` is open or closed;
    ``level`` the most users, or guests per second. ``troubles`` say what makes the run incomplete. ``command`` runs it
    again. ``stopped``: why the load ended early. Not in summary.json: ``series`` is kept in series.csv, ``samples``
    in failures.jsonl, ``source`` (the scenario as it ran, secrets masked) in scenario.yaml.
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
    distribution: tuple[DistributionPoint, ...] = ()
    series: tuple[SeriesRow, ...] = ()
    samples: tuple[Sample, ...] = ()
    source: str = ""


BESIDE = frozenset({"series", "samples", "source"})
"""Fields of a summary that lie in files of their own."""


def rfc3339(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        named = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: _plain(v) for name, v in named if v is not None and name not in BESIDE}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        return float(f"{value:.12g}")  # fewer digits would round to something else than the value itself does
    return value


def to_json(summary: Summary) -> str:
    """The document summary.json."""
    return json.dumps({"format": FORMAT, **_plain(summary)}, indent=2, ensure_ascii=False) + "\n"
