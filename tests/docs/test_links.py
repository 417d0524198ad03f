"""Of every page: links lead somewhere, also to headings; other hosts are projects' own; words are spelt right."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from tests.conftest import ROOT

from .pages import NAMES, without_blocks

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
    return re.sub(r"`[^`\n]+`", "", without_blocks(text))


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


WORDS_OF_OTHERS = "artifact,artifacts,authorization,catalog,catalogs,license,modeling,program,stories,story"
"""Names of licences, headers, keys and books; what a computer runs; what guests do."""


def misspelt(*arguments: object) -> list[str]:
    """What codespell finds, a line each."""
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "--toml", str(ROOT / "pyproject.toml"), *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return (done.stdout + done.stderr).splitlines()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prose of all pages. Examples of mistakes stand in code, so that is left out. One page of our own has two."""
    folder = tmp_path_factory.mktemp("prose")
    for name in NAMES:
        (folder / name.replace("/", " ")).write_text(prose((ROOT / name).read_text("utf-8")), "utf-8")
    (folder / "wrong.md").write_text("to recieve\na color\n", "utf-8")
    return folder


def test_words_are_spelt_right(written: Path) -> None:
    names = (
        "harness",
        "examples",
        "scenarios",
        "tools",
        "locustfiles",
        "deploy",
        "benchmarks",
        "Makefile",
        "mkdocs.yml",
    )
    skipped = f"*.json,*.js,*.lua,__pycache__,{ROOT}/examples/*.md,{ROOT}/deploy/*.md"
    (found,) = misspelt(written, *(ROOT / name for name in names), "--skip", skipped)
    assert found.endswith("recieve ==> receive")


def test_and_in_the_british_way(written: Path, tmp_path: Path) -> None:
    """Codespell knows the American spelling of British words; here it is the other way round."""
    known = (resources.files("codespell_lib") / "data" / "dictionary_en-GB_to_en-US.txt").read_text("utf-8")
    pairs = [line.split("->") for line in known.splitlines()]
    turned = {american.split(",")[0].strip(): british for british, american in pairs}
    (tmp_path / "american.txt").write_text("".join(f"{a}->{b}\n" for a, b in sorted(turned.items())), "utf-8")
    (found,) = misspelt(written, "--dictionary", tmp_path / "american.txt", "--ignore-words-list", WORDS_OF_OTHERS)
    assert found.endswith("color ==> colour")


def test_the_references_are_what_the_code_gives() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
