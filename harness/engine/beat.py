"""What one generating process tells of a stretch of a load, about a second: it merges, and travels between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.record.figures import Figures
from harness.record.histogram import Histogram


@dataclass(slots=True)
class Beat:
    """``lateness`` of requests and ``lag`` of the loop in µs; ``cpu`` is a share of a core, the mean of ``processes``.

    ``saturated``: whether any process was the bottleneck. ``samples`` are failures to show, secrets masked. ``guests``:
    how many have set out so far, by the number of the process: no delta.
    """

    figures: Figures = field(default_factory=Figures)
    lateness: Histogram = field(default_factory=Histogram)
    lag: Histogram = field(default_factory=Histogram)
    cpu: float = 0.0
    processes: int = 0
    saturated: bool = False
    gc_longest_ms: float = 0.0
    internal_errors: int = 0
    samples: list[dict[str, object]] = field(default_factory=list)
    guests: dict[int, int] = field(default_factory=dict)

    def merge(self, other: Beat) -> None:
        """Add what another process, or a later stretch of the same one, tells."""
        self.figures.merge(other.figures)
        self.lateness.merge(other.lateness)
        self.lag.merge(other.lag)
        processes = self.processes + other.processes
        if processes:
            self.cpu = (self.cpu * self.processes + other.cpu * other.processes) / processes
        self.processes = processes
        self.saturated = self.saturated or other.saturated
        self.gc_longest_ms = max(self.gc_longest_ms, other.gc_longest_ms)
        self.internal_errors += other.internal_errors
        self.samples += other.samples
        for index, count in other.guests.items():
            self.guests[index] = max(count, self.guests.get(index, 0))

    def pack(self) -> dict[str, Any]:
        """Plain values, to travel to another process. ``merge_packed`` takes them in."""
        return {
            "figures": self.figures.pack(),
            "lateness": list(self.lateness.pack()),
            "lag": list(self.lag.pack()),
            "cpu": self.cpu,
            "processes": self.processes,
            "saturated": self.saturated,
            "gc_longest_ms": self.gc_longest_ms,
            "internal_errors": self.internal_errors,
            "samples": self.samples,
            "guests": [list(pair) for pair in self.guests.items()],
        }

    def merge_packed(self, packed: Mapping[str, Any]) -> None:
        """Add what another process packed."""
        self.figures.merge_packed(packed["figures"])
        self.lateness.merge_packed(packed["lateness"])
        self.lag.merge_packed(packed["lag"])
        rest = ("cpu", "processes", "saturated", "gc_longest_ms", "internal_errors", "samples")
        self.merge(Beat(**{name: packed[name] for name in rest}, guests=dict(packed["guests"])))
