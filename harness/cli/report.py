"""``harness report``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.complete import files

FORMS = ("html", "md", "junit", "json", "csv", "text", "openmetrics", "github")


def _forms(_: click.Context, __: click.Parameter, text: str) -> list[str]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in FORMS:
            from harness.extensions.installed import REPORTERS, names  # noqa: PLC0415 - only when it is none of ours

            if name in names(REPORTERS):
                continue
            from harness.scenario.diagnostics import suggest  # noqa: PLC0415 - only when something is wrong

            known = (*FORMS, *names(REPORTERS))
            raise click.BadParameter(f"'{name[:40]}' is no form of a report: {suggest(name, known)}")
    return wanted


@click.command(epilog="Example: harness report runs/purchase-20260102-120000 --format html,md")
@click.argument("run_dir", metavar="RUN_DIR", shell_complete=files)
@click.option("--format", "forms", default="text,html,md,junit,json", callback=_forms, metavar="FORM,...", show_default=True,
              help=f"Some of {', '.join(FORMS)}, and of those that packages add.")  # fmt: skip
@click.option("--out", metavar="DIR", help="Write there instead of into the run directory.")
def command(run_dir: str, forms: list[str], out: str | None) -> None:
    """Render a run again from what its directory holds. Needs no network, and asks nobody.

    Works on a run that was killed, too: what can be made of its files is shown, what is missing said; exit code 4.
    """
    from harness.run.report_command import run  # noqa: PLC0415 - so that --help is quick

    sys.exit(run(Path(run_dir), forms, Path(out) if out else None))
