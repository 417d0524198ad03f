"""What ``harness report`` does: renders a run again."""

from __future__ import annotations

from pathlib import Path

from harness.extensions.installed import ExtensionError
from harness.report import console, github, openmetrics, reporters, series_csv, terminal
from harness.report.reporters import OWN_FORMS, reporter
from harness.report.summary import Summary
from harness.report.words import os_reason
from harness.run import exit_codes
from harness.run.directory import write_whole
from harness.run.recover import recover, unfinished
from harness.run.run_files import FORMS, RunDirError, read_summary

FILES = {**FORMS, "openmetrics": ("metrics.txt", openmetrics.render)}
"""The forms that are files of their own."""


def run(path: Path, forms: list[str], out: Path | None) -> int:
    """Render into ``out``, or into the run directory itself; gives the exit code."""
    try:
        for form in set(forms) - OWN_FORMS:
            reporter(form)
        incomplete = unfinished(path)
        summary = recover(path) if incomplete else read_summary(path)
    except (RunDirError, ExtensionError) as error:
        console.refuse(f"error: {error}")
        return exit_codes.WRONG
    folder = out or path
    written: list[Path] = []
    try:
        return _render(summary, forms, folder, written, incomplete)
    except ExtensionError as error:
        console.refuse(f"error: {error}")
        return exit_codes.WRONG
    except OSError as error:
        console.refuse(f"error: {folder} cannot be written: {os_reason(error)}")
        return exit_codes.INCOMPLETE
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # Whoever wrote a summary by hand may have written what cannot be: no time, less than nothing.
        console.refuse(f"error: {path} holds figures that no run has, and cannot be shown ({error})")
        return exit_codes.WRONG


def _render(summary: Summary, forms: list[str], folder: Path, written: list[Path], incomplete: bool) -> int:
    """Write and print. Raises OSError, and whatever comes of figures that make no sense."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for form in forms:
        if form == "csv":
            text = series_csv.header() + "".join(map(series_csv.line, summary.series))
            written.append(write_whole(folder, "series.csv", text.encode()))
        elif form in FILES:
            name, render = FILES[form]
            written.append(write_whole(folder, name, render(summary).encode("utf-8", "replace")))
        elif form not in OWN_FORMS:
            name, made = reporters.render(form, summary)
            written.append(
                write_whole(folder, name, made.encode("utf-8", "replace") if isinstance(made, str) else made)
            )
    if "github" in forms:
        console.stdout().print(github.render(summary), markup=False, highlight=False, soft_wrap=True, end="")
    elif "text" in forms:
        html = folder / "report.html"
        terminal.render(summary, console.stdout(), str(html) if html in written else None)
    else:
        console.stdout().print("\n".join(map(str, written)), markup=False, highlight=False, soft_wrap=True)
    return exit_codes.INCOMPLETE if incomplete else exit_codes.HELD
