"""``harness history``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from harness.cli.options import forms, out_file
from harness.cli.output import put


@click.command(epilog="Example: harness history runs --metric checkout.p95 --metric error_rate")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="METRIC",
    default=("p95", "error_rate", "throughput"),
    show_default=True,
    help="As thresholds spell it: throughput, checkout.p95, purchase/checkout.p99, purchase.completed, orders.missing.",
)
@click.option("--scenario", metavar="NAME", help="Only runs of that scenario.")
@click.option("--last", metavar="N", type=click.IntRange(1), envvar="HARNESS_LAST", help="Only the newest N runs.")
@forms("text", "json", "csv", "html", say="For people, for programs, for spreadsheets, to open in a browser.")
@out_file
def command(
    folders: tuple[str, ...],
    metrics: tuple[str, ...],
    scenario: str | None,
    last: int | None,
    form: str,
    out: str | None,
) -> None:
    """Draw metrics over many runs, oldest first. Sends nothing.

    DIR holds run directories, or is one. Runs that are not to be compared with the newest are marked, with the reason.

    \b
    Exit codes: 0 drawn, 2 there is nothing to draw, or the command line is wrong.
    """
    from harness.compare.history import history  # noqa: PLC0415 - so that --help is quick
    from harness.compare.metrics import MetricError, parse  # noqa: PLC0415
    from harness.compare.reading import RunError  # noqa: PLC0415
    from harness.report import history_data, history_html, history_text  # noqa: PLC0415
    from harness.report.console import refuse, stdout  # noqa: PLC0415

    forms = {
        "text": history_text.as_text,
        "json": history_data.as_json,
        "csv": history_data.as_csv,
        "html": history_html.render,
    }
    try:
        made = history([Path(folder) for folder in folders], [parse(metric) for metric in metrics], last, scenario)
    except MetricError as error:
        raise click.BadParameter(str(error), param_hint="'--metric'") from None
    except RunError as error:
        refuse(f"error: {error}")
        sys.exit(2)
    draw = partial(history_text.render, made, stdout()) if form == "text" else None
    put(draw, partial(forms[form], made), out)
