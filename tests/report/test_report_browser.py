"""The HTML report in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.report import html, words
from harness.report.summary import Summary
from tests.report.hour import hour

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


def test_verdict_slowest_step_lost_guests_and_key_figures_are_above_the_fold(summary: Summary, opened: Open) -> None:
    page = opened(summary, 1280, 800)
    told = page.locator(".answers").inner_text()
    assert "Slowest step" in told
    assert "lost" in told
    assert page.locator("h1").inner_text().startswith(("Held", "Did not hold", "Interrupted", "Incomplete"))
    for place in ("h1", ".detail", ".answers", ".tiles >> nth=1"):
        box = page.locator(place).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800


def test_many_long_reasons_do_not_push_the_answers_down(broken: Summary, opened: Open) -> None:
    page = opened(replace(broken, reasons=("A reason of many words, that goes on. " * 12,) * 8), 1280, 800)
    box = page.locator(".answers").bounding_box()
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
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Steps, table"
    page.keyboard.press("ArrowRight")
    for _ in range(50):
        # Not wait_for_function: that evaluates a string in the page, which the page's policy forbids.
        if page.evaluate("document.activeElement.scrollLeft") > 0:
            break
        page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.scrollLeft") > 0


def test_a_click_or_a_key_sorts_a_table(broken: Summary, opened: Open) -> None:
    page = opened(broken, 1280, 800)
    column = "#steps tbody td.col-sent"
    before = page.locator(column).all_inner_texts()
    heading = page.locator("#steps th.col-sent")
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    numbers = [int(text.replace(",", "")) for text in page.locator(column).all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    assert sorted(page.locator(column).all_inner_texts()) == sorted(before)
    page.keyboard.press("Space")
    assert heading.get_attribute("aria-sort") == "ascending"
    page.locator("#steps th.col-step button").click()
    names = page.locator("#steps tbody td.col-step").all_inner_texts()
    assert names == sorted(names)
    assert page.locator("#steps th[aria-sort]").count() == 1


def test_it_is_complete_without_its_script(broken: Summary, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html.render(broken), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("#steps tbody tr").count() == len(broken.steps)
    assert page.locator("figure").count() == 5
    context.close()


_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shifted += each.value; })
  .observe({ type: "layout-shift", buffered: true });
"""


def test_an_hour_is_small_shows_its_peak_and_does_not_move(browser: Browser, tmp_path: Path) -> None:
    run = hour()
    assert run.requests.sent >= 100_000_000
    document = html.render(run)
    assert len(document.encode()) <= 2_000_000
    file = tmp_path / "report.html"
    file.write_text(document, "utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(_SHIFTS)
    page.goto(file.as_uri())
    assert page.locator("#steps tbody tr").count() == 30
    assert (
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(shifted))))")
        == 0
    )
    told = page.locator("#latency-wide-desc").text_content()
    peak = max(row.p99 for row in run.series if row.p99 is not None)
    assert told is not None
    assert words.ms(peak) in told
    # The highest place that the line reaches is the peak, although only one second in six is drawn.
    line = page.locator("svg:has(#latency-wide-title) path.line.p99").get_attribute("d")
    assert line is not None
    assert line.count("L") < 700
    highest = min(float(y) for y in re.findall(r"[\d.]+ ([\d.]+)", line))
    typical = sorted(float(y) for y in re.findall(r"[\d.]+ ([\d.]+)", line))[len(line.split("L")) // 2]
    assert highest < typical - 50
    page.close()
    assert complaints == []


def test_on_paper_nothing_is_folded(broken: Summary, opened: Open) -> None:
    page = opened(broken, 1280, 800)
    assert page.locator("details[open]").count() == 0
    page.pdf()
    assert page.locator("details[open]").count() == page.locator("details").count() > 0


def test_paper_takes_the_whole_width_of_every_table_in_light_colours(broken: Summary, opened: Open) -> None:
    page = opened(broken, 1030, 720)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    wide = "[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth).length"
    assert page.evaluate(wide) == 0
