"""``harness run``: a front to Locust's own command line."""

from __future__ import annotations

import socket

import click

from harness.cli import options
from harness.cli.complete import files
from harness.engine import locust_main
from harness.run import before_load
from harness.run import options as run_options
from harness.run.read_scenario import scenario_of

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A TCP port of the loopback that nobody uses."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        return int(listening.getsockname()[1])


_CONTEXT = {"ignore_unknown_options": False, "allow_interspersed_args": True}


@click.command(
    context_settings=_CONTEXT,
    epilog="Example: harness run scenarios/purchase.yaml --target sandbox --users 50 --duration 1m",
)
@click.argument("scenario", metavar="SCENARIO", required=False, shell_complete=files)
@click.argument("locust", nargs=-1, type=click.UNPROCESSED, metavar="[-- LOCUST OPTIONS]")
@click.option("--target", metavar="URL|sandbox", envvar="HARNESS_TARGET", help="Where to, instead of the scenario's.")
@options.load
@options.steady_options
@click.option("--processes", metavar="N", envvar="HARNESS_PROCESSES", help="Generate the load in so many processes.")
@click.option("--master", is_flag=True, envvar="HARNESS_MASTER", help="Lead workers on other machines.")
@click.option(
    "--expect-workers", metavar="N", envvar="HARNESS_EXPECT_WORKERS", help="Begin when so many are there [1]."
)
@click.option(
    "--master-bind-host", metavar="HOST", envvar="HARNESS_MASTER_BIND_HOST", help="Where workers reach it [127.0.0.1]."
)
@click.option("--worker", is_flag=True, envvar="HARNESS_WORKER", help="Be led by a master; needs no scenario.")
@click.option("--master-host", metavar="HOST", envvar="HARNESS_MASTER_HOST", help="Where the master is [127.0.0.1].")
@click.option("--master-port", metavar="PORT", envvar="HARNESS_MASTER_PORT", help="Its port [5557].")
@click.option("--seed", metavar="N", envvar="HARNESS_SEED", help="Makes guests and choices repeatable.")
@options.sets
@click.option("--out", metavar="DIR", envvar="HARNESS_OUT", help="Results go here [runs/<scenario>-<time>].")
@click.option("--baseline", metavar="RUN_DIR", envvar="HARNESS_BASELINE", help="An earlier run to compare with.")
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    metavar="[METRIC=]N%",
    help="How much worse than it a figure may get [5%].",
)
@click.option("--strict", is_flag=True, envvar="HARNESS_STRICT", help="A saturated generator makes the run incomplete.")
@click.option(
    "--stop-on-fail", is_flag=True, envvar="HARNESS_STOP_ON_FAIL", help="A threshold that does not hold ends the load."
)
@click.option("--quiet", is_flag=True, envvar="HARNESS_QUIET", help="No progress while it runs.")
@click.option("--web", is_flag=True, envvar="HARNESS_WEB", help="With Locust's web UI, on 127.0.0.1:8089.")
@click.option("--allow-host", "hosts", multiple=True, metavar="HOST", help="A host that load may go to.")
@click.option("--allow-production", is_flag=True, envvar="HARNESS_ALLOW_PRODUCTION", help="Leave to load production.")
def command(
    scenario: str | None,
    locust: tuple[str, ...],
    target: str | None,
    load: str | None,
    rate: str | None,
    users: str | None,
    duration: str | None,
    processes: str | None,
    master: bool,
    expect_workers: str | None,
    master_bind_host: str | None,
    worker: bool,
    master_host: str | None,
    master_port: str | None,
    seed: str | None,
    sets: tuple[str, ...],
    out: str | None,
    baseline: str | None,
    tolerances: tuple[str, ...],
    strict: bool,
    stop_on_fail: bool,
    quiet: bool,
    web: bool,
    hosts: tuple[str, ...],
    allow_production: bool,
) -> None:
    """Run a scenario as load: compile it into Locust users, run them, report, read back what became of the orders.

    \b
    Exit codes: 0 all held, 1 something did not hold, 2 scenario or command line wrong,
    3 target not reachable or not allowed, 4 run incomplete, 130 interrupted.
    """
    before_load.end_on_signals()
    values = {"--target": target, "--load": load, "--seed": seed, "--out": out, "--baseline": baseline}
    replaced = [*sets, *options.steady(rate, users, duration)]
    several = _several(processes, master, expect_workers, master_bind_host, worker, master_host, master_port)
    if scenario is None and not worker:
        raise click.UsageError("Missing argument 'SCENARIO'.")
    arguments = [*(["--scenario", scenario] if scenario is not None else []), *several]
    for option, value in values.items():
        arguments += [option, value] if value is not None else []
    for option, many in (("--set", replaced), ("--allow-host", hosts), ("--tolerance", tolerances)):
        for value in many:
            arguments += [option, value]
    switches = {
        "--strict": strict,
        "--stop-on-fail": stop_on_fail,
        "--quiet": quiet,
        "--allow-production": allow_production,
    }
    arguments += [option for option, wanted in switches.items() if wanted]
    # Locust's page is for whoever sits at this machine, unless Locust's own options say otherwise.
    if not worker:
        arguments += ["--autostart", "--web-host", "127.0.0.1"] if web else ["--headless", "--only-summary"]
    told = run_options.from_command_line(arguments)
    if told.scenario is not None:
        scenario_of(told)  # its mistakes are told before Locust is there, which takes a second
    locust_main.main(run_options.LOCUSTFILE, [*arguments, "--skip-log-setup", *locust])


def _several(
    processes: str | None,
    master: bool,
    expect_workers: str | None,
    bind_host: str | None,
    worker: bool,
    host: str | None,
    port: str | None,
) -> list[str]:
    """Locust's options for a load of several processes. Raises click.UsageError for what contradicts itself."""
    kinds = [
        name
        for name, given in (("--processes", processes is not None), ("--master", master), ("--worker", worker))
        if given
    ]
    if len(kinds) > 1:
        raise click.UsageError(f"{kinds[0]} and {kinds[1]} exclude each other.")
    for option, value, wanted in (
        ("--expect-workers", expect_workers, "--master"),
        ("--master-bind-host", bind_host, "--master"),
        ("--master-host", host, "--worker"),
        ("--master-port", port, "--master or --worker"),
    ):
        if value is not None and not any(kind in wanted for kind in kinds):
            raise click.UsageError(f"{option} belongs to {wanted}.")
    if processes is not None:
        # A port of its own, on the loopback: several runs of one machine do not meet.
        own = str(free_port())
        return [
            "--processes",
            processes,
            "--master-bind-host",
            LOOPBACK,
            "--master-bind-port",
            own,
            "--master-port",
            own,
        ]
    if master:
        bound = ["--master", "--master-bind-host", bind_host or LOOPBACK, "--expect-workers", expect_workers or "1"]
        return [*bound, *(["--master-bind-port", port] if port else [])]
    if worker:
        return ["--worker", "--master-host", host or LOOPBACK, *(["--master-port", port] if port else [])]
    return []
