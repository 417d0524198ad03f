"""Forms of a report that other packages bring: found by name, run with care, bounded."""

from __future__ import annotations

import re
from collections.abc import Collection

from harness.extensions.installed import REPORTERS, ExtensionError, load, names, told
from harness.extensions.speech import Reporter
from harness.report.summary import Summary

LARGEST = 64 * 1024 * 1024
"""Bytes of one form."""
OWN_FORMS = frozenset({"html", "md", "junit", "json", "csv", "text", "openmetrics", "github"})
OWN_FILES = frozenset({
    "report.html", "summary.md", "junit.xml", "summary.json", "series.csv", "load.csv", "metrics.txt", "run.log", "run.json",
    "failures.jsonl", "scenario.yaml", "guests.jsonl", "stories.jsonl", "ledger.bin", "histograms.json", "compare.json",
    "compare.html", "cleanup.jsonl", "verification.partial.json", "guests.begun.json",
})  # fmt: skip
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)+")


def reporter(name: str) -> tuple[Reporter, str]:
    """A form by its name, with its package. Raises ExtensionError."""
    made, package = load(REPORTERS, name, Reporter, OWN_FORMS)
    if not callable(made.render):
        raise ExtensionError(package, name, f"the reporter '{name}' needs a function 'render'")
    if not isinstance(made.file, str) or not _FILE.fullmatch(made.file) or len(made.file) > 80:
        raise ExtensionError(package, name, f"the reporter '{name}' names no file such as takings.txt")
    if made.file.lower() in OWN_FILES:
        raise ExtensionError(package, name, f"the reporter '{name}' would replace {made.file}, the harness's own")
    return made, package


def render(name: str, summary: Summary) -> tuple[str, str | bytes]:
    """The file's name, and what belongs into it. Raises ExtensionError, whatever the package's code does."""
    made, package = reporter(name)
    try:
        found: object = made.render(summary)
    except (Exception, SystemExit) as error:
        raise ExtensionError(package, name, f"the reporter '{name}' failed with {told(error)}") from error
    if not isinstance(found, str | bytes):
        raise ExtensionError(package, name, f"the reporter '{name}' gave {type(found).__name__}, and no text or bytes")
    if len(found) > LARGEST:
        raise ExtensionError(package, name, f"the reporter '{name}' gave more than {LARGEST // 1024**2} MiB")
    return made.file, found


def reporter_names() -> Collection[str]:
    """The forms of all packages."""
    return names(REPORTERS)
