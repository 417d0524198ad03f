"""``harness import``."""

from __future__ import annotations

import sys

import click

KINDS = ("har", "postman", "openapi", "curl")


@click.command(epilog="Example: harness import recorded.har --out scenarios/recorded.yaml")
@click.argument("file", metavar="FILE")
@click.option("--out", metavar="FILE", help="Write the scenario there instead of to standard output.")
@click.option("--from", "kind", type=click.Choice(KINDS), help="What the file is, where that cannot be seen.")
@click.option(
    "--host", metavar="HOST", default="", help="Keep requests to this host  [default: the CDP, else the most used]"
)
@click.option("--name", metavar="NAME", default="", help="The scenario's name.")
@click.option(
    "--complete", is_flag=True, help="Add the steps that the CDP needs and the file lacks, each with a comment."
)
@click.option("--force", is_flag=True, help="Overwrite FILE of --out.")
@click.option("-q", "--quiet", is_flag=True, envvar="HARNESS_QUIET", help="No summary.")
def command(
    file: str, out: str | None, kind: str | None, host: str, name: str, complete: bool, force: bool, quiet: bool
) -> None:
    """Make a scenario of a HAR file, a Postman collection (2.1), an OpenAPI description (3) or cURL lines.

    FILE may be - for standard input. Calls of the CDP become verbs, others 'request' steps. Secrets become variables
    of the environment. A summary on standard error says what was taken over, what was not, and why, and what is
    amiss in it, which stays as it is. Sends nothing.
    """
    from harness.run.import_command import Request, run  # noqa: PLC0415 - so that --help is quick

    sys.exit(run(Request(file, out, kind, host, name, force, quiet, complete)))
