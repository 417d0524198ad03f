"""What a progress display needs to know, once a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.record.figures import Figures
from harness.record.series import SeriesRow


@dataclass(frozen=True, slots=True)
class SoFar:
    """A load since its start. ``figures`` grow with the load: read them when they are needed, and keep no copy in step.

    ``cpu`` is the mean share of a core, per process; lags and lateness in ms.
    """

    figures: Figures = field(default_factory=Figures, repr=False)
    cpu: float = 0.0
    loop_lag_p99_ms: float = 0.0
    lateness_p99_ms: float = 0.0
    saturated_s: int = 0
    gc_longest_ms: float = 0.0
    workers: int = 1
    workers_lost: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A running load at one moment. Totals since the start; rates (1/s) and p95 (ms) of the last second.

    ``remaining_s`` is None when the end is not known. ``rows`` are the last second's, a row a step.
    """

    elapsed_s: float
    remaining_s: float | None
    users: int
    sent: int
    failed: int
    rate: float
    error_rate: float
    p95: float | None
    rows: tuple[SeriesRow, ...] = ()
    saturated: bool = False
    """Whether the generator was too busy for this second's figures to be the target's."""
    cpu: float = 0.0
    """Share of a core that the generator used."""
    noun: str = "user"
    """What ``users`` counts: users of a closed load, guests under way of an open one."""
    others: int = 0
    """Users of other locustfiles, beside them."""
    figures: Figures = field(default_factory=Figures, repr=False)
    """All that was counted in the last second."""
    guests: Mapping[int, int] = field(default_factory=dict, repr=False)
    """How many guests have set out so far, by the number of the process that sent them."""
    so_far: SoFar = field(default_factory=SoFar, repr=False)
    """All that was counted since the start."""
