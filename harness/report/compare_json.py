"""A comparison as a document for programs. Times in ms, rates per second, shares and ratios as fractions of 1."""

from __future__ import annotations

import json
from typing import Any

from harness.compare.outcome import Comparison, Difference
from harness.compare.runs import FunnelFacts, Run
from harness.report import compare_words
from harness.report.words import rfc3339

FORMAT = 1
"""The version of compare.json."""


def render(comparison: Comparison) -> str:
    """The document compare.json."""
    settings = comparison.settings
    document = {
        "format": FORMAT,
        "scenario": comparison.scenario,
        "verdict": "regression" if comparison.regressions else "pass",
        "headline": compare_words.headline(comparison),
        "detail": compare_words.detail(comparison),
        "base": [_run(run) for run in comparison.base],
        "new": [_run(run) for run in comparison.new],
        "method": {
            "by": comparison.method,
            "confidence": settings.confidence,
            "compared_s": comparison.compared_s,
            "warm_up_s": comparison.warm_up_s,
            "saturated_s": comparison.saturated_s,
            "stretches": comparison.stretches,
            "ways": comparison.ways,
            "run_noise": settings.run_noise,
            "forced": settings.force,
        },
        "warnings": list(comparison.warnings),
        "differences": [_difference(each) for each in comparison.differences],
        "funnel": [{"base": _funnel(row.base), "new": _funnel(row.new)} for row in comparison.funnel],
    }
    return encodable(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def encodable(text: str) -> str:
    """Text without halves of surrogate pairs, which a name may hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def _run(run: Run) -> dict[str, Any]:
    return {
        "path": run.name,
        "run_id": run.run_id,
        "target": run.target,
        "started": rfc3339(run.started),
        "duration_s": run.duration_s,
        "model": run.model,
        "level": run.level,
        "seed": run.seed,
        "version": run.version,
    }


def _difference(each: Difference) -> dict[str, Any]:
    made: dict[str, Any] = {"metric": each.metric.text, "kind": each.metric.kind}
    made |= {name: value for name, value in (("journey", each.metric.journey), ("step", each.metric.step)) if value}
    for name in ("base", "new", "change", "low", "high"):
        value = getattr(each, name)
        made[name] = None if value is None else round(value, 6)
    made |= {
        "unit": "share" if each.metric.is_share else "1/s" if each.metric.kind == "throughput" else "ms",
        "change_is": "points" if each.metric.is_share else "ratio",
        "tolerance": each.tolerance,
        "verdict": each.verdict,
        "regression": each.regression,
    }
    return made | ({"note": each.note} if each.note else {})


def _funnel(facts: FunnelFacts) -> dict[str, Any]:
    return {
        "journey": facts.journey,
        "step": facts.step,
        "entered": facts.entered,
        "went_on": facts.went_on,
        "left_by_design": facts.left_by_design,
        "lost_to_errors": facts.lost_to_errors,
    }
