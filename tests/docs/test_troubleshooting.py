"""What docs/troubleshooting.md says that one reads is what the program says, with the exit codes of the documentation."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from harness.run import exit_codes
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
ROWS = [
    re.split(r"(?<!\\)\|", line)[1:-1]
    for line in PAGE.splitlines()
    if line.startswith("| ") and "what happens" not in line
]
LEAST = 12
"""Letters of a sentence that have to be the program's own."""
HOLE = "\0"


def _text(node: ast.expr) -> str:
    """A string of the source, with a mark for each thing that is put in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return HOLE


@cache
def said() -> list[re.Pattern[str]]:
    """Every string that the program could say, as a pattern."""
    found = set()
    for path in sorted(Path(ROOT / "harness").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.Constant, ast.JoinedStr)):
                text = _text(node).split("\n")[0]
                if len(text.replace(HOLE, "")) >= LEAST:
                    found.add(text)
    return [re.compile(".+".join(map(re.escape, text.split(HOLE)))) for text in sorted(found)]


def test_there_are_rows() -> None:
    assert len(ROWS) > 15


@pytest.mark.parametrize("sentence", [each for row in ROWS for each in re.findall(r"`([^`]+)`", row[1])])
def test_the_program_says_so(sentence: str) -> None:
    assert any(pattern.search(sentence) for pattern in said()), "no string of the program is like that"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:40])
def test_exit_codes(row: list[str]) -> None:
    code = row[2].strip()
    known = {value for value in vars(exit_codes).values() if isinstance(value, int)}
    killed = 128 + 9
    assert code == "that of the verdict" or int(code) in known | {killed}
