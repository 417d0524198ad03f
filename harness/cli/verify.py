"""``harness verify``."""

from __future__ import annotations

import sys

import click

from harness.cli.changes import overrides
from harness.cli.complete import files
from harness.cli.options import quiet


@click.command(epilog="Example: harness verify runs/purchase-20260102-120000")
@click.argument("run_dir", metavar="RUN_DIR", shell_complete=files)
@click.option("--target", metavar="URL", envvar="HARNESS_TARGET", help="Ask this target instead of the run's.")
@click.option(
    "--set", "sets", multiple=True, metavar="KEY=VALUE", help="Replace a value, e.g. verify.orders='sample 500'."
)
@quiet
def command(run_dir: str, target: str | None, sets: tuple[str, ...], quiet: bool) -> None:
    """Read back again what became of a run's orders and guests, and write its reports anew.

    Goes on where an earlier reading was interrupted. The keys come from the environment, as for the run.

    \b
    Exit codes: 0 all held, 1 something did not hold, 2 not a run directory,
    3 target not reachable, 4 the run is incomplete, 130 interrupted.
    """
    from harness.run.verify_command import Request, run  # noqa: PLC0415 - so that --help is quick

    sys.exit(run(Request(run_dir, target, overrides(sets, None), quiet)))
