"""``harness sandbox``."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from harness.engine.leave import is_loopback
from harness.sandbox.amounts import duration_s
from harness.sandbox.config import API_TOKEN_VARIABLE, CLIENT_KEY_VARIABLE, SandboxConfig, SandboxError
from harness.sandbox.faults import FaultError


def _seconds(context: click.Context, option: click.Parameter, value: str) -> float:
    """A duration as seconds; bare digits are seconds, as everywhere in the sandbox."""
    try:
        return duration_s(float(value) if value.isdecimal() else value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a duration: write 200ms, 5s or 20m.") from None


def _rejected(known: tuple[str, ...], name: str) -> None:
    """Say which events are dropped."""
    told = f"'{name}'" if name.isprintable() else ascii(name)  # what came from outside is not to steer the terminal
    listed = ", ".join(f"'{each}'" for each in known)
    click.echo(f"events of point of sale {told} are answered with 201 and dropped: known is {listed}", err=True)


@click.command(epilog="Example: harness sandbox --port 8080   then open http://127.0.0.1:8080/_sandbox/")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="HARNESS_HOST", help="Address to listen on.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="HARNESS_PORT",
    help="Port; 0: a free one.",
)
@click.option("--client-key", default="sandbox", show_default=True, envvar=CLIENT_KEY_VARIABLE, help="Client key.")
@click.option("--api-token", default="sandbox", show_default=True, envvar=API_TOKEN_VARIABLE, help="API token.")
@click.option(
    "--point-of-sale",
    "points_of_sale",
    multiple=True,
    default=("pastoral-witty-grill",),
    show_default=True,
    help="A point of sale that it knows; may be given again.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="HARNESS_SANDBOX_DATA",
    metavar="FILE",
    help="Keep everything in this file, made if it is not there; else in memory.",
)
@click.option(
    "--session-timeout",
    callback=_seconds,
    metavar="DURATION",
    default="20m",
    show_default=True,
    envvar="HARNESS_SANDBOX_SESSION_TIMEOUT",
    help="How long without an event until a session closes.",
)
@click.option(
    "--visible-after",
    callback=_seconds,
    metavar="DURATION",
    default="0s",
    show_default=True,
    envvar="HARNESS_SANDBOX_VISIBLE_AFTER",
    help="How long after its reply until an event can be read.",
)
@click.option(
    "--experiences",
    type=click.Path(path_type=Path),
    envvar="HARNESS_SANDBOX_EXPERIENCES",
    metavar="FILE",
    help="What full-stack experiences reply: YAML or JSON, replies by friendly ids.",
)
@click.option(
    "--latency",
    envvar="HARNESS_SANDBOX_LATENCY",
    metavar="50ms|10ms..80ms|lognormal:40ms:0.5",
    help="Added to every reply.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME=VALUE|@FILE",
    help="A fault to begin with, like drop=0.1% or errors=1%@CHECKOUT; may be given again.",
)
def command(
    host: str,
    port: int,
    client_key: str,
    api_token: str,
    points_of_sale: tuple[str, ...],
    data: Path | None,
    session_timeout: float,
    visible_after: float,
    experiences: Path | None,
    latency: str | None,
    faults: tuple[str, ...],
) -> None:
    """Serve a local stand-in for the CDP, with a page to look at guests, sessions and orders.

    Prints one line with its URL when it is ready; ends on Ctrl-C. Faults can be changed while it runs:
    PUT /_sandbox/faults.
    """
    # The other commands need no server.
    from harness.sandbox.faults_options import document_of  # noqa: PLC0415
    from harness.sandbox.server import serve  # noqa: PLC0415
    from harness.scenario.diagnostics import ScenarioError  # noqa: PLC0415
    from harness.scenario.plain import read_mapping  # noqa: PLC0415

    try:
        config = SandboxConfig(
            client_key,
            api_token,
            points_of_sale,
            session_timeout,
            visible_after_s=visible_after,
            faults=document_of(latency, faults),
            data=data,
        )
        if experiences is not None:
            # The sandbox knows no YAML: it is handed what stands in the file.
            config = replace(
                config, experiences=read_mapping(experiences, "replies by the friendly ids of experiences")
            )
        if not is_loopback(host):
            click.echo(f"note: whoever reaches {host} can see and change everything in this sandbox", err=True)
        serve(config, host, port, click.echo, partial(_rejected, points_of_sale))
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except (SandboxError, FaultError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
