"""Comparisons and histories in every form: the same figures, and no harm from names."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from harness.compare.history import Entry, History
from harness.compare.judge import compare
from harness.compare.metrics import Metric
from harness.compare.outcome import Comparison, Difference, Settings
from harness.report import compare_text, compare_words, history_data, history_html, history_text
from harness.report.compare_forms import FORMS
from tests.compare.made import HOSTILE, renamed, side

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """With regressions, in a step and beyond."""
    return compare(side(1, 1, seconds=20, rate=120), side(1, 2, seconds=20, rate=120, slower=2.0), Settings())


@pytest.fixture(scope="module", params=range(len(HOSTILE)))
def hostile(request: pytest.FixtureRequest) -> Comparison:
    """The same with a name everywhere that means harm."""
    name = HOSTILE[request.param]
    base, new = side(1, 1, seconds=20, rate=120), side(1, 2, seconds=20, rate=120, slower=2.0)
    return compare([renamed(base[0], name)], [renamed(new[0], name)], Settings())


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def tags(document: str) -> Tags:
    parser = Tags()
    parser.feed(document)
    return parser


def test_all_forms_tell_of_every_difference(comparison: Comparison) -> None:
    text, markdown, html = (FORMS[form](comparison) for form in ("text", "md", "html"))
    for each in comparison.differences:
        for measured in (each.base, each.new):
            shown = compare_words.value(each.metric, measured)
            assert shown in text
            assert shown.replace("<", "&lt;") in html
            assert shown in markdown
        if each.regression:
            assert compare_words.sentence(each) in html
    assert len(json.loads(FORMS["json"](comparison))["differences"]) == len(comparison.differences)
    assert FORMS["github"](comparison).count("::error ") == len(comparison.regressions)


def test_names_do_no_harm(comparison: Comparison, hostile: Comparison) -> None:
    html = FORMS["html"](hostile)
    there, harmless = tags(html), tags(FORMS["html"](comparison))
    assert there.tags <= harmless.tags
    assert there.attributes <= harmless.attributes
    assert "script" not in there.tags
    # No form can turn a terminal's colours on, break a line, or command GitHub.
    for form, render in FORMS.items():
        told = render(hostile)
        told.encode()
        assert "\x1b" not in told
        assert "\u202e" not in told or form == "json"
    commands = FORMS["github"](hostile).splitlines()
    assert all(re.match(r"::(error|warning|notice) title=[^:]*::", line) for line in commands)
    assert json.loads(FORMS["json"](hostile))["base"][0]["path"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_terminal_keeps_its_width(comparison: Comparison, width: int) -> None:
    console = Console(width=width, force_terminal=True, record=True, file=None, legacy_windows=False)
    with console.capture() as captured:
        compare_text.render(comparison, console)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", captured.get()).splitlines()
    assert max(map(len, lines)) <= max(width, 64)


def difference(kind: str, base: float, new: float, low: float, high: float) -> Difference:
    metric = Metric(kind, "buy", "pay")
    change = new - base if metric.is_share else new / base - 1
    return Difference(metric, base, new, change, low, high, 0.05, "worse")


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (
            difference("p95", 31.2, 35.0, 0.10, 0.15),
            "buy/pay p95 is 12% slower (10 to 15%): 35.0 ms, not 31.2 ms.",
        ),
        (difference("p50", 35.0, 31.2, -0.15, -0.08), "buy/pay p50 is 11% faster (8.0 to 15%): 31.2 ms, not 35.0 ms."),
        (
            difference("error_rate", 0.001, 0.013, 0.008, 0.015),
            "buy/pay error rate is 1.2 points higher (0.80 to 1.5 points): 1.30%, not 0.10%.",
        ),
        (
            difference("throughput", 100.0, 90.0, -0.12, -0.07),
            "buy/pay throughput is 10% lower (7.0 to 12%): 90.0/s, not 100/s.",
        ),
        (
            difference("p99", 10.0, 45.0, 1.5, 4.0),
            "buy/pay p99 is 4.5 times slower (150% to 5.0 times): 45.0 ms, not 10.0 ms.",
        ),
        (difference("throughput", 100.0, 0.0, -1.0, -1.0), "buy/pay throughput: 0/s, not 100/s."),
    ],
)
def test_differences_read_like_this(each: Difference, said: str) -> None:
    assert compare_words.sentence(each) == said


def history(names: list[str]) -> History:
    runs = [renamed(run, name) for run, name in zip(side(len(names), 3, seconds=10), names, strict=True)]
    metrics = (Metric("throughput"), Metric("error_rate"), Metric("p95", "", names[0]), Metric("orders.missing"))
    entries = tuple(
        Entry(
            run, (50.0 + place, 0.01 * place, 12.5 if place else None, float(place)), ("another load",) * (place == 0)
        )
        for place, run in enumerate(runs)
    )
    return History(metrics, entries, (f"{names[-1]}/summary.json: not a summary",))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_history_takes_no_harm_from_names(name: str) -> None:
    made = history([name, name, name])
    document = history_html.render(made)
    harmless = tags(history_html.render(history(["a", "b", "c"])))
    assert tags(document).tags == harmless.tags
    assert tags(document).attributes <= harmless.attributes
    for told in (document, history_text.as_text(made), history_data.as_json(made), history_data.as_csv(made)):
        told.encode()
    assert "\x1b" not in history_text.as_text(made)


def test_a_spark_line_runs_from_the_lowest_to_the_highest() -> None:
    assert history_text.spark([1, 2, 3, 8]) == "▁▂▃█"
    assert len(set(history_text.spark([5, 5, 5]))) == 1


@pytest.mark.browser
def test_the_pages_open_without_a_complaint_at_any_width(
    browser: Browser, comparison: Comparison, hostile: Comparison, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
    pages = [FORMS["html"](comparison), FORMS["html"](hostile), history_html.render(history(["a", "b", "c"]))]
    for number, document in enumerate(pages):
        file = tmp_path / f"{number}.html"
        file.write_text(document, "utf-8")
        page.goto(file.as_uri())
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.title() != "owned"
    page.close()
    assert complaints == []
