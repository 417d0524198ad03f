"""``harness check``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from harness.cli.changes import overrides
from harness.cli.complete import files
from harness.cli.options import forms, scenario_options
from harness.report.diagnostic_formats import Examined, as_github, as_json, as_sarif
from harness.report.words import counted
from harness.scenario import Diagnostic, ScenarioError
from harness.scenario.diagnostics import render
from harness.scenario.loader import examine
from harness.scenario.overrides import Override
from harness.scenario.source import read


@click.command(epilog="Example: harness check scenarios/*.yaml --strict")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...", shell_complete=files)
@forms("text", "json", "github", "sarif", say="For people, for programs, for GitHub's annotations, for code scanning.")
@click.option("--strict", is_flag=True, envvar="HARNESS_STRICT", help="Warnings count as errors.")
@scenario_options
def command(
    scenarios: tuple[str, ...], form: str, strict: bool, target: str | None, load: str | None, sets: tuple[str, ...]
) -> None:
    """Find every mistake in scenario files: place, reason, way out. Sends nothing.

    Exit code 0 when all are right, else 2. Warnings alone are right, unless --strict.
    """
    changes = overrides(sets, target)
    examined = []
    for path in scenarios:
        found, sources = _examine(path, changes, load, strict)
        examined.append(Examined(click.format_filename(path), found, frozenset(each.option for each in changes)))
        if form == "text":
            _tell(examined[-1], sources)
    if form == "text":
        _sum_up(examined)
    elif form == "github":
        for line in as_github(examined):
            click.echo(line.encode("utf-8", "replace"))
    else:
        click.echo(as_json(examined) if form == "json" else as_sarif(examined))
    sys.exit(2 if any(each.count("error") for each in examined) else 0)


def _examine(
    path: str, changes: Sequence[Override], load: str | None, strict: bool
) -> tuple[tuple[Diagnostic, ...], dict[str, tuple[str, ...]]]:
    """What is wrong with a file, and the lines of all files that it is made of."""
    try:
        loaded = examine(read(Path(path)), changes, load)
        found, sources = loaded.warnings, dict(loaded.sources)
    except ScenarioError as error:
        found, sources = error.diagnostics, error.sources
    return tuple(replace(each, severity="error") for each in found) if strict else found, sources


def _tell(examined: Examined, sources: dict[str, tuple[str, ...]]) -> None:
    if examined.found:
        click.echo(render(examined.found, sources), err=True)
    if not examined.count("error"):
        warnings = examined.count("warning")
        click.echo(f"{examined.path}: ok" + (f", {counted(warnings, 'warning')}" if warnings else ""))


def _sum_up(examined: Sequence[Examined]) -> None:
    """The last line, where there were several files."""
    if len(examined) < 2:
        return
    errors = sum(each.count("error") for each in examined)
    warnings = sum(each.count("warning") for each in examined)
    wrong = sum(each.count("error") > 0 for each in examined)
    parts = [f"{counted(errors, 'error')} in {wrong}"] if wrong else ["all ok"]
    parts += [counted(warnings, "warning")] if warnings else []
    click.echo(f"{counted(len(examined), 'file')}: {', '.join(parts)}")
