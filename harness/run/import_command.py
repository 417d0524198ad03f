"""What ``harness import`` does: from a file of another tool to a scenario's file."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from harness.importer.assemble import assemble
from harness.importer.calls import UnreadableError
from harness.importer.files import take
from harness.report import console
from harness.report.imported_text import told
from harness.report.words import os_reason
from harness.run import exit_codes


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. ``out`` None: standard output."""

    file: str
    out: str | None = None
    kind: str | None = None
    host: str = ""
    name: str = ""
    force: bool = False
    quiet: bool = False
    complete: bool = False


def run(request: Request) -> int:
    """Read, write, tell, and give the exit code."""
    try:
        taken = take(request.file, request.kind)
        name = request.name or taken.title or ("" if request.file == "-" else Path(request.file).stem)
        made = assemble(taken, request.host, name, request.complete)
    except UnreadableError as error:
        console.refuse(f"error: {error}")
        return exit_codes.WRONG
    source = "standard input" if request.file == "-" else Path(request.file).name
    text = f"# Made by harness import of {source!a}. Look it through: a recording is one visit, a scenario is many.\n\n"
    text += made.text
    if request.out is None:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
    elif not _written(Path(request.out), text, request.force):
        return exit_codes.WRONG
    if not request.quiet:
        console.refuse(told(made, request.out))
    return exit_codes.HELD


def _written(path: Path, text: str, force: bool) -> bool:
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        console.refuse(f"error: {path} is there already: name another file, or overwrite it with --force")
    except OSError as error:
        console.refuse(f"error: {path}: {os_reason(error)}")
    else:
        return True
    return False
