"""``harness snippet``."""

from __future__ import annotations

import sys

import click

from harness.cli import options
from harness.cli.changes import overrides
from harness.cli.complete import files
from harness.cli.output import put

LANGUAGES = ("curl", "python", "csharp", "javascript", "postman")


@click.command(epilog="Example: harness snippet scenarios/purchase.yaml checkout --lang python")
@click.argument("scenario", metavar="SCENARIO", shell_complete=files)
@click.argument("step", required=False, metavar="[STEP]")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default="curl",
    show_default=True,
    envvar="HARNESS_LANG",
    help="The language; postman is a collection.",
)
@options.target
@options.sets
@click.option("--out", metavar="FILE", help="Write into a file instead of to standard output.")
def command(
    scenario: str, step: str | None, lang: str, target: str | None, sets: tuple[str, ...], out: str | None
) -> None:
    """Print the request of a step as code that runs as it is. Sends nothing.

    STEP is a step's name as reports have it, or journey/step. Without STEP: all of them, in cURL or as a Postman
    collection. Secrets are never in the code: it takes the client key from CDP_CLIENT_KEY, the browser id from
    BROWSER_ID (harness browser-id prints one). A target 'sandbox' is that of harness sandbox, on port 8080.
    """
    from harness.guests.identity import RanOutError  # noqa: PLC0415 - so that --help is quick
    from harness.report.console import refuse  # noqa: PLC0415
    from harness.run.snippet_command import NoStepError, snippet  # noqa: PLC0415
    from harness.scenario import ScenarioError  # noqa: PLC0415

    try:
        code = snippet(scenario, step, lang, overrides(sets, target))
    except ScenarioError as error:
        refuse(str(error))
        sys.exit(2)
    except (NoStepError, RanOutError) as error:
        refuse(f"error: {error}")
        sys.exit(2)
    put(None, lambda: code, out)
