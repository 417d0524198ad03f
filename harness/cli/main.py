"""The command ``harness``. Commands are imported when they are used, so that ``--help`` is quick."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from pathlib import Path

import click

from harness import __version__

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What the system says when standard output takes no more."""
COMMANDS = {
    "run": "Run a scenario as load and report.",
    "validate": "Walk every path once, and read back what came of it.",
    "check": "Find every mistake in scenarios; sends nothing.",
    "plan": "Show what a run would do; sends nothing.",
    "cleanup": "Delete the guests that a run made from the target.",
    "verify": "Read back again what became of a run's orders and guests.",
    "report": "Render a run again.",
    "compare": "Tell what got worse between runs by more than noise.",
    "history": "Draw a metric over many runs.",
    "guests": "Make synthetic guests, or create those of a file at the target.",
    "batch": "Build, check, upload and follow a batch import.",
    "snippet": "Print a step's request as code to paste.",
    "import": "Make a scenario of a HAR, Postman, OpenAPI or cURL file.",
    "browser-id": "Make a browser id and print it.",
    "doctor": "Tell whether machine and target are fit for a run.",
    "sandbox": "Serve a local stand-in for the CDP.",
    "schema": "Print the JSON Schema of scenarios, for editors.",
    "extensions": "List what other packages add, and whether it can be used.",
    "init": "Write a commented scenario to start from.",
}

_MODULES = {"import": "import_file", "browser-id": "browser_id"}
"""Commands whose names cannot be those of their files."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"harness.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            raise SystemExit(130) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from harness.scenario.diagnostics import suggest  # noqa: PLC0415 - only when something is wrong

            ctx.fail(f"No such command '{args[0]}': {suggest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: harness run scenarios/purchase.yaml --target sandbox",
)
@click.version_option(__version__, message="harness %(version)s")
def cli() -> None:
    """Load and scenario testing for Sitecore CDP: guest journeys in YAML, run by Locust, judged by outcome."""


def main() -> None:
    """Run the command line; ends the process."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed when we came
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for the life of the process
    try:
        try:
            cli(prog_name="harness")
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _write_no_more()
        sys.exit(1)
    except OSError as error:
        if error.errno not in FULL:
            raise
        _write_no_more()
        click.echo(f"error: standard output: {(error.strerror or '').lower()}", err=True)
        sys.exit(4)


def _write_no_more() -> None:
    """Python writes what is left when it ends, and complains when it cannot."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
