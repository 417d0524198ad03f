"""The run directory: made before the load, written in one piece per file, readable by its owner alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TextIO

from harness.compare.outcome import Comparison
from harness.record import moments
from harness.record.blocks import Blocks
from harness.record.blocks_file import to_json as to_text
from harness.record.book_file import to_bytes
from harness.record.moments import Moment
from harness.record.run_file import make_private, private, write
from harness.record.series import SeriesRow
from harness.report import compare_html, compare_json, series_csv
from harness.report.summary import Summary, to_json
from harness.run.done_files import SET_OUT, guest_lines, story_lines, to_set_out
from harness.run.outcome import Done
from harness.run.run_files import BEGUN, FORMS, with_files
from harness.run.secrets import Masker

MOST_TRIES = 100


class RunDirectory:
    """Where a run leaves its files. Raises OSError where the disk does."""

    def __init__(self, path: Path, masker: Masker) -> None:
        self.path = path
        self._masker = masker
        make_private(path)
        self._series: TextIO = _opened(path / "series.csv")
        self._series.write(series_csv.header())
        self._load: TextIO = _opened(path / "load.csv")
        self._load.write(moments.header())
        self._failures: TextIO = _opened(path / "failures.jsonl")
        self._log = logging.StreamHandler(_opened(path / "run.log"))
        self._log.setFormatter(masker.formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
        root = logging.getLogger()
        root.addHandler(self._log)
        if root.level > logging.INFO or root.level == logging.NOTSET:
            root.setLevel(logging.INFO)

    def scenario(self, text: str) -> None:
        """Keep the scenario as it runs."""
        self._write("scenario.yaml", self._masker.mask(text))

    def begun(self, summary: Summary) -> None:
        """Keep what is known when the load begins: a report can be made of it, should the run never end."""
        self._write(BEGUN, self._masker.mask(to_json(summary)))

    def second(self, moment: Moment, rows: Iterable[SeriesRow]) -> None:
        """Add a second."""
        self._load.write(moments.line(moment))
        self._load.flush()
        self.seconds(rows)

    def set_out(self, stride: int, guests: Mapping[int, int]) -> None:
        """Keep how many guests have set out by now, by process: should the run be killed, it can be cleaned up after."""
        write_replacing(self.path, SET_OUT, to_set_out(stride, guests))

    def masked(self, text: str) -> str:
        """A text without secrets."""
        return self._masker.mask(text)

    def seconds(self, rows: Iterable[SeriesRow]) -> None:
        """Add rows to the series."""
        self._series.writelines(series_csv.line(row) for row in rows)
        self._series.flush()

    def failure(self, sample: dict[str, object]) -> None:
        """Add the sample of a failure, secrets masked."""
        self._failures.write(self._masker.mask(json.dumps(sample, ensure_ascii=False)) + "\n")
        self._failures.flush()

    def histograms(self, blocks: Blocks) -> None:
        """Keep the latency histograms of the run's blocks, for comparisons."""
        self._write("histograms.json", to_text(blocks))

    def done(self, done: Done) -> None:
        """Keep what the load did: to verify it again, and to clean up after it."""
        write_whole(self.path, "ledger.bin", to_bytes(done.books))
        with _opened(self.path / "guests.jsonl") as file:
            file.writelines(guest_lines(done))
        with _opened(self.path / "stories.jsonl") as file:
            file.writelines(self._masker.mask(line) for line in story_lines(done.stories))
        (self.path / SET_OUT).unlink(missing_ok=True)

    def summary(self, summary: Summary) -> None:
        """Write the summary in all its forms."""
        write_forms(self.path, with_files(self.path, summary))
        (self.path / BEGUN).unlink(missing_ok=True)

    def comparison(self, comparison: Comparison) -> Path:
        """Write a comparison with another run; gives the place of its page."""
        self._write("compare.json", self._masker.mask(compare_json.render(comparison)))
        self._write("compare.html", self._masker.mask(compare_html.render(comparison)))
        return self.path / "compare.html"

    def close(self) -> None:
        """Nothing more comes."""
        logging.getLogger().removeHandler(self._log)
        self._log.close()
        for each in (self._series, self._load, self._failures, self._log.stream):
            each.close()

    def _write(self, name: str, text: str) -> None:
        write_whole(self.path, name, text.encode("utf-8", "replace"))


def _opened(path: Path) -> TextIO:
    return open(path, "w", encoding="utf-8", newline="", opener=private)


def write_whole(folder: Path, name: str, data: bytes) -> Path:
    """Write a file so that it is there whole or not at all; gives its path. Raises OSError."""
    return write_replacing(folder, name, data, sync=True)


def write_replacing(folder: Path, name: str, data: bytes, sync: bool = False) -> Path:
    """As ``write_whole``; without ``sync`` the disk is not waited for, and only a machine that dies loses it."""
    write(folder / name, data, sync)
    return folder / name


def write_forms(folder: Path, summary: Summary) -> None:
    """Write a summary in all its forms. Raises OSError."""
    for name, render in FORMS.values():
        write_whole(folder, name, render(summary).encode("utf-8", "replace"))


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
