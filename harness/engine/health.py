"""The generator's own health: how late its loop runs, how much of a core it uses, and when it was too busy to trust."""

from __future__ import annotations

import gc
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent

from harness.record.histogram import Histogram

PROBE_EVERY_S = 0.02
"""Fifty probes a second: enough to judge a second, too few to be felt."""
BUSY_CPU = 0.95
"""From this share of a core on, had or waited for, requests wait for this process and not only for the target."""
LATE_MS = 2.0
"""When half of a second's probes were later than this, so were the requests, whatever the processor says. One is the timer's."""
STALLED_MS = 20.0
"""Nor may a tenth of them be later than this: the loop stood still for a tenth of the second."""
_SCHEDULER = Path("/proc/self/schedstat")
"""Nanoseconds the main thread ran, and waited for a core that others had (Linux)."""


@dataclass(frozen=True, slots=True)
class Second:
    """One second of the generator. ``saturated``: its figures are not the target's.

    ``cpu``: share of a core it had; ``wanted``: had or waited for, while other processes ran. The rest in ms.
    """

    cpu: float
    wanted: float
    loop_lag_p50: float
    loop_lag_p90: float

    @property
    def saturated(self) -> bool:
        """Whether this process was the bottleneck."""
        return self.wanted >= BUSY_CPU or self.loop_lag_p50 > LATE_MS or self.loop_lag_p90 > STALLED_MS


class Health:
    """Measures from ``start`` to ``stop``. A probe asks to be woken at a time; how much later it is, is the lag."""

    def __init__(self) -> None:
        self.lag = Histogram()
        self._interval = Histogram()
        self._probe: Any = None
        self._began = self._ended = self._looked = time.perf_counter()
        self._cpu_began = self._cpu_ended = self._cpu_looked = self._waited_looked = 0.0
        self._gc_began = 0.0
        self.gc_longest_ms = 0.0

    def start(self) -> None:
        """Begin to measure."""
        self._began = self._looked = time.perf_counter()
        self._cpu_began = self._cpu_looked = _cpu_s()
        self._waited_looked = _waited_s(0.0)
        gc.callbacks.append(self._on_gc)
        self._probe = gevent.spawn(self._run)

    def second(self) -> Second:
        """The stretch since the last call, about a second."""
        now, cpu, waited = time.perf_counter(), _cpu_s(), _waited_s(self._waited_looked)
        span = max(now - self._looked, 1e-9)
        p50, p90 = self._interval.percentiles((50.0, 90.0))
        made = Second(
            cpu=(cpu - self._cpu_looked) / span,
            wanted=(cpu - self._cpu_looked + waited - self._waited_looked) / span,
            loop_lag_p50=p50 / 1000,
            loop_lag_p90=p90 / 1000,
        )
        self.lag.merge(self._interval)
        self._interval = Histogram()
        self._looked, self._cpu_looked, self._waited_looked = now, cpu, waited
        return made

    def take_lag(self) -> Histogram:
        """The lag since the last call, up to the last ``second``."""
        taken, self.lag = self.lag, Histogram()
        return taken

    def stop(self) -> None:
        """End measuring."""
        if self._probe is not None:
            self._probe.kill(block=False)
            self._probe = None
            gc.callbacks.remove(self._on_gc)
            self.lag.merge(self._interval)
            self._ended = time.perf_counter()
            self._cpu_ended = _cpu_s()

    @property
    def cpu(self) -> float:
        """Mean share of one core that this process used."""
        return max(self._cpu_ended - self._cpu_began, 0.0) / max(self._ended - self._began, 1e-9)

    def _on_gc(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._gc_began = time.perf_counter()
            return
        self.gc_longest_ms = max(self.gc_longest_ms, (time.perf_counter() - self._gc_began) * 1000)

    def _run(self) -> None:
        while True:
            due = time.perf_counter() + PROBE_EVERY_S
            gevent.sleep(PROBE_EVERY_S)
            late = time.perf_counter() - due
            # While the loop stood still no probe could be sent; those that ought to have been were late, too.
            while late > PROBE_EVERY_S:
                self._interval.add(int(late * 1_000_000))
                late -= PROBE_EVERY_S
            self._interval.add(int(late * 1_000_000))


def _cpu_s() -> float:
    """Seconds of processor that this process has had. Opens no file: there may be none left to open."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _waited_s(before: float) -> float:
    """Seconds the main thread has waited for a core so far; what it was before where the system does not say."""
    try:
        return int(_SCHEDULER.read_text("ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return before
