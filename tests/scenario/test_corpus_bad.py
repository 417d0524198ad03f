"""Wrong scenarios, each with exactly what is said of it. Each message was read as a new user would read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.scenario.diagnostics import Span

from .corpus import BAD, CORPUS, ENVIRONMENT, compare, found_in, names, told

ROOT = CORPUS.parent.parent
CODES_IN_CODE = {
    code
    for path in (ROOT / "harness" / "scenario").glob("*.py")
    for code in re.findall(r'"([EW][1-4][0-9]{2})"', path.read_text("utf-8"))
}
ELSEWHERE = {"E102", "E331"}
"""Need a file of many megabytes (in test_hostile), and a package that is broken (in tests/extend)."""


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    monkeypatch.chdir(BAD)
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", names(BAD))
def test_what_is_wrong_is_said_exactly(name):
    path = Path(f"{name}.yaml")
    found = found_in(path)
    assert found, f"{name} is right"
    for each in found:
        assert isinstance(each.span, Span | None)
        assert each.severity == ("error" if each.code.startswith("E") else "warning")
    compare(BAD / f"{name}.expected", "".join(told(each, path.name) + "\n" for each in found))


def test_there_are_many():
    assert len(names(BAD)) >= 150


def test_every_code_occurs_and_no_other():
    seen = {line.split()[0] for path in BAD.glob("*.expected") for line in path.read_text("utf-8").splitlines()}
    assert seen == CODES_IN_CODE - ELSEWHERE


def test_no_expectation_is_left_behind():
    assert sorted(path.stem for path in BAD.glob("*.expected")) == names(BAD)
