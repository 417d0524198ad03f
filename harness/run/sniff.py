"""Which files are scenarios, by a look at their beginning. Imports nothing heavy: others' pytest runs come by here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

LARGEST_LOOKED_AT = 64 * 1024
"""Bytes of a file that are looked at."""
_SCENARIO = re.compile(rb"^scenario[ \t]*:[ \t]+[^\s#]", re.M)
_MORE = re.compile(rb"^(target|journeys|include|load)[ \t]*:", re.M)


def is_scenario(path: Path) -> bool:
    """Whether a file looks like a scenario: YAML by its name, with a ``scenario:`` of its own. Part files have none."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        return False
    try:
        with path.open("rb") as file:
            begun = file.read(LARGEST_LOOKED_AT)
    except OSError:
        return False
    return bool(_SCENARIO.search(begun) and _MORE.search(begun))


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # a name that no file can have: whoever opens it says so


def scenario_files(names: Sequence[str]) -> Iterator[str]:
    """The files as they are named, and the scenarios in folders, sorted; what is hidden in them is left out."""
    for name in names:
        folder = Path(name)
        if not _is_dir(folder):
            yield name
            continue
        for path in sorted(folder.rglob("*.y*ml")):
            if not any(part.startswith(".") for part in path.relative_to(folder).parts) and is_scenario(path):
                yield str(path)
