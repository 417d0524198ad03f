"""``harness compare``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli import values
from harness.cli.options import forms, out_file
from harness.cli.output import put

if TYPE_CHECKING:
    from harness.compare.outcome import NotComparableError
    from harness.compare.runs import Run


def _share(low: float, high: float, example: str) -> Callable[[click.Context, click.Parameter, str], float]:
    def read(_: click.Context, __: click.Parameter, text: str) -> float:
        from harness.scenario.quantities import share  # noqa: PLC0415 - so that --help is quick

        value = share(text.strip())
        if value is None or not low <= value <= high:
            raise click.BadParameter(
                f"'{text[:60]}' where a share from {low * 100:g}% to {high * 100:g}% belongs, for example {example}."
            )
        return value

    return read


@click.command(epilog="Example: harness compare runs/monday runs/today --tolerance 5% --tolerance checkout.p99=15%")
@click.argument("runs", nargs=-1, required=True, metavar="BASE NEW [NEW...]")
@click.option("--base", "bases", multiple=True, metavar="DIR", help="A run of the base side; then all others are new.")
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    metavar="[METRIC=]N%",
    help="How much worse a figure may get; of shares (error_rate, completed) in points  [default: 5%, error_rate=0.5%]",
)
@click.option(
    "--confidence",
    callback=_share(0.5, 0.999, "95%"),
    default="95%",
    show_default=True,
    envvar="HARNESS_CONFIDENCE",
    help="Of all intervals together.",
)
@click.option(
    "--warm-up",
    metavar="TIME",
    callback=values.duration("10s"),
    envvar="HARNESS_WARM_UP",
    help="Leave out the start of every run  [default: as long as the runs ramp up differently]",
)
@click.option(
    "--run-noise",
    callback=_share(0.0, 0.5, "1%"),
    default="1%",
    show_default=True,
    envvar="HARNESS_RUN_NOISE",
    help="By how much two runs of the same system are supposed to differ, with less than four runs a side.",
)
@click.option("--force", is_flag=True, envvar="HARNESS_FORCE", help="Compare what should not be, and say so.")
@forms(
    "text", "json", "md", "html", "github",
    say="For people, for programs, for pull requests, to open in a browser, for GitHub's annotations.",
)  # fmt: skip
@out_file
def command(
    runs: tuple[str, ...],
    bases: tuple[str, ...],
    tolerances: tuple[str, ...],
    confidence: float,
    warm_up: float | None,
    run_noise: float,
    force: bool,
    form: str,
    out: str | None,
) -> None:
    """Compare finished runs: what got slower or worse by more than noise. Sends nothing.

    BASE and NEW are run directories, or directories of runs of one side. Four runs a side or more are compared as
    wholes; fewer by their seconds.

    \b
    Exit codes: 0 no regression beyond noise and tolerance, 1 at least one,
    2 the runs cannot be compared, or the command line is wrong.
    """
    from harness.compare.judge import compare  # noqa: PLC0415 - so that --help is quick
    from harness.compare.metrics import MetricError  # noqa: PLC0415
    from harness.compare.metrics import tolerances as read_tolerances  # noqa: PLC0415
    from harness.compare.outcome import NotComparableError, Settings  # noqa: PLC0415
    from harness.compare.reading import RunError  # noqa: PLC0415
    from harness.report.compare_forms import FORMS  # noqa: PLC0415
    from harness.report.compare_text import render  # noqa: PLC0415
    from harness.report.console import refuse, stdout  # noqa: PLC0415

    try:
        told = tolerances or tuple(filter(None, os.environ.get("HARNESS_TOLERANCE", "").split(",")))
        settings = Settings(confidence, read_tolerances(told), warm_up, run_noise, force)
        base, new = _sides(runs, bases)
        comparison = compare(base, new, settings)
    except MetricError as error:
        raise click.BadParameter(str(error), param_hint="'--tolerance'") from None
    except NotComparableError as error:
        refuse(_refusal(error))
        sys.exit(2)
    except RunError as error:
        refuse(f"error: {error}")
        sys.exit(2)
    draw = partial(render, comparison, stdout()) if form == "text" else None
    put(draw, partial(FORMS[form], comparison), out)
    sys.exit(1 if comparison.regressions else 0)


def _sides(runs: tuple[str, ...], bases: tuple[str, ...]) -> tuple[list[Run], list[Run]]:
    """The runs of either side. Without ``--base`` the first of the arguments is the base."""
    from harness.compare.reading import read_runs  # noqa: PLC0415

    told, others = (bases, runs) if bases else (runs[:1], runs[1:])
    if not others:
        raise click.UsageError("Name two runs at least: harness compare BASE NEW")
    base, new = ([run for path in side for run in read_runs(Path(path))] for side in (told, others))
    return base, new


def _refusal(error: NotComparableError) -> str:
    lines = "".join(f"\n  - {each}." for each in error.obstacles)
    forced = "\nCompare them all the same with --force: the result will say so." if error.forcible else ""
    return f"error: these runs cannot be compared.{lines}{forced}"
