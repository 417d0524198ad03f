"""``harness guests push``."""

from __future__ import annotations

import os
import sys

import click

from harness.cli import values
from harness.cli.options import quiet


@click.command("push", epilog="Example: harness guests push guests.csv --target http://127.0.0.1:8080 --dry-run")
@click.argument("file", metavar="FILE")
@click.option("--target", metavar="URL", envvar="HARNESS_TARGET", help="Base URL of the CDP, or of a sandbox.")
@click.option("--scenario", metavar="SCENARIO", help="Take target and keys from this scenario.")
@click.option("--dry-run", is_flag=True, help="Read and check every line; send nothing.")
@click.option(
    "--skip-existing", is_flag=True, help="Look first whether there is a guest of the same email or identifier."
)
@click.option(
    "--rate",
    metavar="N/s",
    callback=values.rate("20/s"),
    help="Requests at most  [default: no limit on this machine, else 50/s]",
)
@click.option("--allow-host", "hosts", multiple=True, metavar="HOST", help="Leave to write to this host.")
@click.option("--allow-production", is_flag=True, envvar="HARNESS_ALLOW_PRODUCTION", help="Leave to touch production.")
@quiet
def command(
    file: str,
    target: str | None,
    scenario: str | None,
    dry_run: bool,
    skip_existing: bool,
    rate: float | None,
    hosts: tuple[str, ...],
    allow_production: bool,
    quiet: bool,
) -> None:
    """Create the guests of a file, JSON lines or CSV, by the Guest REST API.

    Keys come from CDP_CLIENT_KEY and CDP_API_TOKEN, or from a scenario. FILE.pushed.jsonl keeps what became of each
    line: the same command again goes on where it was cut off, and tries again what failed.

    \b
    Exit codes: 0 all created, 1 some lines came to nothing, 2 file or command line wrong,
    3 target not reachable or not allowed, 130 interrupted.
    """
    from harness.run.named_target import KEY, TOKEN, NoTargetError, url_of  # noqa: PLC0415
    from harness.run.push_command import Request, run  # noqa: PLC0415 - so that --help is quick
    from harness.scenario.diagnostics import ScenarioError  # noqa: PLC0415
    from harness.scenario.loader import load  # noqa: PLC0415
    from harness.scenario.model import CDP, SANDBOX, Target  # noqa: PLC0415
    from harness.scenario.overrides import Override  # noqa: PLC0415
    from harness.scenario.settings import allowed_by_environment  # noqa: PLC0415
    from harness.scenario.values import Secret  # noqa: PLC0415

    if scenario is not None:
        try:
            changes = [] if target is None else [Override("target.url", target, "--target")]
            where = load(scenario, changes).target
        except ScenarioError as error:
            click.echo(str(error), err=True)
            sys.exit(2)
    else:
        keys = [os.environ.get(name) or SANDBOX for name in (KEY, TOKEN)]
        try:
            url = url_of(target) if target and target != SANDBOX else target or ""
        except NoTargetError as error:
            raise click.UsageError(f"--target: {error}.") from None
        where = Target(CDP, url, "test", Secret(keys[0]), Secret(keys[1]))
    if not dry_run and (where.is_sandbox or not where.url):
        raise click.UsageError("Where to? Name a target: --target URL, or --scenario SCENARIO with a URL or region.")
    allowed = {*hosts, *allowed_by_environment()}
    sys.exit(run(Request(file, where, rate, dry_run, skip_existing, allowed, allow_production, quiet)))
