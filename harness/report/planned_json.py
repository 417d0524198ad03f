"""An estimate as JSON: times in s unless the key says ms, rates per s, money in the scenario's currency."""

from __future__ import annotations

import json
from typing import Any

from harness.compiler.expected import Estimate, Expected, Totals
from harness.compiler.plan import Plan


def as_json(plan: Plan, estimate: Estimate, per_worker: float) -> str:
    """One document. ``null``: it depends on the target alone."""
    document = {
        "format": 1,
        "scenario": plan.scenario,
        "model": plan.load.model,
        "duration_s": _short(estimate.duration_s),
        "currency": plan.currency,
        "stream": plan.stream,
        "latency_ms": estimate.latency_s * 1000,
        "simulated_guests": estimate.simulated,
        "per_guest": {
            "requests": _short(estimate.requests_per_guest),
            "orders": _short(estimate.orders_per_guest),
            "revenue": _short(estimate.revenue_per_guest),
        },
        "totals": _totals(estimate.totals),
        "workers": {"needed": estimate.workers(per_worker), "per_worker": per_worker},
        "steps": [
            {
                "journey": step.journey,
                "step": step.step,
                "type": step.type,
                "per_guest": {"mean": _short(step.per_guest.mean), "error": _short(step.per_guest.error)},
                "reach": _short(step.reach),
                "total": _expected(step.total),
                "peak_rate": _short(step.peak),
                "rates": [_short(rate) for rate in step.rates],
            }
            for step in estimate.steps
        ],
        "journeys": [
            {
                "name": journey.name,
                "guests": _expected(journey.guests),
                "completed": _short(journey.completed),
                "left": _short(journey.left),
                "duration": {"mean": _short(journey.mean_s), "p95": _short(journey.p95_s)},
            }
            for journey in estimate.journeys
        ],
        "series": [
            {
                "at": _short(point.at),
                "seconds": _short(point.width),
                "level": _short(point.level),
                "guests": _short(point.guests),
                "requests": _short(point.requests),
                "under_way": _short(point.under_way),
            }
            for point in estimate.points
        ],
        "assumptions": list(estimate.assumptions),
    }
    return json.dumps(document, indent=2)


def _totals(totals: Totals | None) -> dict[str, Any] | None:
    if totals is None:
        return None
    return {
        "requests": _expected(totals.requests),
        "guests": _expected(totals.guests),
        "orders": _expected(totals.orders),
        "revenue": _expected(totals.revenue),
        "bytes_out": totals.size,
        "peak_rate": _short(totals.peak_rate),
        "peak_guests": _short(totals.peak_guests),
    }


def _expected(value: Expected | None) -> dict[str, float | None] | None:
    """``spread``: standard deviation from run to run; ``error``: of the simulation."""
    if value is None:
        return None
    return {"mean": _short(value.mean), "spread": _short(value.spread), "error": _short(value.error)}


def _short(value: float | None) -> float | None:
    """Six digits behind the point: no figure here is that exact."""
    return None if value is None else round(value, 6)
