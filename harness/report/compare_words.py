"""A comparison in words: what differs, by how much, how sure that is, and what could not be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.compare.metrics import Metric
from harness.compare.outcome import Comparison, Difference
from harness.compare.runs import Run
from harness.report import words

KIND_WORDS = {"error_rate": "error rate"}
VERDICT_WORDS = {"worse": "worse", "better": "better", "same": "same", "unsure": "unsure", "unjudged": "not judged"}
_NAMED = 3


def subject(metric: Metric) -> str:
    """What a metric is about: ``purchase/checkout``, ``purchase``, ``whole run``."""
    if metric.step:
        return f"{words.clean(metric.journey)}/{words.clean(metric.step)}"
    return words.clean(metric.journey) if metric.journey else "whole run"


def kind(metric: Metric) -> str:
    """The metric's own name."""
    return KIND_WORDS.get(metric.kind, metric.kind)


def value(metric: Metric, measured: float | None) -> str:
    """A measured value with its unit."""
    if metric.is_share:
        return words.percent(measured)
    return words.rate(measured) if metric.kind == "throughput" else words.ms(measured)


def amount(metric: Metric, change: float) -> str:
    """How large a difference is, without its sign: ``12%``, ``0.40 points``, ``3.1 times``."""
    size = abs(change)
    if metric.is_share:
        return f"{_digits(size * 100)} points"
    return f"{_digits(1 + size)} times" if change >= 2 else f"{_digits(size * 100)}%"


def signed(metric: Metric, change: float | None) -> str:
    """A difference with its sign: ``+12%``, ``-0.40 points``."""
    if change is None:
        return words.NOTHING
    if change >= 2 and not metric.is_share:
        return f"×{_digits(1 + change)}"
    return f"{'+' if change > 0 else '-' if change < 0 else ''}{amount(metric, change)}"


def percent(share: float) -> str:
    """A share without needless digits: ``95%``, ``1%``, ``0.5%``."""
    return f"{share * 100:.6g}%"


def _digits(number: float) -> str:
    if number == 0:
        return "0"
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}" if number >= 0.95 else f"{max(number, 0.01):.2f}"


def interval(each: Difference) -> str:
    """The interval of a difference: ``+10 to +15%``."""
    if each.low is None or each.high is None:
        return words.NOTHING
    low, high = signed(each.metric, each.low), signed(each.metric, each.high)
    return _range(low, high)


def _range(one: str, two: str) -> str:
    """``12 to 15%``: the unit is said once."""
    for unit in ("%", " points", " times"):
        if one.endswith(unit) and two.endswith(unit):
            return f"{one.removesuffix(unit)} to {two}"
    return f"{one} to {two}"


def sentence(each: Difference) -> str:
    """A difference beyond noise as a sentence: ``purchase/checkout p95 is 12% slower (10 to 15%): 35.0 ms, not 31.2 ms.``"""
    metric = each.metric
    name = f"{subject(metric)} {kind(metric)}"
    new, base = value(metric, each.new), value(metric, each.base)
    if each.change is None or each.low is None or each.high is None:
        return f"{name}: {new}, not {base} ({each.note})."
    if each.low == each.high:
        return f"{name}: {new}, not {base}."
    nearer, further = sorted((each.low, each.high), key=abs)
    sure = _range(amount(metric, nearer), amount(metric, further))
    return f"{name} is {amount(metric, each.change)} {_comparative(each)} ({sure}): {new}, not {base}."


def _comparative(each: Difference) -> str:
    more = each.change is not None and each.change > 0
    if each.metric.is_share or each.metric.kind == "throughput":
        return "higher" if more else "lower"
    return "slower" if more else "faster"


def ranked(differences: Sequence[Difference]) -> list[Difference]:
    """The most telling first: latencies and shares before throughput, steps before the whole, larger before smaller."""
    return sorted(
        differences,
        key=lambda each: (
            each.metric.kind == "throughput",
            not each.metric.step,
            -abs(each.change or 0) / max(each.tolerance, 1e-9),
        ),
    )


def headline(comparison: Comparison) -> str:
    """The verdict: ``2 regressions``, ``No regression``."""
    found = len(comparison.regressions)
    return words.counted(found, "regression") if found else "No regression"


def detail(comparison: Comparison) -> str:
    """What the verdict rests on, in one or two sentences."""
    judged = [each for each in comparison.differences if each.verdict != "unjudged"]
    sure = f"with {percent(comparison.settings.confidence)} confidence for all {len(judged)} figures together"
    if comparison.regressions:
        places = Counter(subject(each.metric) for each in ranked(comparison.regressions))
        named = ", ".join(list(places)[:_NAMED]) + (" and others" if len(places) > _NAMED else "")
        return f"Worse beyond noise and tolerance in {named}, {sure}."
    unsure = len(comparison.of("unsure"))
    if not judged:
        return "No figure could be judged."
    worse = len(comparison.of("worse"))
    if worse:
        said = f"{words.counted(worse, 'figure is', 'figures are')} worse, within the tolerance, {sure}."
    elif better := len(comparison.of("better")):
        said = f"Nothing is worse beyond noise, {words.counted(better, 'figure')} better, {sure}."
    else:
        said = f"Nothing differs beyond noise, {sure}."
    if unsure:
        said += (
            f" {words.counted(unsure, 'figure varies', 'figures vary')} too much to rule a regression out: "
            "longer runs, or more a side, would tell."
        )
    return said


def method(comparison: Comparison) -> str:
    """How it was judged, in one sentence."""
    base, new = len(comparison.base), len(comparison.new)
    sides = "one run a side" if base == new == 1 else f"{base} against {words.counted(new, 'run')}"
    if comparison.method == "runs":
        return f"Whole runs, {sides}: a permutation test ({comparison.ways:,} ways to deal the runs to the sides)."
    return (
        f"{comparison.compared_s} s of {sides}, cut into {comparison.stretches} stretches; that runs of the same "
        f"system differ by {percent(comparison.settings.run_noise)} on their own is allowed for."
    )


def left_out(comparison: Comparison) -> str:
    """Which seconds do not count, and why; empty where all do."""
    parts = []
    if comparison.warm_up_s:
        asked = comparison.settings.warm_up_s is not None
        why = "as asked" if asked else "because the runs ramp up differently"
        parts.append(f"the first {comparison.warm_up_s} s, {why}")
    if comparison.saturated_s:
        parts.append(f"{comparison.saturated_s} s in which a generator was saturated")
    return f"Left out: {'; '.join(parts)}." if parts else ""


def tolerance(comparison: Comparison) -> str:
    """The tolerances as they apply."""
    told = comparison.settings.tolerances
    rest = "".join(f", {words.clean(metric.text)} {amount(metric, value)}" for metric, value in told.of.items())
    return f"{percent(told.ratio)}, of shares {_digits(told.points * 100)} points{rest}"


def run(one: Run) -> str:
    """A run in a line: where it lies, when it began, how long it took."""
    return f"{words.clean(one.name, 4096)}  {words.moment(one.started)}, {words.duration(one.duration_s)}"
