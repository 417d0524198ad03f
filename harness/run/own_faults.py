"""What a load could not send for want of something on this machine, in sentences."""

from __future__ import annotations

from collections import Counter

from harness.engine.own_faults import GENERATOR, WAYS_OUT
from harness.record.figures import Figures
from harness.report.words import count


def own_faults(figures: Figures) -> list[str]:
    """A sentence for each kind, with what would help; they make a load incomplete."""
    failed: Counter[str] = Counter()
    for key, error in figures.errors.items():
        if key.kind == GENERATOR:
            failed[key.detail] += error.count
    sent = count(figures.total().sent)
    return [
        f"{count(number)} of {sent} requests could not be sent: {detail}. They say nothing of the target; "
        f"{WAYS_OUT.get(detail, 'use less load')}."
        for detail, number in failed.items()
    ]
