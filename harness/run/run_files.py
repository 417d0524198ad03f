"""A run directory read again: its summary, its series, its scenario. Written by ``directory``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.record import run_file
from harness.report import html, junit, markdown, series_csv
from harness.report.read_summary import SummaryError, from_json
from harness.report.sample import samples
from harness.report.summary import Summary
from harness.report.summary_json import to_json
from harness.report.words import os_reason
from harness.scenario.loader import examine
from harness.scenario.model import CDP, Scenario
from harness.scenario.overrides import Override
from harness.scenario.source import parse

BEGUN = "run.json"
"""What is known when a load begins, as a summary without figures. Gone when there is a summary."""
FORMS = {
    "html": ("report.html", html.render),
    "md": ("summary.md", markdown.render),
    "junit": ("junit.xml", junit.render),
    "json": ("summary.json", to_json),
}
"""The forms of a summary: file and how it is made."""
MOST_FAILURES = 5_000
LONGEST_FAILURES = 16 * 1024 * 1024
"""Bytes; what comes behind is left out."""
LONGEST_SOURCE = 200_000


class RunDirError(Exception):
    """A run directory cannot be used; the text says which file, why, and what would help."""


def read_summary(path: Path) -> Summary:
    """The summary in a run directory, with its series. Raises RunDirError."""
    if not path.is_dir():
        what = "is not a directory" if path.exists() else "does not exist"
        raise RunDirError(f"{path} {what}: name a directory that harness run made")
    file = path / "summary.json"
    if not file.is_file():
        raise RunDirError(f"{path} has no summary.json: the run has not come to its end, or this is no run directory")
    try:
        summary = from_json(read_text(file))
    except SummaryError as error:
        raise RunDirError(f"{file} cannot be read: {error}") from None
    series = path / "series.csv"
    whole = replace(summary, series=series_csv.read(read_text(series))) if series.is_file() else summary
    return with_files(path, whole)


def with_files(path: Path, summary: Summary) -> Summary:
    """The summary with what lies beside it: samples of failures, and the scenario. What cannot be read is left out."""
    return replace(summary, samples=samples(_failures(path)), source=_source(path))


def _failures(path: Path) -> list[str]:
    try:
        text = run_file.read(path / "failures.jsonl", LONGEST_FAILURES, cut=True)
    except OSError:
        return []
    return text.decode("utf-8", "replace").split("\n")[:MOST_FAILURES]


def _source(path: Path) -> str:
    try:
        text = run_file.read(path / "scenario.yaml", 4 * LONGEST_SOURCE, cut=True).decode("utf-8", "replace")
    except OSError:
        return ""
    return text if len(text) <= LONGEST_SOURCE else f"{text[:LONGEST_SOURCE]}\n# and so on: see scenario.yaml\n"


def scenario_at_cdp(path: Path, url: str, changes: Sequence[Override], why_cdp: str) -> Scenario:
    """The scenario of a run, with the CDP at ``url`` as its target. Raises RunDirError, ScenarioError.

    ``why_cdp``: what is missing where it is none, for people.
    """
    file = path / "scenario.yaml"
    overrides = [Override("target.url", url, "--target"), *changes]
    scenario = examine(parse(read_text(file), str(file)), overrides).scenario
    if scenario.target.system != CDP:
        raise RunDirError(f"{path} is a run against a target that is no CDP: {why_cdp}")
    if scenario.target.is_sandbox:
        raise RunDirError("an embedded sandbox ends with its run: name one that is still there with --target URL")
    return scenario


def read_text(file: Path) -> str:
    """A file's text. Raises RunDirError."""
    try:
        return run_file.read(file).decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise RunDirError(f"{file} is not UTF-8") from None
    except OSError as error:
        raise RunDirError(f"{file} cannot be read: {os_reason(error)}") from None
