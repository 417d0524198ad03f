"""``harness plan``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli import values
from harness.cli.changes import overrides
from harness.cli.complete import files
from harness.cli.options import scenario_options, steady, steady_options, text_or_json
from harness.scenario import ScenarioError
from harness.scenario.loader import examine
from harness.scenario.source import read


@click.command(epilog="Example: harness plan scenarios/mixed.yaml --rate 200/s --duration 10m --latency 80ms")
@click.argument("scenario", metavar="SCENARIO", shell_complete=files)
@scenario_options
@steady_options
@click.option("--seed", metavar="N", envvar="HARNESS_SEED", help="Makes guests and choices repeatable.")
@click.option(
    "--latency",
    metavar="TIME",
    callback=values.duration("50ms"),
    default="50ms",
    show_default=True,
    envvar="HARNESS_LATENCY",
    help="How long the target takes for a request.",
)
@click.option(
    "--per-worker",
    metavar="N/s",
    callback=values.rate("5000/s"),
    default="5000/s",
    show_default=True,
    envvar="HARNESS_PER_WORKER",
    help="Requests that a worker process can send.",
)
@click.option(
    "--guests",
    metavar="N",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    envvar="HARNESS_GUESTS",
    help="Guests to simulate on each journey.",
)
@text_or_json
def command(
    scenario: str,
    target: str | None,
    load: str | None,
    sets: tuple[str, ...],
    rate: str | None,
    users: str | None,
    duration: str | None,
    seed: str | None,
    latency: float,
    per_worker: float,
    guests: int,
    form: str,
) -> None:
    """Show what a run would do: requests over time, orders, revenue, data, workers. Sends nothing.

    Guests are simulated: each takes its way through its journey by the same dice as in a run.
    """
    # Imported here, so that --help is quick.
    from harness.compiler import compile_scenario  # noqa: PLC0415
    from harness.compiler.estimate import estimate  # noqa: PLC0415
    from harness.report.console import refuse, stdout  # noqa: PLC0415
    from harness.report.planned_json import as_json  # noqa: PLC0415
    from harness.report.planned_text import render  # noqa: PLC0415
    from harness.run.secrets import masker_of  # noqa: PLC0415

    changes = steady(rate, users, duration)
    try:
        loaded = examine(read(Path(scenario)), overrides(sets, target, seed, changes), load).scenario
    except ScenarioError as error:
        refuse(str(error))
        sys.exit(2)
    plan, mask = compile_scenario(loaded), masker_of(loaded).mask
    made = estimate(plan, latency, guests, 1 if plan.guests.seed is None else plan.guests.seed)
    if form == "json":
        click.echo(mask(as_json(plan, made, per_worker)))
    else:
        render(plan, made, per_worker, stdout(), mask)
