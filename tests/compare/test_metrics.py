"""Names of metrics and tolerances as people write them."""

from __future__ import annotations

import pytest

from harness.compare.metrics import Metric, MetricError, Tolerances, parse, tolerances


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("throughput", Metric("throughput")),
        ("p999", Metric("p999")),
        ("checkout.p95", Metric("p95", "", "checkout")),
        ("purchase/check out.error_rate", Metric("error_rate", "purchase", "check out")),
        ("purchase.completed", Metric("completed", "purchase")),
        ("orders.missing", Metric("orders.missing")),
        ("v1.2.p50", Metric("p50", "", "v1.2")),
    ],
)
def test_a_metric_is_spelled_as_in_thresholds(text: str, metric: Metric) -> None:
    assert parse(f" {text} ") == metric
    assert metric.text == text


@pytest.mark.parametrize("text", ["", "foo", "checkout.p94", "completed", "a/b.completed", "checkout."])
def test_what_names_no_metric_is_refused(text: str) -> None:
    with pytest.raises(MetricError):
        parse(text)


def test_the_most_specific_tolerance_counts() -> None:
    told = tolerances(["8%", "p95=10%", "checkout.p95=20%", "buy/checkout.p95=30%", "error_rate=0.1%"])
    assert told.of_metric(Metric("p50", "buy", "checkout")) == pytest.approx(0.08)
    assert told.of_metric(Metric("p95", "buy", "browse")) == pytest.approx(0.10)
    assert told.of_metric(Metric("p95", "rent", "checkout")) == pytest.approx(0.20)
    assert told.of_metric(Metric("p95", "buy", "checkout")) == pytest.approx(0.30)
    assert told.of_metric(Metric("error_rate", "buy", "checkout")) == pytest.approx(0.001)
    assert told.of_metric(Metric("completed", "buy")) == Tolerances().points


@pytest.mark.parametrize("text", ["", "5", "five", "-5%", "p95=", "p95=5", "=5%", "p90=5%", "nothing=5%", "5%%"])
def test_what_is_no_tolerance_is_refused(text: str) -> None:
    with pytest.raises(MetricError):
        tolerances([text])
