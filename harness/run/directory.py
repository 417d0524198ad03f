"""The run directory: made before the load, written in one piece per file, readable by its owner alone."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from harness.compare.outcome import Comparison
from harness.extensions.installed import ExtensionError
from harness.record import moments
from harness.record.blocks import Blocks
from harness.record.blocks_file import to_json as to_text
from harness.record.book_file import to_bytes
from harness.record.moments import Moment
from harness.record.run_file import make_private, write
from harness.record.series import SeriesRow
from harness.report import compare_html, compare_json, reporters, series_csv
from harness.report.summary import Summary
from harness.report.summary_json import to_json
from harness.report.words import os_reason
from harness.run.done_files import SET_OUT, guest_lines, story_lines, to_set_out
from harness.run.growing import GrowingFile, LogFile
from harness.run.outcome import Done
from harness.run.reserve import Reserve
from harness.run.run_files import BEGUN, FORMS, with_files
from harness.scenario.masking import Masker

MOST_TRIES = 100
SERIES, LOAD, COMPARED = "series.csv", "load.csv", "compare.html"


class RunDirectory:
    """Where a run leaves its files. Raises OSError where the disk does."""

    def __init__(self, path: Path, masker: Masker) -> None:
        self.path = path
        self._masker = masker
        make_private(path)
        try:
            self._reserve = Reserve(path)
            self._series = GrowingFile(path / SERIES, series_csv.header())
            self._load = GrowingFile(path / LOAD, moments.header())
            self._failures = GrowingFile(path / "failures.jsonl")
            self._log = LogFile(path / "run.log")
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            raise
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
        self._load.add(moments.line(moment))
        self.seconds(rows)

    def set_out(self, stride: int, guests: Mapping[int, int]) -> None:
        """Keep how many guests have set out by now, by process: should the run be killed, it can be cleaned up after."""
        write_replacing(self.path, SET_OUT, to_set_out(stride, guests))

    def seconds(self, rows: Iterable[SeriesRow]) -> None:
        """Add rows to the series."""
        self._series.add("".join(series_csv.line(row) for row in rows))

    def failure(self, sample: dict[str, object]) -> None:
        """Add the sample of a failure, secrets masked."""
        self._failures.add(self._masker.mask(json.dumps(sample, ensure_ascii=False)) + "\n")

    def histograms(self, blocks: Blocks) -> None:
        """Keep the latency histograms of the run's blocks, for comparisons."""
        self._write("histograms.json", to_text(blocks))

    def done(self, done: Done) -> None:
        """Keep what the load did: to verify it again, and to clean up after it."""
        write_whole(self.path, "ledger.bin", to_bytes(done.books))
        write_whole(self.path, "guests.jsonl", _encoded(guest_lines(done)))
        write_whole(self.path, "stories.jsonl", _encoded(map(self._masker.mask, story_lines(done.stories))))
        (self.path / SET_OUT).unlink(missing_ok=True)

    def summary(self, summary: Summary) -> None:
        """Write the summary in all its forms, or in none: a run that could not keep its report is incomplete."""
        try:
            write_forms(self.path, with_files(self.path, summary))
        except OSError:
            for name, _ in FORMS.values():
                with contextlib.suppress(OSError):
                    (self.path / name).unlink()
            raise
        (self.path / BEGUN).unlink(missing_ok=True)

    def summary_elsewhere(self, summary: Summary) -> Path:
        """Write it where temporary files go; gives the place."""
        folder = Path(tempfile.mkdtemp(prefix=f"harness-{summary.run_id}-"))
        try:
            write_forms(folder, with_files(self.path, summary))
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def added_forms(self, summary: Summary) -> list[str]:
        """Write the forms of other packages; gives what went wrong."""
        whole = with_files(self.path, summary)
        troubles: list[str] = []
        for name in reporters.reporter_names():
            try:
                file, made = reporters.render(name, whole)
                data = self._masker.mask(made).encode("utf-8", "replace") if isinstance(made, str) else made
                write_whole(self.path, file, data)
            except ExtensionError as error:
                troubles.append(self._masker.mask(f"A form of the report is missing: {error}."))
            except OSError as error:
                troubles.append(f"A form of the report is missing: {file}: {os_reason(error)}.")
        return troubles

    def comparison(self, comparison: Comparison) -> None:
        """Write a comparison with another run, and the page of it."""
        self._write("compare.json", self._masker.mask(compare_json.render(comparison)))
        self._write(COMPARED, self._masker.mask(compare_html.render(comparison)))

    def missing(self) -> bool:
        """Whether the directory was removed. Then it is made again."""
        try:
            make_private(self.path)
        except FileExistsError:
            return False
        return True

    def room(self) -> None:
        """Give the room free that was held for what comes at the end."""
        self._reserve.release()

    def again(self, scenario: str, seconds: Iterable[Moment], rows: Iterable[SeriesRow]) -> None:
        """Write once more what was written while the run went on, because some of it may be missing."""
        self.scenario(scenario)
        write_whole(self.path, LOAD, _encoded([moments.header(), *map(moments.line, seconds)]))
        write_whole(self.path, SERIES, _encoded([series_csv.header(), *map(series_csv.line, rows)]))

    def close(self) -> None:
        """Nothing more comes."""
        logging.getLogger().removeHandler(self._log)
        for each in (self._series, self._load, self._failures, self._log):
            each.close()
        with contextlib.suppress(OSError):
            self._reserve.release()

    def discard(self) -> None:
        """There is no run after all: nothing stays."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self, name: str, text: str) -> None:
        write_whole(self.path, name, text.encode("utf-8", "replace"))


def write_whole(folder: Path, name: str, data: bytes | Iterable[bytes]) -> Path:
    """Write a file so that it is there whole or not at all; gives its path. Raises OSError."""
    return write_replacing(folder, name, data, sync=True)


def write_replacing(folder: Path, name: str, data: bytes | Iterable[bytes], sync: bool = False) -> Path:
    """As ``write_whole``; without ``sync`` the disk is not waited for, and only a machine that dies loses it."""
    write(folder / name, data, sync)
    return folder / name


def _encoded(lines: Iterable[str]) -> Iterator[bytes]:
    return (line.encode("utf-8", "replace") for line in lines)


def write_forms(folder: Path, summary: Summary) -> None:
    """Write a summary in all its forms. Raises OSError."""
    for name, render in reversed(FORMS.values()):  # summary.json first: the others can be made of it
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
