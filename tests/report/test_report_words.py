"""Wording and numbers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from harness.report import threshold_words, verdict_words, words
from harness.report.outcome_summary import OrdersVerified
from harness.report.summary import GeneratorSummary, Summary, ThresholdResult


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.004, "<0.01 ms"),
        (0.84, "0.84 ms"),
        (9.996, "10.0 ms"),
        (12.34, "12.3 ms"),
        (99.96, "100 ms"),
        (1204.4, "1,204 ms"),
    ],
)
def test_ms(value: float | None, said: str) -> None:
    assert words.ms(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "–"),
        (0.0, "0%"),
        (1e-7, "<0.01%"),
        (0.004, "0.40%"),
        (0.118, "11.8%"),
        (0.9994, "99.9%"),
        (0.99951, "99.95%"),
        (0.999999, ">99.99%"),
        (1.0, "100%"),
        (1.62, "162.0%"),
    ],
)
def test_percent_never_hides_what_is_there(share: float | None, said: str) -> None:
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (4.2, "4.2 s"),
        (60.02, "60 s"),
        (99.97, "1 min 40 s"),
        (120, "2 min"),
        (3599.6, "1 h"),
        (7500, "2 h 5 min"),
    ],
)
def test_duration(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_sizes_and_money() -> None:
    assert [words.size(n) for n in (0, 999, 1000, 1_812_345, 7_000_000_000)] == [
        "0 B",
        "999 B",
        "1.00 kB",
        "1.81 MB",
        "7.00 GB",
    ]
    assert words.money(Decimal("18342.60"), "GBP") == "18,342.60 GBP"
    assert words.money(Decimal("1E+3"), "JPY") == "1,000 JPY"
    assert words.money(Decimal("0.00"), "") == "0.00"


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("error_rate < 1%", 0.0031, "0.31%"),
        ("error_rate < 0.01", 0.0031, "0.31%"),
        ("checkout.p95 < 300ms", 412.4, "412 ms"),
        ("checkout.p95 < 300ms", 300.4, "300.4 ms"),
        ("checkout.p95 < 0.3s", 299.6, "299.6 ms"),
        ("checkout.p95 < 300ms", 300.0, "300 ms"),
        ("p999 < 2s", 2000.5, "2,000.5 ms"),
        ("purchase/browse 2.p99 <= 20", 12.34, "12.3 ms"),
        ("throughput >= 100/s", 99.98, "99.98/s"),
        ("purchase.completed >= 99%", 0.98999, "98.999%"),
        ("orders.missing == 0", 24.0, "24"),
        ("orders.missing == 0", None, "nothing to measure"),
        ("no threshold at all", 1.5, "1.50"),
    ],
)
def test_measured_has_the_unit_of_its_threshold_and_tells_it_from_the_limit(
    text: str, value: float | None, said: str
) -> None:
    assert threshold_words.measured(ThresholdResult(text, value, held=False)) == said


def test_verdict_of_each_kind(held: Summary, broken: Summary, nothing: Summary) -> None:
    assert verdict_words.verdict_line(held) == "Held: 3 of 3 thresholds, 204 of 204 orders found."
    assert verdict_words.verdict_line(broken) == (
        "Did not hold: 2 of 3 thresholds not met, 24 of 204 orders missing, 1 order with a wrong price, "
        "1 of 100 guests not as sent."
    )
    assert verdict_words.verdict_line(nothing) == "Incomplete: no guest set out before the run ended."
    cut = replace(held, verdict="interrupted", duration_s=4.2, verification=None)
    assert verdict_words.verdict_line(cut) == (
        "Interrupted after 4.2 s: 9,687 requests sent, 3 of 3 thresholds held, orders not verified."
    )
    lost = replace(held, verdict="incomplete", generator=GeneratorSummary(0.2, 1.0, 3, 1))
    assert verdict_words.verdict_line(lost) == "Incomplete: 1 worker lost."


def test_verdict_without_thresholds_or_orders_promises_nothing(held: Summary) -> None:
    bare = replace(held, thresholds=(), verification=None)
    assert verdict_words.verdict_line(bare) == "Held: no thresholds set, orders not verified."
    idle = replace(bare, requests=replace(bare.requests, sent=0))
    assert verdict_words.verdict_line(idle) == "Held: no request was sent, no thresholds set, orders not verified."


def test_a_failure_of_no_known_kind_gives_its_reason(held: Summary) -> None:
    odd = replace(held, verdict="fail", reasons=("The disk was full.",))
    assert verdict_words.verdict_line(odd) == "Did not hold: the disk was full."
    assert verdict_words.reasons(odd) == []
    two = replace(odd, reasons=("The disk was full.", "The dog ate the rest."))
    assert verdict_words.reasons(two) == ["The disk was full.", "The dog ate the rest."]
    lost = replace(two, verdict="incomplete", thresholds=(ThresholdResult("p95 < 1ms", 2.0, held=False),))
    assert verdict_words.verdict_line(lost) == "Incomplete: the disk was full, 1 of 1 threshold not met."


def test_missing_orders_are_counted_beyond_those_named(broken: Summary) -> None:
    assert broken.verification is not None
    orders = OrdersVerified(1000, 900, tuple(f"A{n}" for n in range(20)))
    many = replace(broken, verification=replace(broken.verification, orders=orders))
    assert verdict_words.missing_names(many, 10) == ([f"A{n}" for n in range(10)], 90)


def test_clean_keeps_letters_and_drops_what_acts() -> None:
    assert words.clean("שלום 👩\u200d💻 naïve") == "שלום 👩\u200d💻 naïve"
    assert words.clean("a\nb\x1b[1m\u202ec\ud800") == "a b\ufffd[1mc\ufffd"
    assert words.clean("y" * 10_000, 5) == "yyyyy… (10,000 characters)"
