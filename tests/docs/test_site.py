"""The site builds without a broken link or a page left out, and shows without asking any other host for anything."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("mkdocs", reason="needs the extra docs")


def build(into: Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(into)], cwd=root,
        env={**CLEAN_ENVIRONMENT, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("site")
    done = build(into)
    assert done.returncode == 0, done.stdout + done.stderr
    return into


def test_every_page_is_there_and_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in ROOT.glob("docs/*.md"):
        assert (site / page.with_suffix(".html").name).exists()
    loaded = re.compile(
        r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//|<link\b[^>]*\bhref=["']?(?:https?:)?//"""
    )
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert not loaded.search(text), page.name
        assert "<p>```" not in text, f"{page.name} has a block that is not taken for one"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", sheet.read_text("utf-8")), sheet.name


def test_a_broken_link_ends_the_build(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("docs", "tools", "deploy"):
        shutil.copytree(ROOT / name, root / name)
    for file in (*ROOT.glob("*.md"), ROOT / "mkdocs.yml"):
        shutil.copy(file, root)
    with (root / "docs" / "faq.md").open("a", encoding="utf-8") as page:
        page.write("\n[one](validate.md#nowhere) [two](none.md)\n")
    (root / "docs" / "forgotten.md").write_text("# Forgotten\n", "utf-8")
    done = build(tmp_path / "site", root)
    assert done.returncode != 0
    for said in ("#nowhere", "none.md", "forgotten.md"):
        assert said in done.stderr


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.browser
def test_in_a_browser_it_reads_searches_and_asks_nobody(address: str, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in ("index.html", "tutorial.html", "language-reference.html"):
        page.goto(f"{address}/{name}")
        assert page.locator("h1").count() == 1
    page.locator("input.md-search__input").press_sequentially("saturated")  # the search listens to keys
    page.locator(".md-search-result__item").first.wait_for()
    assert asked
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    page.close()
