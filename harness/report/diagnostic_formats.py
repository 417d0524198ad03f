"""Diagnostics for other programs: JSON, workflow commands of GitHub, SARIF 2.1.0 (OASIS standard, March 2020)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from harness import __version__
from harness.scenario.diagnostics import Diagnostic, Span

HELP = "docs/diagnostics.md"
"""Has a section for every code."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A scenario file and what was found in it. ``options``: names of command line options that changed it."""

    path: str
    found: tuple[Diagnostic, ...]
    options: frozenset[str] = frozenset()

    def count(self, severity: str) -> int:
        """How many are of a severity."""
        return sum(each.severity == severity for each in self.found)


@dataclass(frozen=True, slots=True)
class Placed:
    """A diagnostic at its place: a file, and a stretch of it unless it is about the whole file."""

    file: str
    span: Span | None
    code: str
    severity: str
    message: str
    suggestion: str


def placed(examined: Iterable[Examined]) -> list[Placed]:
    """All diagnostics, those of a file that several scenarios include once.

    What is wrong with an option of the command line is told of the scenario, which has no line for it.
    """
    return list(dict.fromkeys(_placed(each, found) for each in examined for found in each.found))


def _placed(examined: Examined, found: Diagnostic) -> Placed:
    span, message = found.span, found.message
    if span is not None and span.source in examined.options:
        message, span = f"{span.source}: {message}", None
    return Placed(
        span.source if span else examined.path, span, found.code, found.severity, message, found.label.strip()
    )


def as_json(examined: Sequence[Examined]) -> str:
    """One document: every file with its counts, every diagnostic with its place (lines and columns from 1)."""
    files = [{"file": e.path, "errors": e.count("error"), "warnings": e.count("warning")} for e in examined]
    listed = [
        {
            "file": each.file,
            "line": each.span.line if each.span else None,
            "column": each.span.column if each.span else None,
            "end": {"line": each.span.end_line, "column": each.span.end_column} if each.span else None,
            "code": each.code,
            "severity": each.severity,
            "message": each.message,
            "suggestion": each.suggestion or None,
        }
        for each in placed(examined)
    ]
    return json.dumps({"format": 1, "files": files, "diagnostics": listed}, indent=2)


def as_github(examined: Sequence[Examined]) -> Iterator[str]:
    """Workflow commands, a line each (GitHub's page "Workflow commands"): annotations beside the lines of a change."""
    for each in placed(examined):
        properties = {"file": each.file}
        if each.span is not None:
            properties |= {"line": str(each.span.line), "endLine": str(each.span.end_line)}
            if each.span.line == each.span.end_line:
                # Columns are taken within one line only.
                properties |= {"col": str(each.span.column), "endColumn": str(each.span.end_column)}
        properties["title"] = each.code
        yield command(each.severity, properties, _sentence(each))


def command(severity: str, properties: Mapping[str, str], text: str) -> str:
    """A workflow command that makes an annotation."""
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{severity} {told}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(examined: Sequence[Examined]) -> str:
    """A SARIF log with one run. Columns count code points."""
    listed = placed(examined)
    codes = sorted({each.code for each in listed})
    severity = {each.code: each.severity for each in listed}
    rules = [
        {
            "id": code,
            "helpUri": f"{HELP}#{code.lower()}",
            "defaultConfiguration": {"level": severity[code]},
        }
        for code in codes
    ]
    results = [
        {
            "ruleId": each.code,
            "ruleIndex": codes.index(each.code),
            "level": each.severity,
            "message": {"text": _sentence(each)},
            "locations": [{"physicalLocation": _location(each)}],
        }
        for each in listed
    ]
    log = {
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [
            {
                "tool": {"driver": {"name": "harness", "version": __version__, "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2)


def _location(each: Placed) -> dict[str, Any]:
    path = PurePath(each.file)
    uri = Path(each.file).as_uri() if path.is_absolute() else quote(path.as_posix())
    location: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if each.span is not None:
        location["region"] = {
            "startLine": each.span.line,
            "startColumn": each.span.column,
            "endLine": each.span.end_line,
            "endColumn": each.span.end_column,
        }
    return location


def _sentence(each: Placed) -> str:
    return f"{each.message}: {each.suggestion}" if each.suggestion else each.message
