"""Where parts lie: a folder that ``batch build`` made, or a single file with a manifest of its own beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.batch import manifest
from harness.batch.checking import digest
from harness.batch.lines import UnreadableError, first_bytes, is_gzip, lines
from harness.batch.manifest import Manifest, ManifestError, Part
from harness.batch.refs import new_batch_ref
from harness.cdp.batch import LARGEST_FILE
from harness.run.directory import write_whole

USUAL = Path("batch")
"""The folder that commands mean when none is named."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder with parts, and the name of the manifest in it."""

    folder: Path
    name: str = manifest.NAME

    @property
    def shown(self) -> str:
        """As a user would name it."""
        return str(self.folder if self.name == manifest.NAME else self.folder / self.name.removesuffix(_OF_FILE))

    def path(self, part: Part) -> Path:
        """A part's file."""
        return self.folder / part.file

    def read(self) -> Manifest:
        """Raises ManifestError."""
        return manifest.read(self.folder, self.name)

    def write(self, made: Manifest) -> None:
        """Whole or not at all, for its owner alone. Raises OSError."""
        with private():
            write_whole(self.folder, self.name, manifest.to_json(made).encode("utf-8", "replace"))


_OF_FILE = ".batch.json"


@contextmanager
def private() -> Iterator[None]:
    """What is made meanwhile is for its owner alone: people's data are in it."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def usual() -> Path:
    """The folder that is meant when none is named: this one if it has parts, else ``batch``."""
    return Path() if (Path() / manifest.NAME).is_file() else USUAL


def bundle_of(path: Path) -> Bundle:
    """What is meant by a folder or a file of parts. Raises ManifestError."""
    if path.is_dir():
        return Bundle(path)
    if path.name == manifest.NAME and path.is_file():
        return Bundle(path.parent)
    if not path.is_file():
        hint = "harness batch build makes one" if path == USUAL else "name a folder that harness batch build made"
        raise ManifestError(f"{path} does not exist: {hint}")
    beside = path.parent / manifest.NAME
    if beside.is_file() and any(part.file == path.name for part in manifest.read(path.parent).parts):
        return Bundle(path.parent)
    return Bundle(path.parent, f"{path.name}{_OF_FILE}")


def adopt(path: Path, made: str) -> Manifest:
    """The manifest of a file that was not built here. Raises ManifestError."""
    try:
        if not is_gzip(path):
            what = "a zip file, and the CDP takes gzip only" if first_bytes(path, 2) == b"PK" else "not compressed"
            raise ManifestError(f"{path} is {what}: harness batch build {path} makes parts of it")
        size, checksum = digest(path)
        if size > LARGEST_FILE:
            what = f"{path} has {size:,} bytes, and {LARGEST_FILE:,} are allowed"
            raise ManifestError(f"{what}: harness batch build {path} splits it")
        records = sum(1 for _ in lines(path))
    except UnreadableError as error:
        raise ManifestError(str(error)) from None
    part = Part(path.name, new_batch_ref(), checksum, size, records)
    return Manifest(made, "", "", None, (), (part,))
