"""``harness batch``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.cdp.batch import GUEST, LARGEST_FILE, MODES
from harness.cli import values
from harness.cli.guests import limit
from harness.cli.options import quiet, text_or_json

F = TypeVar("F", bound=Callable[..., Any])


def _target(command: F) -> F:
    return click.option(
        "--target", metavar="URL|REGION|SCENARIO", envvar="HARNESS_TARGET",
        help="Where to: a URL, eu, us, ap or jpe, or the target of a scenario  [default: where it went before]",
    )(command)  # fmt: skip


def _wait(default: str, what: str) -> Callable[[F], F]:
    return click.option(
        "--wait", "wait_s", callback=values.duration("10m"), default=default, show_default=True, metavar="TIME",
        envvar="HARNESS_WAIT", help=what,
    )  # fmt: skip


@click.group(epilog="Example: harness batch build people.csv   then harness batch upload --target eu")
def command() -> None:
    """Build, check, upload and follow a batch import.

    Keys come from CDP_CLIENT_KEY and CDP_API_TOKEN. Without DIR the folder "batch" is meant.
    """


@command.command(
    short_help="Make parts of lines, CSV, records or a run.",
    epilog="Example: harness batch build people.csv --mode upsert --out batch",
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), envvar="HARNESS_OUT", metavar="DIR", help="Where to  [default: batch]"
)
@click.option(
    "--schema", type=click.Choice(list(MODES)), default=GUEST, show_default=True, help="What the records are."
)
@click.option(
    "--mode", type=click.Choice(sorted({mode for modes in MODES.values() for mode in modes})),
    help="What becomes of them  [default: upsert; of orders insert]",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**31), envvar="HARNESS_SEED", help="Makes the records' refs the same again."
)
@click.option("--limit", "size", callback=limit, metavar="SIZE", help="Of a part, compressed  [default: 50MB]")
@quiet
def build(inputs: tuple[Path, ...], size: int = LARGEST_FILE, **options: Any) -> None:
    """Make parts of JSON lines, CSV, batch records, or the guests of a run; sends nothing.

    Exit codes: 0 built, 2 an input is wrong (with its line), 4 the disk is full.
    """
    from harness.run import batch_make as run  # noqa: PLC0415 - so that --help is quick

    sys.exit(run.build(run.BuildRequest(inputs=inputs, limit=size, **options)))


@command.command(short_help="Say what would go wrong; sends nothing.", epilog="Example: harness batch check batch")
@click.argument("paths", nargs=-1, metavar="[FILE|DIR...]", type=click.Path(path_type=Path))
@click.option(
    "--target",
    metavar="URL|REGION|SCENARIO",
    help="Ask there which refs and which guests exist, too; nothing is written.",
)
@click.option("--strict", is_flag=True, envvar="HARNESS_STRICT", help="Warnings count as errors.")
@text_or_json
@quiet
def check(**options: Any) -> None:
    """Say before sending what would be answered 400 or 409, and what the error log would hold.

    Exit codes: 0 nothing, 1 something, 2 a file cannot be read, 3 the target cannot be asked.
    """
    from harness.run import batch_check as run  # noqa: PLC0415

    sys.exit(run.check(run.CheckRequest(**options)))


@command.command(
    short_help="Upload parts and wait; goes on where it ended.",
    epilog="Example: harness batch upload batch --target http://127.0.0.1:8080",
)
@click.argument("what", required=False, metavar="[FILE|DIR]")
@_target
@_wait("10m", "For each part to be processed.")
@click.option("--again", is_flag=True, help="Send parts that failed once more, as new batches.")
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    envvar="HARNESS_ALLOW_HOSTS",
    metavar="HOST",
    help="A host that it may go to.",
)
@click.option(
    "--allow-production", is_flag=True, envvar="HARNESS_ALLOW_PRODUCTION", help="Leave to write to production."
)
@text_or_json
@quiet
def upload(**options: Any) -> None:
    """Upload parts one after the other, and wait until each is imported. Run again, it goes on where it ended.

    \b
    Exit codes: 0 all imported, 1 something was not (the lines are named), 2 wrong input,
    3 target not reachable or not allowed, 4 not done in time, 130 interrupted.
    """
    from harness.run import batch_follow as run  # noqa: PLC0415

    sys.exit(run.upload(run.SendRequest(**options)))


@command.command(short_help="Ask how the parts stand.", epilog="Example: harness batch status")
@click.argument("what", required=False, metavar="[UUID|FILE|DIR]")
@_target
@_wait("0s", "For parts under way.")
@text_or_json
@quiet
def status(**options: Any) -> None:
    """Ask how the parts stand.

    Exit codes: 0 all imported, 1 something was not, 2 wrong input, 3 target not reachable, 4 not done yet.
    """
    from harness.run import batch_follow as run  # noqa: PLC0415

    sys.exit(run.status(run.SendRequest(**options)))


@command.command(
    short_help="Say which lines the error logs are about.",
    epilog="Example: harness batch errors batch --out errors.csv",
)
@click.argument("what", required=False, metavar="[UUID|FILE|DIR]")
@_target
@click.option(
    "--limit",
    "most",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="Errors of each part to show.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="All of them, by line, as CSV.")
@text_or_json
def errors(**options: Any) -> None:
    """Fetch the error logs, and say which lines of the inputs they are about.

    Exit codes: 0 there are none, 1 there are, 2 wrong input, 3 target not reachable.
    """
    from harness.run import batch_follow as run  # noqa: PLC0415

    sys.exit(run.errors(run.SendRequest(**options)))
