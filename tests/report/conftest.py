"""Summaries as runs leave them: one that held, one that did not, one cut short, one of nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from harness.record.histogram import Latency
from harness.record.series import SeriesRow
from harness.report.distribution import PERCENTS, DistributionPoint
from harness.report.load_over_time import LoadOverTime
from harness.report.outcome_summary import (
    EventsVerified,
    GuestProblem,
    GuestsVerified,
    OrdersVerified,
    RevenueVerified,
    VerificationSummary,
)
from harness.report.sample import Sample
from harness.report.summary import (
    DurationSummary,
    ErrorSummary,
    FunnelStep,
    GeneratorSummary,
    JourneySummary,
    RequestTotals,
    StepSummary,
    Summary,
    ThresholdResult,
    Versions,
)
from harness.verify.reconcile import OrderFound, OrderProblem

STARTED = datetime(2026, 11, 24, 6, 47, 49, 123456, UTC)
STEPS = (
    ("purchase", "browser id", "GET", 204, 3.1),
    ("purchase", "browse", "VIEW", 204, 4.2),
    ("purchase", "identify", "IDENTITY", 204, 5.3),
    ("purchase", "add", "ADD", 204, 4.6),
    ("purchase", "confirm", "CONFIRM", 204, 6.4),
    ("purchase", "checkout", "CHECKOUT", 204, 31.7),
    ("window-shopping", "browser id", "GET", 1410, 0.84),
    ("window-shopping", "browse", "VIEW", 1410, 3.9),
    ("window-shopping", "browse 2", "VIEW", 4233, 3.8),
    ("window-shopping", "search", "SEARCH", 987, 12.3),
    ("window-shopping", "event", "WISHLIST", 423, 4.1),
)


def latency(typical: float) -> Latency:
    """A right-skewed one around ``typical`` (ms)."""
    t = typical
    return Latency(t * 0.4, t * 1.2, t, t * 1.9, t * 2.4, t * 5.5, t * 13.1, t * 40.3)


def _steps(failing: int) -> tuple[StepSummary, ...]:
    made = []
    for journey, step, kind, sent, typical in STEPS:
        failed = failing if step == "checkout" else failing // 4 if step == "search" else 0
        made.append(
            StepSummary(
                journey,
                step,
                kind,
                sent,
                sent - failed,
                failed,
                0,
                failed / sent,
                sent / 60,
                latency(171.83 if failed and step == "checkout" else typical),
                corrected=latency(171.83 if failed and step == "checkout" else typical * 1.5),
            )
        )
    return tuple(made)


def _series(duration: int, failing: int) -> tuple[SeriesRow, ...]:
    made = []
    for second in range(duration):
        crowd = min(second / 15, 1.0)
        for journey, step, _, sent, typical in STEPS:
            n = max(int(sent / 60 * crowd + math.sin(second * 1.7 + sent) * sent / 300), 0)
            bad = min(failing // 6, n) if step == "checkout" and 31 <= second < 37 else 0
            slow = typical * (1 + 4 * (31 <= second < 37) + abs(math.sin(second)) * 0.3)
            timed = (slow, slow * 2.2, slow * 4.1) if n else (None, None, None)
            due = tuple(value and value * 1.5 for value in timed)
            made.append(SeriesRow(second, journey, step, n, n - bad, bad, *timed, *due))
    return tuple(made)


def _spread() -> tuple[DistributionPoint, ...]:
    known = [float(percent) for percent in PERCENTS if percent < 99.99]
    spent = [1.6 + 4 * (-math.log10(1 - percent / 100)) ** 1.6 for percent in known]
    made = [DistributionPoint(p, ms, ms * 1.5) for p, ms in zip(known, spent, strict=True)]
    return (*made, DistributionPoint(100.0, 177.3, 177.3))


SOURCE = """\
scenario: purchase
target:
  url: sandbox
  client_key: '***'
load:
  model: closed
  stages:
  - ramp: 50
    over: '15s'
  - hold:
    over: '45s'
"""


def _samples() -> tuple[Sample, ...]:
    request = 'POST /v1.2/event/create.json?client_key=***&message={"type":"CHECKOUT"}'
    at = "2026-11-24T06:48:20.123+00:00"
    return (
        Sample("purchase", "checkout", "http_status", "503", at, request, 503, 171.83, '{"status":503,\n"busy":true}'),
        Sample("purchase", "checkout", "timeout", "no reply within 10 s", at, request, None, 10_000.0, ""),
    )


def _funnel(steps: tuple[StepSummary, ...]) -> tuple[FunnelStep, ...]:
    left = {"search": 12}
    return tuple(
        FunnelStep(s.journey, s.step, s.sent, s.sent - s.failed - left.get(s.step, 0), left.get(s.step, 0), s.failed, 0)
        for s in steps
    )


def passing() -> Summary:
    """Held in everything."""
    steps = _steps(0)
    sent = sum(step.sent for step in steps)
    return Summary(
        scenario="purchase",
        description="Guests look around; a third of them buy.",
        target="http://127.0.0.1:8080",
        verdict="pass",
        reasons=(),
        started=STARTED,
        duration_s=60.02,
        seed=1,
        run_id="purchase-20261124-064749-4f2a",
        model="closed",
        level=50,
        versions=Versions("0.1.0", "2.43.1", "3.11.7"),
        requests=RequestTotals(sent, sent, 0, 0, sent / 60.02, 0.0, 1_812_345, 7_345_123),
        steps=steps,
        journeys=(
            JourneySummary("purchase", 204, 204, 0, 0, DurationSummary(12_403.0, 16_210.5)),
            JourneySummary("window-shopping", 1410, 1398, 0, 12, DurationSummary(4_210.0, 9_870.0)),
        ),
        funnel=_funnel(steps),
        errors=(),
        thresholds=(
            ThresholdResult("error_rate < 1%", 0.0, True),
            ThresholdResult("checkout.p95 < 300ms", 76.08, True),
            ThresholdResult("orders.missing == 0", 0.0, True),
        ),
        verification=VerificationSummary(
            OrdersVerified(204, 204, (), of=204, unknown=2, unknown_found=1),
            RevenueVerified(Decimal("18342.60"), Decimal("18342.60"), "GBP"),
            guests=GuestsVerified(100, 100, (100, 100), (EventsVerified("ADD", 212, 212),), (3, 3), ()),
            examples=(OrderFound("HX-1F2A-00001", "ada@example.com", Decimal("1089.90"), "GBP"),),
        ),
        generator=GeneratorSummary(0.3412, 1.23, 1, 0, start_lateness_p99=0.87),
        latency=latency(4.4),
        corrected=latency(6.6),
        command="harness run scenarios/purchase.yaml --target sandbox --seed 1",
        load=LoadOverTime(
            "users",
            ((0.0, 0.0), (15.0, 50.0), (60.0, 50.0)),
            tuple((float(second), float(min(second * 50 // 15, 50))) for second in range(60)),
        ),
        distribution=_spread(),
        series=_series(60, 0),
        source=SOURCE,
    )


def failing() -> Summary:
    """Failed requests, a threshold not met, orders missing."""
    good = passing()
    steps = _steps(24)
    failed = sum(step.failed for step in steps)
    sent = good.requests.sent
    missing = tuple(f"HX-1F2A-{n:05}" for n in range(101, 125))
    return replace(
        good,
        verdict="fail",
        reasons=(
            "checkout.p95 was 412 ms, not < 300 ms.",
            "24 of 204 orders are missing at the target.",
        ),
        requests=replace(good.requests, ok=sent - failed, failed=failed, error_rate=failed / sent),
        steps=steps,
        funnel=_funnel(steps),
        journeys=(
            replace(good.journeys[0], completed=180, failed=24),
            replace(good.journeys[1], completed=1392, failed=6),
        ),
        errors=(
            ErrorSummary("http_status", "503", "purchase", "checkout", 17, STARTED + timedelta(seconds=31)),
            ErrorSummary("timeout", "no reply within 10 s", "purchase", "checkout", 7, STARTED + timedelta(seconds=33)),
            ErrorSummary(
                "check",
                "status was 200, expected 201",
                "window-shopping",
                "search",
                6,
                STARTED + timedelta(seconds=12),
            ),
        ),
        thresholds=(
            ThresholdResult("error_rate < 1%", failed / sent, True),
            ThresholdResult("checkout.p95 < 300ms", 412.4, False),
            ThresholdResult("orders.missing == 0", 24.0, False),
        ),
        verification=VerificationSummary(
            OrdersVerified(204, 180, missing, missing_count=24, mispriced=1, of=204),
            RevenueVerified(Decimal("18342.60"), Decimal("16184.70"), "GBP"),
            problems=(
                *(
                    OrderProblem("missing", name, "ada@example.com", "purchase/checkout", "89.90 GBP", "none")
                    for name in missing
                ),
                OrderProblem(
                    "mispriced", "HX-1F2A-00007", "eve@example.com", "purchase/checkout", "89.90 GBP", "8.99 GBP"
                ),
            ),
            guests=GuestsVerified(
                100,
                99,
                (100, 99),
                (EventsVerified("ADD", 212, 211), EventsVerified("VIEW", 300, 300)),
                None,
                (
                    GuestProblem(
                        "guest_missing",
                        "ada@example.com",
                        "purchase",
                        "identify",
                        "the guest is not there",
                        "a customer",
                        "none",
                        "events dropped: the IDENTITY is not on the timeline",
                    ),
                ),
            ),
            trouble="the target shows no timelines",
        ),
        generator=replace(good.generator, saturated=True, saturated_s=4, saturated_seconds=(31, 32, 33, 50)),
        series=_series(60, 24),
        samples=_samples(),
    )


def interrupted() -> Summary:
    """Cut short after 4.2 s, before anything was verified."""
    good = passing()
    steps = tuple(
        replace(step, sent=12, ok=10, unfinished=2, rate=2.86)
        if step.sent < 1000
        else replace(step, latency=None, corrected=None)
        for step in good.steps[:7]
    )
    return replace(
        good,
        verdict="interrupted",
        reasons=("The run was interrupted from the keyboard.",),
        duration_s=4.2,
        requests=RequestTotals(72, 60, 0, 12, 17.1, 0.0, 15_000, 61_000),
        steps=steps,
        funnel=_funnel(steps),
        verification=None,
        series=_series(4, 0),
    )


def empty() -> Summary:
    """Nobody came: no request, no series, nothing set, nothing verified."""
    return replace(
        passing(),
        description="",
        verdict="incomplete",
        reasons=("No guest set out before the run ended.",),
        duration_s=0.0,
        level=0,
        requests=RequestTotals(0, 0, 0, 0, 0.0, 0.0, 0, 0),
        steps=(),
        funnel=(),
        journeys=(),
        thresholds=(),
        verification=None,
        generator=GeneratorSummary(0.0, 0.0, 1, 0),
        latency=None,
        corrected=None,
        load=None,
        distribution=(),
        series=(),
        source="",
        command="",
    )


KINDS: dict[str, Callable[[], Summary]] = {
    "pass": passing,
    "fail": failing,
    "interrupted": interrupted,
    "empty": empty,
}


@pytest.fixture(params=sorted(KINDS))
def summary(request: pytest.FixtureRequest) -> Summary:
    return KINDS[request.param]()


@pytest.fixture
def held() -> Summary:
    return passing()


@pytest.fixture
def broken() -> Summary:
    return failing()


@pytest.fixture
def nothing() -> Summary:
    return empty()


HOSTILE = (
    "<script>document.title='owned'</script>",
    "\"'><img src=x onerror=alert(1)>",
    "]]><!-- & &amp; &#64;",
    "[bold red]loud[/bold red] [link=http://evil]x[/link] [/]",
    "a|b\\|c `code` **strong** @everyone #1 [x](http://evil)",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07\x00\x08\r\nnew line",
    "\u202eright to left\u202c שלום مرحبا",
    "half a pair \ud800 and \ufffe",
    "{{ 7*7 }}{% raw %}",
    "x" * 10_000,
    "",
)


@pytest.fixture(params=HOSTILE, ids=[f"name{n}" for n in range(len(HOSTILE))])
def hostile(request: pytest.FixtureRequest) -> tuple[str, Summary]:
    """A name from outside, and a summary that has it wherever such a name may stand."""
    return request.param, _named(request.param)


@pytest.fixture
def all_hostile() -> list[Summary]:
    return [_named(name) for name in HOSTILE]


def _named(name: str) -> Summary:
    run = failing()
    assert run.verification is not None and run.verification.orders is not None
    assert run.verification.revenue is not None and run.verification.guests is not None
    return replace(
        run,
        scenario=name,
        description=name,
        target=name,
        reasons=(name, name),
        run_id=name,
        model=name,
        versions=Versions(name, name, name),
        steps=tuple(replace(step, journey=name, step=name, type=name) for step in run.steps),
        journeys=tuple(replace(journey, name=name) for journey in run.journeys),
        errors=tuple(replace(error, kind=name, detail=name, journey=name, step=name) for error in run.errors),
        thresholds=tuple(replace(threshold, text=name) for threshold in run.thresholds),
        verification=VerificationSummary(
            replace(run.verification.orders, missing=(name,) * 24),
            replace(run.verification.revenue, currency=name),
            problems=tuple(
                replace(p, order=name, guest=name, step=name, found=name) for p in run.verification.problems
            ),
            guests=replace(
                run.verification.guests,
                events=tuple(replace(each, type=name) for each in run.verification.guests.events),
                problems=tuple(
                    replace(p, guest=name, journey=name, step=name, what=name, found=name, cause=name)
                    for p in run.verification.guests.problems
                ),
                unread=(name,),
            ),
            trouble=f"no timelines {name}",
        ),
        funnel=tuple(replace(step, journey=name, step=name) for step in run.funnel),
        series=tuple(replace(row, journey=name, step=name) for row in run.series),
        samples=tuple(
            Sample(name, name, name, name, name, name, each.status, each.latency_ms, name) for each in run.samples
        ),
        command=name or "-",
        source=name or "-",
    )
