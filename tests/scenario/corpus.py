"""The corpus: scenarios that are right and wrong, with what is to be said of them. UPDATE_GOLDEN=1 writes it anew.

A file may begin with ``# --set key=value`` and ``# --load name``: it is read with these options. What lies in
``beside/`` is included by others. Files are read from within their folder, so that messages name them shortly.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from harness.scenario import Diagnostic, ScenarioError
from harness.scenario.loader import Loaded, examine
from harness.scenario.overrides import Override
from harness.scenario.source import read

CORPUS = Path(__file__).parent.parent / "corpus"
GOOD, BAD = CORPUS / "good", CORPUS / "bad"
with contextlib.suppress(OSError):
    (BAD / "beside/open-secret.txt").chmod(0o644)  # whatever the umask of the checkout
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
ENVIRONMENT = {
    "CORPUS_NAME": "Ann",
    "CORPUS_API_KEY": "key-from-outside",
    "CORPUS_LOST_FILE": "beside/no-such-file",
    "CORPUS_OPEN_FILE": "beside/open-secret.txt",
}
"""What the scenarios of the corpus find set; NOT_SET_HERE is not."""


def names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))


def options(path: Path) -> tuple[list[Override], str | None]:
    head = path.read_bytes()[:2000].decode("utf-8", "ignore")
    sets = re.findall(r"^# --set ([^=\n]+)=(.*)$", head, re.M)
    profile = re.search(r"^# --load (.+)$", head, re.M)
    overrides = [Override(key, value, f"--set {key}") for key, value in sets]
    return overrides, profile[1] if profile else None


def examined(path: Path) -> Loaded:
    """Read as the command line would; ``path`` is relative to the current directory."""
    overrides, profile = options(path)
    return examine(read(path), overrides, profile)


def found_in(path: Path) -> tuple[Diagnostic, ...]:
    try:
        return examined(path).warnings
    except ScenarioError as error:
        return error.diagnostics


def told(found: Diagnostic, name: str) -> str:
    """A diagnostic in one line: code, severity, place, message | label."""
    place = "-"
    if found.span is not None:
        source = "" if found.span.source == name else f"{found.span.source}:"
        place = f"{source}{found.span.line}:{found.span.column}-{found.span.end_column}"
    return f"{found.code} {found.severity} {place} {found.message} | {found.label}".rstrip()


def compare(path: Path, text: str) -> None:
    """Compare with a golden file, or write it."""
    if UPDATE:
        path.write_text(text, "utf-8")
    assert path.exists(), f"{path.name} is missing: run with UPDATE_GOLDEN=1 and read what it writes"
    assert text == path.read_text("utf-8")
