"""``harness validate``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli import options, values
from harness.cli.changes import overrides
from harness.cli.complete import files


def _paths(_: click.Context, __: click.Parameter, text: str) -> str | int:
    if text in ("auto", "all", "pairwise"):
        return text
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise click.BadParameter(f"'{text[:60]}' is none of all, pairwise and a number of paths.")


@click.command(epilog="Example: harness validate scenarios/*.yaml --target sandbox")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...", shell_complete=files)
@options.target
@options.sets
@click.option("--seed", metavar="N", envvar="HARNESS_SEED", help="Makes guests and what they pick repeatable.")
@click.option(
    "--paths",
    metavar="all|pairwise|N",
    callback=_paths,
    default="auto",
    envvar="HARNESS_PATHS",
    help="Which paths of a journey  [default: all up to 200, else pairwise]",
)
@click.option("--path", "names", multiple=True, metavar="NAME", help="Walk this path, or this journey, alone.")
@click.option("--trace", is_flag=True, envvar="HARNESS_TRACE", help="Show each exchange, with a cURL line to paste.")
@click.option(
    "--wait",
    metavar="TIME",
    callback=values.duration("30s"),
    envvar="HARNESS_WAIT",
    help="How long the target may take to process  [default: 10s on a sandbox, else 60s]",
)
@options.forms(
    "text", "json", "junit", "github", say="For people, for programs, for CI servers, for GitHub's annotations."
)
@click.option("--out", metavar="FILE", help="Write the --format there, and the text here.")
@click.option("--strict", is_flag=True, envvar="HARNESS_STRICT", help="Warnings about a scenario count as errors.")
@click.option("-x", "--fail-fast", is_flag=True, envvar="HARNESS_FAIL_FAST", help="Stop at the first failed path.")
@click.option("-q", "--quiet", is_flag=True, envvar="HARNESS_QUIET", help="Paths alone, without their steps.")
@click.option(
    "--probe-rules/--no-probe-rules",
    default=None,
    envvar="HARNESS_PROBE_RULES",
    help="Send a deliberately wrong sequence, too  [default: to sandboxes only]",
)
@click.option("--allow-production", is_flag=True, envvar="HARNESS_ALLOW_PRODUCTION", help="Leave to touch production.")
def command(
    scenarios: tuple[str, ...],
    target: str | None,
    sets: tuple[str, ...],
    seed: str | None,
    paths: str | int,
    names: tuple[str, ...],
    trace: bool,
    wait: float | None,
    form: str,
    out: str | None,
    strict: bool,
    fail_fast: bool,
    quiet: bool,
    probe_rules: bool | None,
    allow_production: bool,
) -> None:
    """Walk every path of every journey with a guest of its own, check each step, and read back what came of it.

    Folders are searched for scenarios. Think times are left out. A target with an api_token is asked for the guest,
    the timeline, the orders; without one the steps alone are checked.

    \b
    Exit codes: 0 all held, 1 something did not hold, 2 scenario or command line wrong (nothing was sent),
    3 target not reachable or not allowed (nothing was sent), 130 interrupted.
    """
    from harness.run.validate_command import Request, run  # noqa: PLC0415 - so that --help is quick
    from harness.run.validator import Options  # noqa: PLC0415

    if out is not None and form == "text":
        raise click.UsageError("--out needs a --format that is not text: name json, junit or github.")
    sys.exit(
        run(
            Request(
                files=scenarios,
                changes=overrides(sets, target),
                paths=paths,
                names=names,
                form=form,
                out=None if out is None else Path(out),
                strict=strict,
                fail_fast=fail_fast,
                quiet=quiet,
                probe_rules=probe_rules,
                options=Options(wait_s=wait, seed=_seed(seed), allow_production=allow_production, keep=trace),
            )
        )
    )


def _seed(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= 2**31):
        raise click.BadParameter(f"'{text[:60]}' is no whole number from 0 to {2**31}.", param_hint="'--seed'")
    return int(text)
