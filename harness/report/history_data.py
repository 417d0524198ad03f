"""A history for programs: JSON and CSV. Times in ms, rates per second, shares as fractions of 1."""

from __future__ import annotations

import csv
import io
import json

from harness.compare.history import History
from harness.report.compare_json import encodable
from harness.report.words import rfc3339

FORMAT = 1
"""The version of the document."""


def as_json(history: History) -> str:
    """One document, a run an entry, oldest first."""
    document = {
        "format": FORMAT,
        "metrics": [metric.text for metric in history.metrics],
        "runs": [
            {
                "path": entry.run.name,
                "run_id": entry.run.run_id,
                "scenario": entry.run.scenario,
                "started": rfc3339(entry.run.started),
                "duration_s": entry.run.duration_s,
                "model": entry.run.model,
                "level": entry.run.level,
                "verdict": entry.run.verdict,
                "comparable": entry.comparable,
                "obstacles": list(entry.obstacles),
                "values": {metric.text: value for metric, value in zip(history.metrics, entry.values, strict=True)},
            }
            for entry in history.entries
        ],
        "unreadable": list(history.unreadable),
    }
    return encodable(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def as_csv(history: History) -> str:
    """A line a run; ``comparable`` is 1 or 0, a value that is not there is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["started", "run", "verdict", "comparable", *(metric.text for metric in history.metrics)])
    for entry in history.entries:
        values = ["" if value is None else value for value in entry.values]
        writer.writerow([rfc3339(entry.run.started), entry.run.name, entry.run.verdict, int(entry.comparable), *values])
    return encodable(text.getvalue())
