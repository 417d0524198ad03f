"""``harness check``."""

from __future__ import annotations

import sys

import click

from harness.scenario import ScenarioError, load


@click.command(epilog="Example: harness check scenarios/*.yaml")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
def command(scenarios: tuple[str, ...]) -> None:
    """Find every mistake in scenario files: place, reason, way out. Sends nothing.

    Exit code 0 when all are right, else 2.
    """
    wrong = False
    for path in scenarios:
        try:
            load(path)
            click.echo(f"{path}: ok")
        except ScenarioError as error:
            wrong = True
            click.echo(str(error), err=True)
    sys.exit(2 if wrong else 0)
