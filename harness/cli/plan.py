"""``harness plan``."""

from __future__ import annotations

import sys

import click

from harness.compiler import compile_scenario
from harness.report.console import refuse, stdout
from harness.report.planned import render
from harness.scenario import ScenarioError, load


@click.command(epilog="Example: harness plan scenarios/purchase.yaml")
@click.argument("scenario", metavar="SCENARIO")
def command(scenario: str) -> None:
    """Show what a run would send: journeys, steps, requests, how often. Sends nothing."""
    try:
        plan = compile_scenario(load(scenario))
    except ScenarioError as error:
        refuse(str(error))
        sys.exit(2)
    render(plan, stdout())
