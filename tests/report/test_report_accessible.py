"""The HTML report for everybody: axe-core finds nothing, in either scheme and at either width."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import axe_playwright_python
import pytest

from harness.report import html
from harness.report.summary import Summary
from tests.report.conftest import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
"""axe-core as its makers publish it."""


def violations(browser: Browser, file: Path, width: int, scheme: str) -> list[str]:
    page = browser.new_page(viewport={"width": width, "height": 844})
    try:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(file.as_uri())
        for each in page.locator("details").all():
            each.evaluate("(details) => { details.open = true; }")
        # Evaluated by the debugger, which the page's policy does not stop.
        page.evaluate(AXE)
        found = page.evaluate("axe.run()")
        assert len(found["passes"]) > 10
        return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]
    finally:
        page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_finds_nothing(summary: Summary, browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    file = tmp_path / "report.html"
    file.write_text(html.render(summary), "utf-8")
    assert violations(browser, file, width, scheme) == []


def test_axe_finds_nothing_with_hostile_names(all_hostile: list[Summary], browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    for run in all_hostile[:2] + all_hostile[6:7]:
        file.write_text(html.render(run), "utf-8")
        assert violations(browser, file, 1280, "light") == []


def test_axe_would_find_something(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    broken = html.render(KINDS["fail"]()).replace('<html lang="en">', "<html>")
    # Without its policy, which would not let another style sheet through.
    broken = broken.replace('http-equiv="Content-Security-Policy"', 'name="none"').replace(
        "--soft: #566273", "--soft: #ddd"
    )
    file.write_text(broken, "utf-8")
    found = {each.split(":")[0] for each in violations(browser, file, 1280, "light")}
    assert {"html-has-lang", "color-contrast"} <= found
