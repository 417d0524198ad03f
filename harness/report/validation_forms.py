"""The forms of a validation for programs, by the names that ``--format`` takes: each a function to lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping

from harness.report.validation_github import as_github
from harness.report.validation_json import as_json
from harness.report.validation_junit import as_junit
from harness.verify.validated import Validation

FORMS: Mapping[str, Callable[[Validation], Iterable[str]]] = {
    "json": lambda validation: [as_json(validation)],
    "junit": lambda validation: [as_junit(validation)],
    "github": as_github,
}


def emit(lines: Iterable[str]) -> None:
    """Print lines as UTF-8, whatever the terminal's own encoding: programs read them."""
    sys.stdout.flush()
    sys.stdout.buffer.writelines(f"{line}\n".encode("utf-8", "replace") for line in lines)
    sys.stdout.buffer.flush()
