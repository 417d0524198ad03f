"""What ``harness guests`` and ``harness batch build`` do: write files."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from harness.batch import build as building
from harness.batch.build import Frame, Made
from harness.batch.manifest import Manifest
from harness.batch.people import COLUMNS, People
from harness.batch.sources import InputError, files_of
from harness.cdp import batch
from harness.report import batch_text, console
from harness.report.batch_progress import BatchProgress
from harness.run import exit_codes
from harness.run.batch_files import Bundle, private, usual
from harness.run.batch_told import told

LARGEST_SEED = 2**31


@dataclass(frozen=True, slots=True)
class GuestsRequest:
    """So many synthetic guests. ``form`` is jsonl, csv or batch; ``out`` None: the usual place."""

    count: int
    form: str
    out: Path | None
    seed: int | None
    locales: tuple[tuple[str, float], ...]
    mode: str = batch.UPSERT
    limit: int = batch.LARGEST_FILE
    quiet: bool = False


@told
def guests(request: GuestsRequest) -> int:
    """Writes guests as lines, or as batch files."""
    seed = _seed(request.seed)
    people = People(request.locales, seed)
    if request.form == "batch":
        frame = Frame(batch.GUEST, request.mode)
        records = building.synthetic(request.count, people, frame, seed)
        return _build(records, request.out or usual(), frame, seed, (), request.limit, request.quiet, request.count)
    rows = people.csv() if request.form == "csv" else people.json()
    lines = (row + b"\n" for row in islice(rows, request.count))
    head = (",".join(COLUMNS) + "\n").encode() if request.form == "csv" else b""
    if request.out is None:
        _write(sys.stdout.buffer, head, lines)
        return exit_codes.HELD
    with private():
        partial = request.out.with_name(f".{request.out.name}.partial")
        try:
            with partial.open("wb") as file:
                _write(file, head, lines)
            partial.replace(request.out)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    if not request.quiet:
        batch_text.wrote(request.count, str(request.out), seed, console.stdout())
    return exit_codes.HELD


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """Inputs to be made parts in a folder."""

    inputs: tuple[Path, ...]
    out: Path | None
    schema: str = batch.GUEST
    mode: str | None = None
    seed: int | None = None
    limit: int = batch.LARGEST_FILE
    quiet: bool = False


@told
def build(request: BuildRequest) -> int:
    """Makes parts of inputs."""
    seed = _seed(request.seed)
    frame = Frame(request.schema, request.mode or batch.MODES[request.schema][0])
    sources = tuple(str(files_of(path)) for path in request.inputs)
    records = building.from_inputs(request.inputs, frame, seed)
    return _build(records, request.out or usual(), frame, seed, sources, request.limit, request.quiet, None)


def _build(
    records: Iterable[Made],
    out: Path,
    frame: Frame,
    seed: int,
    sources: tuple[str, ...],
    limit: int,
    quiet: bool,
    expected: int | None,
) -> int:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        what = "has files in it" if out.is_dir() else "is a file"
        raise InputError(f"{out} {what}: name another folder with --out, or empty it")
    made = not out.exists()
    progress = BatchProgress(console.stdout(), quiet)
    bundle = Bundle(out)
    with private():
        out.mkdir(parents=True, exist_ok=True)
        try:
            with progress.building(expected) as tell:
                parts = building.build(records, out, limit, sources, tell)
            if not parts:
                raise InputError("there is no record in the input")
            now = datetime.now(UTC).isoformat(timespec="seconds")
            result = Manifest(now, frame.schema, frame.mode, seed, sources, parts, limit)
            bundle.write(result)
        except BaseException:
            if made:
                with suppress(OSError):
                    out.rmdir()
            raise
    batch_text.built(result, bundle.shown, progress.seconds, console.stdout())
    return exit_codes.HELD


def _write(file: BinaryIO, head: bytes, lines: Iterable[bytes]) -> None:
    file.write(head)
    file.writelines(lines)
    file.flush()


def _seed(given: int | None) -> int:
    return secrets.randbelow(LARGEST_SEED) if given is None else given
