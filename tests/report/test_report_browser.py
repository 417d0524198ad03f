"""The HTML report in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.report import html
from harness.report.summary import Summary

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[[Summary, int, int], Page]]:
    complaints: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)

    def open_(summary: Summary, width: int, height: int) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html.render(summary), "utf-8")
        page.set_viewport_size({"width": width, "height": height})
        page.goto(file.as_uri())
        return page

    yield open_
    page.close()
    assert complaints == []


Open = Callable[[Summary, int, int], "Page"]


def test_the_verdict_and_all_key_figures_are_above_the_fold(summary: Summary, opened: Open) -> None:
    page = opened(summary, 1280, 800)
    assert page.locator("h1").inner_text().startswith(("Held", "Did not hold", "Interrupted", "Incomplete"))
    for place in ("h1", ".detail", ".tiles"):
        box = page.locator(place).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800


def test_the_page_never_scrolls_sideways(summary: Summary, opened: Open) -> None:
    page = opened(summary, 1280, 844)
    for width in (320, 390, 700, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_neither_run_nor_burst_the_page(all_hostile: list[Summary], opened: Open) -> None:
    for run in all_hostile:
        page = opened(run, 390, 844)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.title() != "owned"


def test_the_style_sheet_passes_the_policy_and_follows_the_scheme(broken: Summary, opened: Open) -> None:
    page = opened(broken, 1280, 800)
    backgrounds = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        backgrounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert backgrounds == ["rgb(246, 247, 249)", "rgb(18, 22, 28)"]


def test_a_phone_gets_the_narrow_drawings_and_a_keyboard_reaches_the_tables(broken: Summary, opened: Open) -> None:
    page = opened(broken, 390, 844)
    assert page.locator(".chart.narrow svg").first.is_visible()
    assert not page.locator(".chart.wide svg").first.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Steps"
    page.keyboard.press("ArrowRight")
    for _ in range(50):
        # Not wait_for_function: that evaluates a string in the page, which the page's policy forbids.
        if page.evaluate("document.activeElement.scrollLeft") > 0:
            break
        page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.scrollLeft") > 0
