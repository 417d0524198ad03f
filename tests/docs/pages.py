"""The pages of the documentation, and what stands in them as code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md"), *ROOT.glob("examples/**/*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
FENCED = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.M | re.S)


def text_of(name: str) -> str:
    """A page's text, by its name in the repository."""
    return (ROOT / name).read_text("utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language (may be empty) and code."""
    return [(language, code) for _, language, code in FENCED.findall(text)]


def without_blocks(text: str) -> str:
    """The page without its fenced blocks."""
    return FENCED.sub("", text)


def spans(text: str) -> list[str]:
    """Code within lines. In a table a stroke is written with a backslash."""
    return [span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", without_blocks(text))]


def shown_in(path: Path) -> str:
    """A file's name for messages."""
    return str(path.relative_to(ROOT))
