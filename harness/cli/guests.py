"""``harness guests``: what is done with files of guests."""

from __future__ import annotations

import click

from harness.cli.guests_push import command as push


@click.group(epilog="Example: harness guests push guests.csv --target http://127.0.0.1:8080")
def command() -> None:
    """Guests in files."""


command.add_command(push)
