"""Names from outside do no harm in any form."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from rich.console import Console

from harness.record.series import SeriesRow
from harness.report import html, junit, markdown, page, series_csv, terminal
from harness.report.summary import Summary

Hostile = tuple[str, Summary]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What a drawing is made of depends on figures: any of its elements will do, but no other.
        if "svg" in self.open:
            assert tag in ("title", "desc", "path", "text", "rect", "pattern", "circle")
        else:
            self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "link"):
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _parsed(document: str) -> _Tags:
    parser = _Tags()
    parser.feed(document)
    parser.close()
    assert parser.open == []
    return parser


def test_html_has_the_elements_of_a_harmless_report(hostile: Hostile, broken: Summary) -> None:
    _, run = hostile
    document = html.render(run)
    document.encode()
    parser, harmless = _parsed(document), _parsed(html.render(broken))
    assert parser.tags == harmless.tags
    assert parser.attributes == harmless.attributes
    assert parser.tags.count("script") == 1
    assert f"<script>{page.script('report.js')}</script>" in document
    assert not {attribute for attribute in parser.attributes if attribute.startswith("on")}
    assert len(document) < 250_000


def test_junit_is_well_formed(hostile: Hostile) -> None:
    _, run = hostile
    root = ET.fromstring(junit.render(run).encode())
    assert {element.tag for element in root.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "error",
        "skipped",
        "system-out",
    }


def test_markdown_keeps_its_tables(hostile: Hostile) -> None:
    name, run = hostile
    document = markdown.render(run)
    document.encode()
    unescaped = document.replace("\\\\", "").replace("\\|", "")
    steps = unescaped.split("### Steps")[1].split("###")[0].strip().splitlines()
    assert len(steps) == 2 + len(run.steps)
    assert {line.count("|") for line in steps} == {steps[0].count("|")}
    body = document.replace("<details><summary>", "").replace("</summary>", "").replace("</details>", "")
    assert not any(tag in body for tag in ("<script", "<img", "<!--", "@everyone"))
    assert not re.search(r"(?<!\\)\]\(", body)
    assert "&amp;amp;" in body or "&amp;" not in name


def test_terminal_prints_names_as_they_are(hostile: Hostile) -> None:
    name, run = hostile
    out = io.StringIO()
    terminal.render(run, Console(file=out), "report.html")
    text = out.getvalue()
    text.encode()
    assert all(char.isprintable() or char == "\n" for char in text)
    assert max(map(len, text.splitlines())) <= 120
    if name.startswith("[bold red]"):
        assert "[bold red]loud[/bold red]" in text


def test_csv_reads_back(hostile: Hostile) -> None:
    name, _ = hostile
    rows = [
        SeriesRow(0, name, "a,b", 3, 2, 1, 0.84, 12.5, 1204.25),
        SeriesRow(1, name, 'say "x"', 0, 0, 0, None, None, None),
    ]
    text = series_csv.header() + "".join(map(series_csv.line, rows))
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["journey"] for row in read] == [name, name]
    assert [row["step"] for row in read] == ["a,b", 'say "x"']
    assert read[0] == {
        "second": "0",
        "journey": name,
        "step": "a,b",
        "sent": "3",
        "ok": "2",
        "failed": "1",
        "p50": "0.84",
        "p95": "12.5",
        "p99": "1204.25",
        "corrected_p50": "",
        "corrected_p95": "",
        "corrected_p99": "",
    }
    assert read[1]["p99"] == ""
