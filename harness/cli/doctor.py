"""``harness doctor``."""

from __future__ import annotations

import os
import sys

import click

from harness.cli import values
from harness.cli.changes import overrides
from harness.cli.options import scenario_options, steady, steady_options, text_or_json


@click.command(epilog="Example: harness doctor scenarios/purchase.yaml --target sandbox")
@click.argument("scenario", required=False, metavar="[SCENARIO]")
@scenario_options
@click.option("--point-of-sale", metavar="NAME", help="Without a scenario: the one to try.")
@steady_options
@click.option(
    "--processes",
    metavar="N",
    type=click.IntRange(1, 1024),
    envvar="HARNESS_PROCESSES",
    help="In so many processes.",
)
@click.option(
    "--per-worker",
    metavar="N/s",
    callback=values.rate("5000/s"),
    default="5000/s",
    show_default=True,
    envvar="HARNESS_PER_WORKER",
    help="Requests that a process can send.",
)
@click.option(
    "--wait",
    metavar="TIME",
    callback=values.duration("30s"),
    envvar="HARNESS_WAIT",
    help="How long an event may take until it can be read  [default: 5s on a sandbox, else 60s]",
)
@click.option("--out", metavar="DIR", default="runs", envvar="HARNESS_OUT", help="Where the run's files will go.")
@click.option("--allow-host", "hosts", multiple=True, metavar="HOST", help="A host that load may go to.")
@click.option("--allow-production", is_flag=True, envvar="HARNESS_ALLOW_PRODUCTION", help="Leave to send it an event.")
@text_or_json
def command(
    scenario: str | None,
    target: str | None,
    load: str | None,
    sets: tuple[str, ...],
    point_of_sale: str | None,
    users: str | None,
    rate: str | None,
    duration: str | None,
    processes: int | None,
    per_worker: float,
    wait: float | None,
    out: str,
    hosts: tuple[str, ...],
    allow_production: bool,
    form: str,
) -> None:
    """Is this machine, and this target, fit for the run? Sends one event at most, never to production without leave.

    Without SCENARIO this machine alone is looked at, and a --target with the keys of CDP_CLIENT_KEY and CDP_API_TOKEN.

    \b
    Exit codes: 0 fit, 1 something is to be mended, 2 scenario or command line wrong,
    3 target not reachable, or it refuses the credentials.
    """
    from harness.run.doctor_command import Request, run  # noqa: PLC0415 - so that --help is quick
    from harness.scenario.settings import allowed_by_environment  # noqa: PLC0415

    changes = steady(rate, users, duration)
    if scenario is None and (sets or load or changes):
        raise click.UsageError("--set, --load, --users, --rate and --duration belong to a SCENARIO: name one.")
    request = Request(
        scenario=scenario,
        target=_url(target) if scenario is None else None,
        point_of_sale=point_of_sale,
        changes=() if scenario is None else overrides(sets, target, None, changes),
        load=load,
        processes=processes,
        per_worker=per_worker,
        wait_s=wait,
        out=out,
        form=form,
        allow_hosts=tuple(hosts) or allowed_by_environment(),
        allow_production=allow_production,
    )
    sys.exit(run(request, os.environ))


def _url(target: str | None) -> str | None:
    from harness.run.named_target import NoTargetError, url_of  # noqa: PLC0415
    from harness.scenario.model import SANDBOX  # noqa: PLC0415

    if target is None or target == SANDBOX:
        return target
    try:
        return url_of(target)
    except NoTargetError as error:
        raise click.BadParameter(f"{error}.", param_hint="'--target'") from None
