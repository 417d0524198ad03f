"""The forms of a validation for programs, by the names that ``--format`` takes: each a function to lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from harness.report.validation_github import as_github
from harness.report.validation_json import as_json
from harness.report.validation_junit import as_junit
from harness.verify.validated import Validation

FORMS: Mapping[str, Callable[[Validation], Iterable[str]]] = {
    "json": lambda validation: [as_json(validation)],
    "junit": lambda validation: [as_junit(validation)],
    "github": as_github,
}


def emit(lines: Iterable[str], file: Path | None = None) -> None:
    """Print lines as UTF-8, whatever the terminal's own encoding: programs read them. With a ``file`` they go there.

    Raises OSError where that cannot be written.
    """
    data = [f"{line}\n".encode("utf-8", "replace") for line in lines]
    if file is not None:
        file.write_bytes(b"".join(data))
        return
    sys.stdout.flush()
    sys.stdout.buffer.writelines(data)
    sys.stdout.buffer.flush()
