"""``harness guests``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from harness.cdp.batch import GUEST, LARGEST_FILE, MODES
from harness.cli.guests_push import command as push
from harness.cli.options import quiet

MOST = 1_000_000_000


class _Guests(click.Group):
    """``harness guests N`` makes guests; other words are commands of their own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands:
            if args[0][:1].isalpha():
                from harness.scenario.diagnostics import nearest  # noqa: PLC0415 - only when something is wrong

                near = nearest(args[0], [name for name in self.commands if name != make.name])
                hint = f"did you mean '{near}'?" if near else "write a number, or push"
                ctx.fail(f"'{args[0][:60]}' is neither a number of guests nor a command: {hint}")
            args = [make.name or "", *(args if args != ["-h"] else ["--help"])]
        return super().parse_args(ctx, args)


class _Make(click.Command):
    """Its name in the usage line is its argument."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS]"]


@click.group(cls=_Guests, add_help_option=False)
def command() -> None:
    """Synthetic guests, and files of guests."""


command.add_command(push)


def locales(_: click.Context, __: click.Parameter, given: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """``de_DE`` and ``en_GB=80%`` as locales with shares; those without have what is left in equal parts."""
    from harness.scenario.diagnostics import suggest  # noqa: PLC0415 - so that --help is quick
    from harness.scenario.language import LOCALES  # noqa: PLC0415

    shares: dict[str, float | None] = {}
    for text in given or ("en_GB",):
        name, equals, share = text.partition("=")
        if name not in LOCALES:
            raise click.BadParameter(f"'{name[:40]}' is no locale that Faker has people for: {suggest(name, LOCALES)}")
        if name in shares:
            raise click.BadParameter(f"{name} is given twice.")
        try:
            shares[name] = float(share.removesuffix("%")) / 100 if equals else None
        except ValueError:
            raise click.BadParameter(f"'{text[:40]}': write a share as in {name}=80%.") from None
    told = [share for share in shares.values() if share is not None]
    left = 1 - sum(told)
    without = len(shares) - len(told)
    if any(not 0 < share <= 1 for share in told) or left < -1e-9 or (not without and left > 1e-9):
        raise click.BadParameter("the shares make 100% together.")
    return tuple((name, left / without if share is None else share) for name, share in shares.items())


def limit(_: click.Context, __: click.Parameter, text: str | None) -> int:
    """``50MB`` as bytes."""
    if text is None:
        return LARGEST_FILE
    units = {"": 1, "B": 1, "KB": 1_000, "MB": 1_000_000}
    number = text.strip().upper().rstrip("BKM")
    unit = text.strip().upper()[len(number) :].strip()
    if not number.strip().isdecimal() or unit not in units:
        raise click.BadParameter(f"'{text[:40]}' is no size such as 50MB or 500KB.")
    size = int(number) * units[unit]
    if not 100 <= size <= LARGEST_FILE:
        raise click.BadParameter(
            f"{text[:40]}: from 100 bytes to {LARGEST_FILE // 1_000_000}MB, which is the CDP's limit."
        )
    return size


@command.command(
    cls=_Make,
    name="N",
    short_help="Make so many guests.",
    epilog="Example: harness guests 1000 --format csv --locale en_GB=80% --locale de_DE=20% --out guests.csv",
)
@click.argument("count", metavar="N", type=click.IntRange(1, MOST))
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv", "batch"]), default="jsonl", show_default=True,
    help="A line of JSON a guest, as the Guest REST API takes it; CSV; or batch files.",
)  # fmt: skip
@click.option("--batch", is_flag=True, help="The same as --format batch.")
@click.option(
    "--out", type=click.Path(path_type=Path), envvar="HARNESS_OUT", metavar="FILE|DIR",
    help="Where to  [default: standard output; batch files into the folder batch]",
)  # fmt: skip
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31),
    envvar="HARNESS_SEED",
    help="The same guests again  [default: others each time]",
)
@click.option(
    "--locale",
    "shares",
    multiple=True,
    callback=locales,
    metavar="LOCALE[=SHARE]",
    help="Where they come from  [default: en_GB]",
)
@click.option(
    "--mode",
    type=click.Choice(MODES[GUEST]),
    default=MODES[GUEST][0],
    show_default=True,
    help="Of the records of batch files.",
)
@click.option("--limit", "size", callback=limit, metavar="SIZE", help="Of a batch file, compressed  [default: 50MB]")
@quiet
def make(batch: bool, form: str, **options: Any) -> None:
    """Make N synthetic guests; sends nothing.

    Each has an email and an identifier of their own, at example.com, which is nobody's.

    Exit codes: 0 written, 2 command line wrong, 4 the disk is full.
    """
    from harness.run.batch_make import GuestsRequest, guests  # noqa: PLC0415 - so that --help is quick

    request = GuestsRequest(
        options["count"],
        "batch" if batch else form,
        options["out"],
        options["seed"],
        options["shares"],
        options["mode"],
        options["size"],
        options["quiet"],
    )
    sys.exit(guests(request))
