"""The run directory: made before the load, written in one piece per file, readable by its owner alone."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TextIO

from harness.record.series import SeriesRow
from harness.report import html, junit, markdown, series_csv
from harness.report.summary import Summary, to_json
from harness.run.secrets import Masker

MOST_TRIES = 100


class RunDirectory:
    """Where a run leaves its files. Raises OSError where the disk does."""

    def __init__(self, path: Path, masker: Masker) -> None:
        self.path = path
        self._masker = masker
        path.mkdir(parents=True, mode=0o700)
        self._series: TextIO = (path / "series.csv").open("w", encoding="utf-8", newline="")
        self._series.write(series_csv.header())
        self._failures: TextIO = (path / "failures.jsonl").open("w", encoding="utf-8")
        self._log = logging.FileHandler(path / "run.log", encoding="utf-8")
        self._log.setFormatter(masker.formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
        root = logging.getLogger()
        root.addHandler(self._log)
        if root.level > logging.INFO or root.level == logging.NOTSET:
            root.setLevel(logging.INFO)

    def scenario(self, text: str) -> None:
        """Keep the scenario as it runs."""
        self._write("scenario.yaml", self._masker.mask(text))

    def seconds(self, rows: Iterable[SeriesRow]) -> None:
        """Add rows to the series."""
        self._series.writelines(series_csv.line(row) for row in rows)
        self._series.flush()

    def failure(self, sample: dict[str, object]) -> None:
        """Add the sample of a failure, secrets masked."""
        self._failures.write(self._masker.mask(json.dumps(sample, ensure_ascii=False)) + "\n")
        self._failures.flush()

    def summary(self, summary: Summary) -> None:
        """Write the summary in all its forms."""
        self._write("summary.json", to_json(summary))
        self._write("summary.md", markdown.render(summary))
        self._write("junit.xml", junit.render(summary))
        self._write("report.html", html.render(summary))

    def close(self) -> None:
        """Nothing more comes."""
        logging.getLogger().removeHandler(self._log)
        for each in (self._series, self._failures, self._log):
            each.close()

    def _write(self, name: str, text: str) -> None:
        """Write a file so that it is there whole or not at all."""
        partial = self.path / f".{name}.partial"
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path / name)


def make(out: str | None, scenario: str, now: datetime, masker: Masker) -> RunDirectory:
    """A new directory: ``out``, or ``runs/<scenario>-<time>``; a number is added rather than a run overwritten."""
    wanted = Path(out) if out else Path("runs") / f"{scenario}-{now:%Y%m%d-%H%M%S}"
    for number in range(1, MOST_TRIES):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        try:
            return RunDirectory(path, masker)
        except FileExistsError:
            continue
    raise FileExistsError(17, "too many runs of that name", str(wanted))
