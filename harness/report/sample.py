"""A failed exchange, kept to be shown: the first of each kind of error at each step."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

MOST_SAMPLES = 60
LONGEST = 2_000
"""Characters of a request or a reply."""

_TEXTS = ("journey", "step", "kind", "detail", "time", "request", "reply")


@dataclass(frozen=True, slots=True)
class Sample:
    """What went wrong once. ``time`` is as written; ``status`` None: there was no reply. Secrets are masked already."""

    journey: str
    step: str
    kind: str
    detail: str
    time: str
    request: str
    status: int | None
    latency_ms: float
    reply: str


def samples(lines: Iterable[str]) -> tuple[Sample, ...]:
    """One of each kind among the lines of failures.jsonl; what is no such line is left out (the last may be cut off)."""
    found: dict[tuple[str, ...], Sample] = {}
    for line in lines:
        sample = _sample(line)
        if sample is not None and len(found) < MOST_SAMPLES:
            found.setdefault((sample.journey, sample.step, sample.kind, sample.detail), sample)
    return tuple(found.values())


def _sample(line: str) -> Sample | None:
    try:
        told = json.loads(line)
        journey, step, kind, detail, time, request, reply = (str(told[name])[:LONGEST] for name in _TEXTS)
        status = None if told["status"] is None else int(told["status"])
        return Sample(journey, step, kind, detail, time, request, status, float(told["latency_ms"]), reply)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
