"""Every form shows the figures of the summary, in the same spelling."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from harness.report import html, junit, markdown, outcome_tables, tables, terminal, threshold_words, verdict_words
from harness.report.summary import Summary


class _Text(HTMLParser):
    """The text of the body, drawings and style sheet left out."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag in ("svg", "style", "title")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("svg", "style", "title")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def _html(summary: Summary) -> str:
    parser = _Text()
    parser.feed(html.render(summary))
    return " ".join(parser.parts)


def _terminal(summary: Summary) -> str:
    out = io.StringIO()
    terminal.render(summary, Console(file=out, width=160, force_terminal=True, color_system=None, no_color=True), None)
    return out.getvalue()


def _markdown(summary: Summary) -> str:
    return re.sub(r"\\(?=[_*|#])|\*\*", "", markdown.render(summary))


def _junit(summary: Summary) -> str:
    root = ET.fromstring(junit.render(summary))
    return " ".join([*(v for element in root.iter() for v in element.attrib.values()), *root.itertext()])


FORMS: dict[str, Callable[[Summary], str]] = {
    "html": _html,
    "markdown": _markdown,
    "terminal": _terminal,
    "junit": _junit,
}


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_figures_everywhere(summary: Summary, form: str) -> None:
    shown = _squeezed(FORMS[form](summary))
    detail = verdict_words.verdict_detail(summary)
    assert verdict_words.headline(summary) in shown
    assert detail[1:] in shown
    for reason in summary.reasons:
        assert reason[1:] in shown
    for figure in (*tables.traffic(summary), *tables.latency(summary)):
        assert f"{figure.name.lower()}" in shown.lower()
        assert figure.value in shown
    for result in summary.thresholds:
        assert result.text in shown
        assert threshold_words.measured(result) in shown
    if summary.verification:
        for figure in (*outcome_tables.outcome(summary), *outcome_tables.guests(summary)):
            assert figure.value in shown
            assert figure.note in shown
        named, _ = verdict_words.missing_names(summary, 10)
        assert all(name in shown for name in named)


@pytest.mark.parametrize("form", FORMS)
def test_every_step_and_journey_in_full(summary: Summary, form: str) -> None:
    shown = _squeezed(FORMS[form](summary))
    for table in (tables.steps(summary), tables.journeys(summary)):
        for row in table.rows:
            figures = [cell for column, cell in zip(table.columns, row.cells, strict=True) if column.number]
            if row.cells[3] == "0":
                continue
            if form == "junit":
                columns = [column for column in table.columns if column.number]
                told = [f"{c.title} {cell} {c.unit}".rstrip() for c, cell in zip(columns, figures, strict=True)]
                assert ", ".join(told) in shown
                continue
            pattern = r"[\s|]+".join(map(re.escape, figures))
            assert re.search(pattern, shown), (row, shown)


@pytest.mark.parametrize("form", ["html", "markdown", "terminal"])
def test_every_error(broken: Summary, form: str) -> None:
    shown = FORMS[form](broken)
    for error in broken.errors:
        line = next(line for line in shown.splitlines() if error.detail in line) if form != "html" else shown
        assert str(error.count) in line
        assert error.step in line
        assert f"{error.first:%H:%M:%S}" in line


def test_figures_come_from_the_summary_itself(held: Summary) -> None:
    """Against the numbers as such, lest every form agree on the same mistake."""
    shown = _squeezed(_terminal(held))
    assert "9,687 9,687 ok, 0 failed" in shown
    assert "161/s over 60 s" in shown
    assert "window-shopping browser id GET 1,410 1,410 0 0 23.5 0.84 2.02 4.62 6.93 33.9" in shown
    assert "window-shopping 1,410 1,398 0 12 100 4.21 9.87" in shown
    assert "18,342.60 GBP of 18,342.60 GBP expected" in shown
    assert "34.1% of a core, loop lag p99 1.23 ms, start lateness p99 0.87 ms" in shown


def test_junit_is_red_exactly_when_the_verdict_is(summary: Summary) -> None:
    root = ET.fromstring(junit.render(summary))
    red = int(root.attrib["failures"]) + int(root.attrib["errors"])
    assert (red > 0) == (summary.verdict != "pass")
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert [suite.attrib["name"] for suite in root] == [
        "run",
        "journeys",
        "steps",
        "thresholds",
        "verification",
        "comparison",
    ]


def test_junit_names_what_failed(broken: Summary) -> None:
    root = ET.fromstring(junit.render(broken))
    failed = {case.attrib["name"]: case.find("failure") for case in root.iter("testcase")}
    checkout = failed["purchase/checkout"]
    assert checkout is not None
    assert checkout.attrib["message"] == "24 of 204 requests failed"
    assert "17 × HTTP status 503" in (checkout.text or "")
    threshold = failed["checkout.p95 < 300ms"]
    assert threshold is not None
    assert threshold.attrib["message"] == "not met: measured 412 ms"
    assert failed["purchase/browse"] is None
