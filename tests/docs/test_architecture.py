"""ARCHITECTURE.md and CONTRIBUTING.md speak of the code as it is; the drawing of imports is one of them."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAP = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
TOOL = runpy.run_path(str(ROOT / "tools" / "import_graph.py"))
ROWS = re.findall(r"^\| `(\w+)/` \| .* \| (.+) \|$", MAP, re.M)
FOLDERS = ("harness", "", *(f"harness/{package}" for package, _ in ROWS))
"""Where a file may lie whose folder a sentence does not repeat."""


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_that_are_named_are_there(page: str) -> None:
    named = set(re.findall(r"`((?:\w+/)*\w+\.(?:py|sh))\b", (ROOT / page).read_text("utf-8")))
    assert len(named) > 5
    assert {name for name in named if not any((ROOT / folder / name).is_file() for folder in FOLDERS)} == set()


def defined(package: Path) -> set[str]:
    """Functions and classes of a package's files."""
    return {
        node.name
        for file in package.glob("*.py")
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }


def test_every_package_stands_in_the_table_with_what_it_is_entered_by() -> None:
    packages = {path.parent.name for path in ROOT.glob("harness/*/__init__.py")}
    assert {package for package, _ in ROWS} == packages
    for package, entries in ROWS:
        names = {entry.partition("(")[0] for entry in re.findall(r"`(\w+(?:\(|`))", entries)}
        assert {name.rstrip("`") for name in names} <= defined(ROOT / "harness" / package), package


def test_imports_are_drawn_in_columns() -> None:
    layers = [["top"], ["left", "right"], ["low"]]
    imported = {"top": {"left", "low"}, "left": {"low"}, "right": set(), "low": set(), "door": {"right"}}
    assert TOOL["drawing"](layers, imported).splitlines() == [
        "top     left        low",
        "",
        "left                low",
        "right",
        "",
        "low",
        "",
        "door         right",
    ]
