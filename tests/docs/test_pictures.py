"""The pictures of the documentation: a load made anew has pages of the same outline, and no picture is heavy."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import pictures

STORED = json.loads((pictures.FOLDER / pictures.OUTLINES).read_text("utf-8"))
HEAVY = 200_000
"""Bytes."""


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_what_they_show_is_what_the_pages_are_like(browser, tmp_path: Path) -> None:
    found = pictures.take(browser, tmp_path, brief=True)
    assert {path.stem for path in tmp_path.glob("*.png")} == set(STORED)
    for name, picture in found.items():
        assert len(picture["labels"]) > 5
        assert picture["labels"] == STORED[name]["labels"], "run make pictures, and look at them"


@pytest.mark.parametrize("name", STORED)
def test_a_picture_is_that_of_its_outline_and_is_used(name: str) -> None:
    content = (pictures.FOLDER / f"{name}.png").read_bytes()
    assert len(content) < HEAVY
    assert struct.unpack(">II", content[16:24]) == (STORED[name]["width"], STORED[name]["height"])
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    assert any(f"pictures/{name}.png)" in page.read_text("utf-8") for page in pages)
