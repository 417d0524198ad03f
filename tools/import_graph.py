"""Draws which package of harness imports which, between two marks in ARCHITECTURE.md; tools/reference.py writes it.

The layers are those that import-linter enforces, the imports those of the code: for types and in functions, too.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "ARCHITECTURE.md"
MARKS = re.compile(r"(?<=<!-- imports: made by tools/import_graph.py -->\n).*?(?=<!-- /imports -->)", re.S)
UNDRAWN = "harness.__main__"
"""Only starts the command line."""


def layers() -> list[list[str]]:
    """The packages of each layer, from the top."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    lines = contracts["importlinter:contract:layers"]["layers"].split("\n")
    return [[name.strip().removeprefix("harness.") for name in line.split("|")] for line in lines if line.strip()]


def imports() -> dict[str, set[str]]:
    """What each package imports of the others."""
    graph = grimp.build_graph("harness", cache_dir=None)
    packages = graph.find_children("harness") - {UNDRAWN}
    for package in packages:
        graph.squash_module(package)
    return {
        package.removeprefix("harness."): {
            other.removeprefix("harness.")
            for other in graph.find_modules_directly_imported_by(package) & packages - {package}
        }
        for package in packages
    }


def drawing(layered: Sequence[Sequence[str]], imported: Mapping[str, set[str]]) -> str:
    """A line a package: its name, and in a column of their own those that it imports. What is in no layer comes last."""
    used = set().union(*imported.values())
    columns = [[name for name in layer if name in used] for layer in layered]
    beside = sorted(set(imported) - {name for layer in layered for name in layer})
    width = max(map(len, imported)) + 3

    def line(package: str) -> str:
        groups = (
            " ".join(name if name in imported[package] else " " * len(name) for name in layer)
            for layer in columns
            if layer
        )
        return f"{package:{width}}{'  '.join(groups)}".rstrip()

    return "\n\n".join("\n".join(map(line, layer)) for layer in (*layered, beside) if layer) + "\n"


def page() -> str:
    """ARCHITECTURE.md with the drawing as it has to be."""
    made = f"```text\n{drawing(layers(), imports())}```\n"
    text, places = MARKS.subn(lambda _: made, PAGE.read_text("utf-8"))
    if places != 1:
        raise SystemExit(f"{PAGE.name} has no place for the imports: two marks, {MARKS.pattern}")
    return text
