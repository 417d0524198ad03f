"""``harness schema``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command(epilog="Example: harness schema --output scenarios/harness.schema.json")
@click.option(
    "--output", metavar="FILE", envvar="HARNESS_OUTPUT", help="Write it to a file instead of standard output."
)
def command(output: str | None) -> None:
    """Print the JSON Schema (2020-12) of the scenario language, for editors. docs/editors.md says how to use it."""
    from harness.extensions.installed import ExtensionError  # noqa: PLC0415 - so that --help is quick
    from harness.scenario.schema import json_schema  # noqa: PLC0415 - so that --help is quick

    try:
        schema = json_schema()
    except ExtensionError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    text = json.dumps(schema, indent=1, ensure_ascii=False)
    if output is None or output == "-":
        click.echo(f"{text}\n".encode(), nl=False)
        return
    try:
        Path(output).write_text(f"{text}\n", "utf-8")
    except OSError as error:
        click.echo(f"error: {output} cannot be written: {(error.strerror or str(error)).lower()}", err=True)
        sys.exit(2)
    click.echo(f"{output}: written", err=True)
