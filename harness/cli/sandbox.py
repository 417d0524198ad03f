"""``harness sandbox``."""

from __future__ import annotations

import sys

import click

from harness.sandbox.config import API_TOKEN_VARIABLE, CLIENT_KEY_VARIABLE, SandboxConfig, SandboxError


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
def command(host: str, port: int, client_key: str, api_token: str, points_of_sale: tuple[str, ...]) -> None:
    """Serve a local stand-in for the CDP, with a page to look at guests, sessions and orders.

    Prints one line with its URL when it is ready; ends on Ctrl-C.
    """
    from harness.sandbox.server import serve  # noqa: PLC0415 - the other commands need no server

    try:
        serve(SandboxConfig(client_key, api_token, points_of_sale), host, port, click.echo)
    except SandboxError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
