"""Locust's own statistics, fed from our figures once a second: its web UI, --csv, --html and --json stay right."""

from __future__ import annotations

import time
from typing import Any

from locust.stats import RequestStats, StatsEntry, StatsError, bucket_response_time

from harness.compiler.plan import Plan
from harness.record.figures import Figures, StepFigures


class LocustBooks:
    """Locust's statistics of one load. ``heard``: somebody but Locust listens to its event of each request."""

    def __init__(self, environment: Any, plan: Plan) -> None:
        self._environment = environment
        self._methods = {(journey, send.name): send.request.method for journey, send in plan.steps}
        self.heard = False

    def open(self) -> None:
        """The load begins."""
        self.heard = len(self._environment.events.request._handlers) > 1

    def enter(self, figures: Figures) -> None:
        """Enter the last second's counts, unless Locust has heard of each request already."""
        if not self.heard:
            feed(self._environment.stats, figures, self._methods)
        self.open()


def feed(stats: RequestStats, figures: Figures, methods: dict[tuple[str, str], str]) -> None:
    """Add what was counted in the last second. ``methods``: journey and step to HTTP method."""
    now = time.time()
    for key, step in figures.steps.items():
        if not (step.ok or step.failed):
            continue
        name, method = f"{key.journey}/{key.step}", methods[key]
        _add(stats.entries[(name, method)], step, now)
        _add(stats.total, step, now)
    for error, found in figures.errors.items():
        name = f"{error.journey}/{error.step}"
        method = methods[(error.journey, error.step)]
        text = f"{error.kind}: {error.detail}"
        known = stats.errors.get(StatsError.create_key(method, name, text))
        if known is None:
            known = stats.errors[StatsError.create_key(method, name, text)] = StatsError(method, name, text)
            known.first_seen = found.first
        known.occurrences += found.count
        known.last_seen = now


def _add(entry: StatsEntry, step: StepFigures, now: float) -> None:
    """What Locust does for one request after the other, for many at once."""
    second = int(now)
    if entry.use_response_times_cache and entry.last_request_timestamp and second > int(entry.last_request_timestamp):
        entry._cache_response_times(second - 1)
    answered = step.ok + step.failed
    entry.num_requests += answered
    entry.num_none_requests += answered - step.latency.count
    entry.num_failures += step.failed
    entry.num_reqs_per_sec[second] += answered
    if step.failed:
        entry.num_fail_per_sec[second] += step.failed
    entry.last_request_timestamp = now
    entry.total_content_length += step.bytes_in
    if not step.latency.count:
        return
    entry.total_response_time += step.latency.sum / 1000  # type: ignore[assignment]
    low, high = step.latency.min / 1000, step.latency.max / 1000
    known: Any = entry.min_response_time
    entry.min_response_time = low if known is None else min(known, low)  # type: ignore[assignment]
    entry.max_response_time = max(entry.max_response_time, high)  # type: ignore[assignment]
    values, counts = step.latency.nonzero()
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        entry.response_times[bucket_response_time(value / 1000)] += count
