"""``harness cleanup``."""

from __future__ import annotations

import sys

import click

from harness.cli import values
from harness.cli.changes import overrides
from harness.cli.complete import files
from harness.cli.options import quiet


@click.command(epilog="Example: harness cleanup runs/purchase-20260102-120000   and then again with --yes")
@click.argument("run_dir", metavar="RUN_DIR", shell_complete=files)
@click.option("-y", "--yes", is_flag=True, help="Delete. Without it only what would be deleted is shown.")
@click.option(
    "--target", metavar="URL", envvar="HARNESS_TARGET", help="Where the run's guests are, if it is elsewhere."
)
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Replace a value, e.g. target.api_token=…")
@click.option(
    "--rate",
    metavar="N/s",
    callback=values.rate("20/s"),
    help="Requests at most  [default: no limit on this machine, else 50/s]",
)
@click.option(
    "--grace",
    metavar="TIME",
    callback=values.duration("5s"),
    default="5s",
    show_default=True,
    help="So long after the run's last second its guests may have come.",
)
@click.option("--allow-production", is_flag=True, envvar="HARNESS_ALLOW_PRODUCTION", help="Leave to touch production.")
@quiet
def command(
    run_dir: str,
    yes: bool,
    target: str | None,
    sets: tuple[str, ...],
    rate: float | None,
    grace: float,
    allow_production: bool,
    quiet: bool,
) -> None:
    """Delete from the target the guests that a run made, one by one, by the Guest REST API.

    Each is looked up by the run's own email and identifier, and deleted only if both, its attributes and the time
    since when it is there say that the run made it. Works after a killed run, too, and goes on where it was cut off.

    \b
    Exit codes: 0 done (or shown), 1 the target refused to delete some, 2 not a run directory,
    3 target not reachable or not allowed, 130 interrupted.
    """
    from harness.run.cleanup_command import Request, run  # noqa: PLC0415 - so that --help is quick

    asks = sys.stdin.isatty() and sys.stdout.isatty()
    sys.exit(
        run(
            Request(
                run_dir,
                ask=(lambda text: click.confirm(text, default=False)) if asks else None,
                target=target,
                changes=overrides(sets, None),
                yes=yes,
                rate=rate,
                grace_s=grace,
                allow_production=allow_production,
                quiet=quiet,
            )
        )
    )
