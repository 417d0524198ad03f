"""``harness extensions``."""

from __future__ import annotations

import sys

import click


@click.command(epilog="Example: harness extensions")
def command() -> None:
    """List the systems, verbs and reporters that other packages add, and whether each can be used.

    Exit code 2 when one cannot. docs/extending.md tells how to write one.
    """
    from harness.run.extensions_command import run  # noqa: PLC0415 - so that --help is quick

    sys.exit(run())
