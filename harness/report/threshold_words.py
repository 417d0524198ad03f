"""What was measured for a threshold or a condition, in the words and the unit that it speaks of."""

from __future__ import annotations

import re

from harness.report import words
from harness.report.summary import StoppedSummary, ThresholdResult

_THRESHOLD = re.compile(
    r"(?P<metric>.*?)\s*(?:<=|>=|==|<|>)\s*(?P<limit>\d[\d_]*(?:\.\d+)?)\s*(?P<unit>ms|s|%|/s)?\s*$", re.DOTALL
)
_UNIT_KIND = {"ms": "ms", "s": "ms", "%": "share", "/s": "rate"}


def measured(result: ThresholdResult) -> str:
    """What was measured for a threshold, in the unit that the threshold is about.

    Takes more digits where the usual ones would show the limit itself: 300.4 ms is not < 300ms.
    """
    if result.value is None:
        return "nothing to measure"
    parts = _THRESHOLD.match(result.text)
    if parts is None:
        return words.figure(result.value)
    metric, limit, unit = parts["metric"], float(parts["limit"].replace("_", "")), parts["unit"] or ""
    kind = _UNIT_KIND.get(unit) or _kind_of(metric, limit)
    limit *= {"s": 1000.0, "%": 0.01}.get(unit, 1.0)
    usual = _in_unit(result.value, kind)
    if usual == _in_unit(limit, kind) and result.value != limit:
        return _exact(result.value, kind)
    return usual


def stopped(why: StoppedSummary) -> str:
    """Why and when a load ended early, as a sentence."""
    value = measured(ThresholdResult(why.condition, why.value, held=False))
    after = f"The load was stopped after {words.duration(why.after_s)}"
    if why.by == "stop_when":
        how_long = f"for {words.counted(why.seconds, 'second')}, with {value} in the last of them"
        return f"{after} by stop_when: {why.condition} was true {how_long if why.seconds > 1 else f'({value})'}."
    return f"{after} by --stop-on-fail: {why.condition} did not hold, it was {value}."


def _kind_of(metric: str, limit: float) -> str:
    last = re.split(r"[./]", metric)[-1]
    if re.search(r"(^|_)p\d+$", last) or last in ("min", "mean", "max"):
        return "ms"
    if last == "throughput":
        return "rate"
    if last in ("error_rate", "cpu") or (last == "completed" and limit <= 1):
        return "share"
    return "count"


def _in_unit(value: float, kind: str) -> str:
    if kind == "count":
        return words.count(int(value)) if value == int(value) else words.figure(value)
    return {"ms": words.ms, "rate": words.rate, "share": words.percent}[kind](value)


def _exact(value: float, kind: str) -> str:
    scaled = value * 100 if kind == "share" else value
    digits = f"{scaled:,.6f}".rstrip("0").rstrip(".")
    return digits + {"ms": " ms", "rate": "/s", "share": "%", "count": ""}[kind]
