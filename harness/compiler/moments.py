"""Simulated guests of a journey in figures: means, and what spreads about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.compiler.simulate import Floats, Traces

REQUESTS, ORDERS, VALUE, GUESTS = -4, -3, -2, -1
"""Rows of moments behind the steps."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Means over guests: of quantities X, of X², and of X times the guest's duration."""

    x: Floats
    xx: Floats
    xt: Floats


class Walk:
    """A journey's simulated guests, and their moments: a row a step, and rows for requests, orders, value."""

    def __init__(self, traces: Traces, steps: int, purchases: Sequence[int]) -> None:
        self.traces, self.steps = traces, steps
        guests, duration = traces.guests, traces.duration
        self.mean, self.variance = float(duration.mean()), float(duration.var())
        pairs, times = np.unique(traces.guest * max(steps, 1) + traces.step, return_counts=True)
        step, owner = pairs % max(steps, 1), pairs // max(steps, 1)

        def by_step(weights: Floats | None) -> Floats:
            return np.bincount(step, weights, minlength=steps)[:steps] / guests

        per_step = (by_step(times.astype(float)), by_step(times**2.0), by_step(times * duration[owner]))
        self.reach = by_step(None)
        of_guest = [
            np.bincount(traces.guest, weights, minlength=guests)
            for weights in (None, np.isin(traces.step, list(purchases)).astype(float), traces.value)
        ]
        whole = [(x.mean(), (x * x).mean(), (x * duration).mean()) for x in (*of_guest, np.ones(guests))]
        columns = zip(*whole, strict=True)
        self.moments = Moments(*(np.append(s, w) for s, w in zip(per_step, columns, strict=True)))
        sent = np.bincount(traces.step, minlength=steps)[:steps]
        worth = np.bincount(traces.step, traces.value, minlength=steps)[:steps]
        self.value = worth / np.maximum(sent, 1)

    @property
    def variances(self) -> Floats:
        """Of X."""
        return np.maximum(self.moments.xx - self.moments.x**2, 0.0)

    @property
    def steady_variances(self) -> Floats:
        """Of what a guest adds to X beyond the mean rate of its time: the variance of a renewal reward process."""
        m = self.moments
        rate = m.x / self.mean
        covariance = m.xt - m.x * self.mean
        return np.maximum(self.variances - 2 * rate * covariance + rate**2 * self.variance, 0.0)
