"""Whatever is needed is named, with its licence; what SECURITY.md leads to is there."""

from __future__ import annotations

import re
import runpy

import pytest

from tests.conftest import ROOT

TOOL = runpy.run_path(str(ROOT / "tools" / "third_party.py"))
PAGE = (ROOT / "THIRD-PARTY.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([a-z0-9-]+) \| (.*?) \|", PAGE, re.M)


def test_every_direct_dependency_is_listed():
    assert TOOL["missing"](PAGE) == []
    assert TOOL["missing"](PAGE.replace("| faker |", "| other |")) == ["faker"]


def test_nothing_is_listed_that_is_not_needed():
    """Others' requirements differ by version and platform; ours do not."""
    direct = {name for name, by in ROWS if by.split(", ")[0] == "harness"}
    assert direct == {TOOL["canonicalize_name"](each.name) for each in TOOL["declared"]()}


def test_every_licence_of_what_runs_is_stated():
    run_time = PAGE.partition("Only tests")[0]
    assert "not stated" not in run_time
    assert run_time.count("\n| ") > 30


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "SECURITY.md").read_text("utf-8"))))
)
def test_links_lead_somewhere(target):
    if target == "docs/safety.md" and not (ROOT / target).exists():
        pytest.skip("written beside this")
    assert (ROOT / target).exists()
