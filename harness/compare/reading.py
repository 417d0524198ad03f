"""``read_run``: a run directory as a value. ``read_runs``: a run directory, or a directory of run directories."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.compare.runs import FunnelFacts, JourneyFacts, Run, StepFacts
from harness.record import run_file
from harness.record.blocks import Blocks
from harness.record.blocks_file import BlocksError, from_json
from harness.record.figures import StepKey

SUMMARY = "summary.json"
HISTOGRAMS = "histograms.json"
SCENARIO = "scenario.yaml"
FORMATS = (1,)
"""Versions of summary.json that are understood."""
MOST_RUNS = 10_000
LONGEST_FILE = 128 * 1024 * 1024
SECTIONS = ("defaults", "guests", "catalog", "journeys")
"""Those parts of a scenario that decide what a run sends, beside its load."""


class RunError(Exception):
    """A run cannot be read; the text says which, why, and what would help."""


def read_runs(path: Path, *, blocks: bool = True) -> list[Run]:
    """The run in a directory, or all runs in the directories of a directory, oldest first. Raises RunError."""
    if (path / SUMMARY).is_file() or not path.is_dir():
        return [read_run(path, blocks=blocks)]
    found = sorted(each.parent for each in path.glob(f"*/{SUMMARY}"))
    if not found:
        raise RunError(f"{path}: no {SUMMARY} in it, nor in a directory in it. Name a directory that harness run made")
    if len(found) > MOST_RUNS:
        raise RunError(f"{path}: {len(found)} runs; more than {MOST_RUNS} at once are not read")
    return sorted((read_run(each, blocks=blocks) for each in found), key=lambda run: run.started)


def read_run(path: Path, *, blocks: bool = True, summary: str | None = None) -> Run:
    """A run directory. Without ``blocks``, which are most of the work, ``Run.blocks`` is None. Raises RunError.

    ``summary``: its summary.json, where that does not lie there yet.
    """
    if not path.is_dir():
        what = "not a directory" if path.exists() else "there is no such directory"
        raise RunError(f"{path}: {what}. Name a directory that harness run made")
    if summary is None and not (path / SUMMARY).is_file():
        raise RunError(f"{path}: no {SUMMARY} in it. The run may not have come to its end")
    try:
        document = json.loads(_text(path / SUMMARY) if summary is None else summary)
        if document["format"] not in FORMATS:
            raise RunError(f"{path / SUMMARY}: its format {document['format']!r} is not known to this version")
        histograms, why = _blocks(path) if blocks else (None, "they were not read")
        return _run(path, document, _sections(path), histograms, why)
    except LookupError as error:
        raise RunError(f"{path / SUMMARY}: what a summary holds is missing: {error}") from None
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise RunError(f"{path / SUMMARY}: not a summary ({error})") from None


def _text(path: Path) -> str:
    try:
        return run_file.read(path, LONGEST_FILE).decode("utf-8")
    except OSError as error:
        raise RunError(f"{path}: {(error.strerror or type(error).__name__).lower()}") from None


def _blocks(path: Path) -> tuple[Blocks | None, str]:
    file = path / HISTOGRAMS
    if not file.is_file():
        return None, f"{path} has no {HISTOGRAMS}: an older version made it, or it ended early"
    try:
        return from_json(_text(file)), ""
    except BlocksError as error:
        return None, f"{file} cannot be read ({error})"


def _run(path: Path, document: Any, sections: Mapping[str, str], blocks: Blocks | None, why: str) -> Run:
    requests, generator = document["requests"], document["generator"]
    orders = (document.get("verification") or {}).get("orders")
    started = datetime.fromisoformat(document["started"])
    return Run(
        name=str(path),
        scenario=str(document["scenario"]),
        target=str(document["target"]),
        verdict=str(document["verdict"]),
        started=started if started.tzinfo else started.replace(tzinfo=UTC),
        duration_s=_number(document["duration_s"]),
        planned_s=_planned(document.get("load")),
        seed=int(document["seed"]),
        run_id=str(document.get("run_id", "")),
        model=str(document["model"]),
        level=_number(document.get("level", 0)),
        version=str(document["versions"]["harness"]),
        sent=int(requests["sent"]),
        rate=_number(requests["rate"]),
        error_rate=_number(requests["error_rate"]),
        latency=_latency(document.get("latency")),
        steps={StepKey(str(s["journey"]), str(s["step"])): _step(s) for s in document["steps"]},
        journeys={str(j["name"]): JourneyFacts(int(j["completed"]), int(j["failed"])) for j in document["journeys"]},
        funnel=tuple(_funnel(each) for each in document.get("funnel", ())),
        orders_missing=None if orders is None else max(int(orders["expected"]) - int(orders["found"]), 0),
        saturated_seconds=tuple(int(second) for second in generator.get("saturated_seconds", ())),
        saturated_s=int(generator.get("saturated_s", 0)),
        loop_lag_p99=_number(generator.get("loop_lag_p99", 0)),
        sections=sections,
        blocks=blocks,
        no_blocks=why,
    )


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no number to compare")
    return number


def _planned(load: Any) -> float | None:
    """When the last corner of the planned load comes, in seconds."""
    planned = (load or {}).get("planned")
    return _number(planned[-1][0]) if planned else None


def _latency(document: Any) -> dict[str, float]:
    return {str(name): _number(value) for name, value in (document or {}).items()}


def _step(document: Any) -> StepFacts:
    return StepFacts(
        type=str(document.get("type", "")),
        sent=int(document["sent"]),
        failed=int(document["failed"]),
        rate=_number(document["rate"]),
        error_rate=_number(document["error_rate"]),
        latency=_latency(document.get("latency")),
    )


def _funnel(document: Any) -> FunnelFacts:
    counts = {name: int(document.get(name, 0)) for name in ("entered", "left_by_design", "lost_to_errors")}
    rest = counts["entered"] - counts["left_by_design"] - counts["lost_to_errors"] - int(document.get("under_way", 0))
    return FunnelFacts(
        str(document["journey"]), str(document["step"]), went_on=int(document.get("went_on", rest)), **counts
    )


def _sections(path: Path) -> dict[str, str]:
    """Those of the scenario as it ran; none where it is not there."""
    try:
        return sections(_text(path / SCENARIO))
    except (RunError, ValueError):
        return {}


def sections(scenario: str) -> dict[str, str]:
    """The sections of a scenario that decide what is sent. The text is ours, always written the same way: no need to parse it."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in scenario.splitlines():
        if line[:1].isalpha():
            section = line.partition(":")[0]
        # The seed may differ: it decides who comes, not what they do.
        if section in SECTIONS and not line.startswith("  seed:"):
            found.setdefault(section, []).append(line)
    return {name: "\n".join(text) for name, text in found.items()}
