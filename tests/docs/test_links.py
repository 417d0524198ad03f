"""Of every page: links lead somewhere, also to headings; other hosts are projects' own; words are spelt right."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md"), *ROOT.glob("examples/**/*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
OFFICIAL = {
    "locust.io",
    "docs.locust.io",
    "docs.docker.com",
    "kubernetes.io",
    "docs.pytest.org",
    "click.palletsprojects.com",
}
LOCAL = re.compile(r"127\.0\.0\.1|localhost")


def prose(text: str) -> str:
    """Without code, in blocks or in lines."""
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^(\s*)```.*?^\s*```$", "", text, flags=re.M | re.S))


def anchors(text: str) -> set[str]:
    """What a link can name of a page: headings as GitHub and the site spell them, and what has an id."""
    found: set[str] = set(re.findall(r'<a id="([^"]+)">', text))
    for heading in re.findall(r"^#{1,6} (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        found.add(slug if slug not in found else f"{slug}-1")
    return found


def links(text: str) -> list[str]:
    """Targets of links and pictures."""
    return re.findall(r"\]\(([^()\s]+)\)", prose(text)) + re.findall(r'(?:src|href)="([^"]+)"', prose(text))


def broken(page: Path, text: str) -> list[str]:
    """Links of a page that lead nowhere."""
    wrong = []
    for target in links(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        there = file.exists() and file.is_relative_to(ROOT)
        if not there or (anchor and anchor not in anchors(text if file == page else file.read_text("utf-8"))):
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    assert broken(page, page.read_text("utf-8")) == []


def test_a_broken_link_is_found() -> None:
    page = ROOT / "docs" / "faq.md"
    text = (
        "# One\n\n[a](none.md) [b](#one) [c](#two) [d](validate.md#in-ci) [e](validate.md#no) [f](../../x) `[g](h)`\n"
    )
    assert broken(page, text) == ["none.md", "#two", "validate.md#no", "../../x"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "THIRD-PARTY.md"])
def test_links_to_other_hosts_are_to_projects_themselves(name: str) -> None:
    hosts = set(re.findall(r"https?://([\w.:-]+)", prose((ROOT / name).read_text("utf-8"))))
    assert {host for host in hosts if "." in host and not LOCAL.match(host)} <= OFFICIAL


def test_words_are_spelt_right(tmp_path: Path) -> None:
    """Examples of mistakes stand in code, so of pages only the prose is read."""
    for name in NAMES:
        (tmp_path / name.replace("/", " ")).write_text(prose((ROOT / name).read_text("utf-8")), "utf-8")
    (tmp_path / "wrong.md").write_text("to recieve\n", "utf-8")
    folders = [str(ROOT / name) for name in ("harness", "examples", "scenarios", "tools")]
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "--toml", str(ROOT / "pyproject.toml"), str(tmp_path), *folders,
         "--skip", f"*.json,*.js,__pycache__,{ROOT}/examples/*.md"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    (found,) = (done.stdout + done.stderr).splitlines()
    assert found.endswith("recieve ==> receive")


def test_the_references_are_what_the_code_gives() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
