"""The generator's own health: how late its loop runs, and how much of a core it uses."""

from __future__ import annotations

import time

import gevent
import psutil

from harness.record.histogram import Histogram

PROBE_EVERY_S = 0.02
"""Fifty probes a second: enough for a p99 within seconds, too few to be felt."""


class Health:
    """Measures from ``start`` to ``stop``. A probe asks to be woken at a time; how much later it is, is the lag."""

    def __init__(self) -> None:
        self._lag = Histogram()
        self._probe: gevent.Greenlet[..., None] | None = None
        self._process = psutil.Process()
        self._began = self._ended = time.perf_counter()
        self._cpu_began = self._cpu_ended = 0.0

    def start(self) -> None:
        """Begin to measure."""
        self._began = time.perf_counter()
        self._cpu_began = self._cpu_s()
        self._probe = gevent.spawn(self._run)

    def stop(self) -> None:
        """End measuring."""
        if self._probe is not None:
            self._probe.kill(block=False)
            self._probe = None
            self._ended = time.perf_counter()
            self._cpu_ended = self._cpu_s()

    @property
    def cpu(self) -> float:
        """Mean share of one core that this process used."""
        return max(self._cpu_ended - self._cpu_began, 0.0) / max(self._ended - self._began, 1e-9)

    @property
    def loop_lag_p99_ms(self) -> float:
        """The lag that 99 % of the probes did not exceed (ms)."""
        return self._lag.percentiles((99.0,))[0] / 1000

    def _cpu_s(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _run(self) -> None:
        while True:
            due = time.perf_counter() + PROBE_EVERY_S
            gevent.sleep(PROBE_EVERY_S)
            self._lag.add(int((time.perf_counter() - due) * 1_000_000))
