"""What lies in a folder of parts, and how far each of them has come: the file ``batch.json`` beside them.

It holds no secret: not the keys, and not the places that the CDP names for the uploads.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from harness.cdp.batch import ENDS, LARGEST_FILE
from harness.cdp.batch_rules import is_uuid

NAME = "batch.json"
FORMAT = 1
LARGEST = 16 << 20
"""Bytes of a manifest that is read."""
MOST_PARTS = 9_999

BUILT, ALLOCATED, SENT = "built", "allocated", "sent"
"""A part's own states, before the CDP has said one: on disk, a place was asked for, all of it was sent."""

_FILE = re.compile(r"[^/\\\0]{1,255}")


class ManifestError(ValueError):
    """A folder of parts cannot be used; the text says which file, why, and what would help."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file, and what became of it.

    ``ref`` is the batch's, ``checksum`` the file's MD5 in hex, ``size`` its bytes. ``state`` is one of ours, or the
    status that the CDP told last. ``earlier`` are refs of tries that came to nothing. ``has_log``: it told of a log.
    """

    file: str
    ref: str
    checksum: str
    size: int
    records: int
    state: str = BUILT
    earlier: tuple[str, ...] = ()
    has_log: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the CDP has said its last word on it."""
        return self.state in ENDS


@dataclass(frozen=True, slots=True)
class Manifest:
    """``sources`` are the inputs as they were named; ``target`` is where the parts go, "" before the first upload."""

    made: str
    schema: str
    mode: str
    seed: int | None
    sources: tuple[str, ...]
    parts: tuple[Part, ...]
    limit: int = LARGEST_FILE
    target: str = ""

    def with_part(self, number: int, **changes: Any) -> Manifest:
        """The same with one part changed."""
        parts = list(self.parts)
        parts[number] = replace(parts[number], **changes)
        return replace(self, parts=tuple(parts))

    @property
    def records(self) -> int:
        """All of them."""
        return sum(part.records for part in self.parts)


def to_json(manifest: Manifest) -> str:
    """As it is written."""
    return json.dumps({"format": FORMAT, **asdict(manifest)}, indent=2, ensure_ascii=False) + "\n"


def read(folder: Path, name: str = NAME) -> Manifest:
    """The manifest in a folder. Raises ManifestError."""
    path = folder / name
    if not path.is_file():
        raise ManifestError(f"{folder} has no {name}: name a folder that harness batch build made")
    try:
        if path.stat().st_size > LARGEST:
            raise ManifestError(f"{path} is larger than {LARGEST >> 20} MB: that is no manifest")
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise ManifestError(f"{path} is no JSON: build the parts again") from None
    try:
        return _manifest(document)
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"{path} is no manifest ({error}): build the parts again") from None


def _manifest(document: Any) -> Manifest:
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']!r}, this version reads {FORMAT}")
    parts = tuple(_part(each) for each in document["parts"][:MOST_PARTS])
    return Manifest(
        made=str(document["made"]),
        schema=str(document["schema"]),
        mode=str(document["mode"]),
        seed=None if document["seed"] is None else int(document["seed"]),
        sources=tuple(str(each) for each in document["sources"]),
        parts=parts,
        limit=int(document["limit"]),
        target=str(document["target"]),
    )


def _part(given: Any) -> Part:
    file, ref = str(given["file"]), given["ref"]
    if not _FILE.fullmatch(file) or file in (".", ".."):
        raise ValueError(f"a part that is no file of this folder: {file[:60]!r}")
    if not is_uuid(ref):
        raise ValueError(f"the ref of {file} is no UUID")
    return Part(
        file=file,
        ref=str(ref),
        checksum=str(given["checksum"]),
        size=int(given["size"]),
        records=int(given["records"]),
        state=str(given["state"]),
        earlier=tuple(str(each) for each in given["earlier"]),
        has_log=bool(given["has_log"]),
    )
