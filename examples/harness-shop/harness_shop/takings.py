"""A form of report: a line for each step, and what became of the orders."""

from __future__ import annotations

from harness.extend import API, Reporter, Summary


def render(summary: Summary) -> str:
    """The lines of one run."""
    lines = [f"{summary.scenario}: {summary.verdict}"]
    lines += [f"{step.journey}/{step.step} {step.type} {step.ok} of {step.sent}" for step in summary.steps]
    return "\n".join(lines) + "\n"


TAKINGS = Reporter(api=API, file="takings.txt", render=render, doc="One line a step.")
