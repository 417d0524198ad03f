"""Every figure of summary.json, walked through all forms.

Each number in the document has a rule here that says how it is spelled and where it stands. A number without a rule fails
the test: whoever adds a figure says where it is shown, or that it is for programs alone.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from harness.report import html, junit, markdown, series_csv, terminal, words
from harness.report.read_summary import from_json
from harness.report.summary import Summary
from harness.report.summary_json import to_json
from tests.report.hour import hour

Spell = Callable[[Any], str]
ALL = ("html", "markdown", "terminal", "junit")


def share(value: float) -> str:
    return words.percent(value).removesuffix("%")


def seconds(value: float) -> str:
    return words.figure(value / 1000)


# Path (a number in brackets is any), spelling, and the forms that show it.
ROWS: list[tuple[str, Spell, tuple[str, ...]]] = [
    (r"steps\[\]\.(sent|ok|failed)", words.count, ALL),
    (r"steps\[\]\.unfinished", words.count, ALL),
    (r"steps\[\]\.error_rate", share, ALL),
    (r"steps\[\]\.rate", words.figure, ALL),
    (r"steps\[\]\.latency\.(p50|p95|p99|max)", words.figure, ALL),
    (r"steps\[\]\.corrected\.p99", words.figure, ALL),
    (r"journeys\[\]\.(started|completed|failed|unfinished)", words.count, ALL),
    (r"journeys\[\]\.duration\.(p50|p95)", seconds, ALL),
    (r"funnel\[\]\.(entered|went_on|left_by_design|lost_to_errors|under_way)", words.count, ("html", "markdown")),
    (r"errors\[\]\.count", words.count, ("html", "markdown", "terminal")),
]
ANYWHERE: list[tuple[str, Spell, tuple[str, ...]]] = [
    (r"seed", str, ("html", "markdown", "terminal")),
    (r"duration_s", words.duration, ALL),
    (r"requests\.(sent|ok|failed)", words.count, ALL),
    (r"requests\.rate", words.rate, ALL),
    (r"requests\.error_rate", words.percent, ALL),
    (r"requests\.(bytes_in|bytes_out)", words.size, ALL),
    (r"latency\.(p50|p95|p99|max)", words.ms, ALL),
    (r"verification\.orders\.(expected|found|missing_count|unknown|unknown_found|mispriced)", words.count, ALL),
    (r"verification\.revenue\.(expected|found)", lambda told: words.money(Decimal(told), "GBP"), ALL),
    (r"verification\.guests\.(asked|held)", words.count, ALL),
    (r"verification\.guests\.identified\[\]", words.count, ALL),
    (r"generator\.cpu", words.percent, ALL),
    (r"generator\.(loop_lag_p99|start_lateness_p99)", words.ms, ALL),
    (r"generator\.(workers|workers_lost)", words.count, ("html", "markdown", "junit")),
]
# Nought is not told (nobody left, nothing written twice), or the figure is drawn, or it is for programs.
DRAWN = [
    r"load\.(planned|achieved)\[\]\[\]",
    r"distribution\[\]\.(percent|latency|corrected)",
    r"generator\.saturated_seconds\[\]",
]
QUIET = [
    r"requests\.unfinished",
    r"journeys\[\]\.(left|dropped)",
    r"verification\.orders\.(duplicated|unexpected|unpriced|of)",
    r"verification\.guests\.(abandoned\[\]|events\[\]\.(expected|found))",
    r"generator\.(saturated_s|gc_longest|unknown|clock_offset)",
    r"thresholds\[\]\.value",  # test_report_agreement walks them
    r"format",
    r"level",
    r"verification\.took_s",
    r"(steps\[\]\.)?latency\.(min|mean|p90|p999)",
    r"steps\[\]\.(ttfb|connect)\..*",
    r"(steps\[\]\.)?corrected\.(min|mean|p50|p90|p95|p999|max)",
    r"corrected\.p99",
]


def figures(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number in the document, and every text that is an amount of money, with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from figures(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from figures(inner, f"{path}[{number}]")
    elif (isinstance(value, int | float) and not isinstance(value, bool)) or ".revenue." in path:
        yield path, value


def rule(path: str, rules: list[tuple[str, Spell, tuple[str, ...]]]) -> tuple[Spell, tuple[str, ...]] | None:
    plain = re.sub(r"\[\d+\]", "[]", path)
    return next(((spell, forms) for pattern, spell, forms in rules if re.fullmatch(pattern, plain)), None)


def test_every_figure_has_its_place(summary: Summary) -> None:
    for path, _ in figures(json.loads(to_json(summary))):
        plain = re.sub(r"\[\d+\]", "[]", path)
        quiet = any(re.fullmatch(pattern, plain) for pattern in DRAWN + QUIET)
        told = path.endswith(".currency") or rule(path, ROWS) or rule(path, ANYWHERE)
        assert quiet or told, f"{path}: where is it shown?"


class _Page(HTMLParser):
    """Rows of the tables by their id, and all text that is not drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self.text: list[str] = []
        self._table = ""
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skip += tag in ("svg", "style", "script", "title")
        if tag == "table":
            self._table = dict(attrs).get("id") or ""
            self.rows[self._table] = []
        elif tag == "tr":
            self.rows[self._table].append([])
        elif tag == "td":
            self.rows[self._table][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("svg", "style", "script", "title")
        if tag == "table":
            self._table = ""

    def handle_data(self, data: str) -> None:
        if self._skip:
            return
        self.text.append(data)
        if self._table and self.rows[self._table] and self.rows[self._table][-1]:
            self.rows[self._table][-1][-1] += data


Rows = dict[str, list[list[str]]]


@pytest.fixture
def summary(summary: Summary) -> Summary:
    """As it is read from summary.json, which keeps six digits behind the point."""
    return replace(from_json(to_json(summary)), series=summary.series, samples=summary.samples, source=summary.source)


def shown(form: str, summary: Summary) -> tuple[Rows, str]:
    """The rows of each table as cells, and all text, of a form."""
    if form == "html":
        page = _Page()
        page.feed(html.render(summary))
        return {n: [[cell.strip() for cell in row] for row in rows if row] for n, rows in page.rows.items()}, " ".join(
            page.text
        )
    if form == "markdown":
        text = re.sub(r"\\(?=[_*|#])|\*\*", "", markdown.render(summary))
        return _sections(
            text, r"### (\w+).*", lambda line: line.strip("| ").split(" | ") if line[:2] == "| " else []
        ), text
    if form == "terminal":
        out = io.StringIO()
        terminal.render(summary, Console(file=out, width=220, force_terminal=True, color_system=None), None)
        return _sections(
            out.getvalue(), r"([A-Z]\w+)( \(.*\))?", lambda line: re.split(r"\s{2,}", line.strip())
        ), out.getvalue()
    root = ET.fromstring(junit.render(summary))
    rows = {
        suite.attrib["name"]: [
            re.findall(r"[^\s,]*\d[^\s]*?(?=,? |,?$|,\s)|–", " ".join(case.itertext()))
            for case in suite.iter("testcase")
        ]
        for suite in root
    }
    return rows, " ".join([*(v for e in root.iter() for v in e.attrib.values()), *root.itertext()])


def _sections(text: str, title: str, cells: Callable[[str], list[str]]) -> Rows:
    """Rows below each title, the head of the table left out."""
    made: Rows = {}
    name = ""
    for line in text.splitlines():
        if found := re.fullmatch(title, line):
            name = found[1].lower()
            made[name] = []
        elif name and line.strip() and (row := cells(line)):
            made[name].append(row)
    return {name: rows[1:] for name, rows in made.items()}


@pytest.mark.parametrize("form", ALL)
def test_figures_of_rows_stand_in_their_row(summary: Summary, form: str) -> None:
    rows, _ = shown(form, summary)
    walked = 0
    for path, value in figures(json.loads(to_json(summary))):
        known = rule(path, ROWS)
        if known is None or form not in known[1]:
            continue
        spell, _ = known
        table, number = re.match(r"(\w+)\[(\d+)\]", path).groups()  # type: ignore[union-attr]
        if table == "steps" and path.endswith("unfinished") and not any(step.unfinished for step in summary.steps):
            continue
        if form == "junit" and not getattr(summary, table)[int(number)].__getattribute__(
            "sent" if table == "steps" else "started"
        ):
            continue
        row = rows[table][int(number)]
        assert spell(value) in [cell.strip(",") for cell in row], f"{path} is {spell(value)}, not in {row}"
        walked += 1
    assert walked or not summary.steps


@pytest.mark.parametrize("form", ALL)
def test_single_figures_are_told(summary: Summary, form: str) -> None:
    _, text = shown(form, summary)
    text = re.sub(r"\s+", " ", text)
    for path, value in figures(json.loads(to_json(summary))):
        known = rule(path, ANYWHERE)
        if known is None or form not in known[1]:
            continue
        if path.startswith("verification.orders.") and not value:
            continue
        told = known[0](value)
        assert re.search(rf"(?<![\d.,]){re.escape(told)}(?![\d])", text), f"{path} is {told}, not told"


def test_drawn_figures_are_told_in_words_too(held: Summary) -> None:
    document = html.render(held)
    assert "planned at most 50.0 users, in fact at most 50.0 users" in document
    for point in held.distribution:
        if point.percent in (50, 95, 99, 99.9, 100):
            told = f"{point.percent:g} % within {words.ms(point.latency)}, corrected {words.ms(point.corrected)}"
            assert told in document


def test_the_series_adds_up_to_the_summary() -> None:
    run = hour(60)
    text = series_csv.header() + "".join(map(series_csv.line, run.series))
    assert series_csv.read(text) == run.series
    sums: dict[tuple[str, str], list[int]] = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        counts = sums.setdefault((row["journey"], row["step"]), [0, 0, 0])
        for place, name in enumerate(("sent", "ok", "failed")):
            counts[place] += int(row[name])
    assert sums == {(step.journey, step.step): [step.sent, step.ok, step.failed] for step in run.steps}
    # No second is slower than the whole: the highest p99 of a second lies between the run's median and its maximum.
    for step in run.steps:
        highest = max(row.p99 or 0 for row in run.series if row.step == step.step)
        assert step.latency is not None
        assert step.latency.p50 <= highest <= step.latency.max


def test_a_series_of_the_first_version_is_read() -> None:
    old = "second,journey,step,sent,ok,failed,p50,p95,p99\n0,visit,browse,3,2,1,0.5,1.5,2.5\n1,visit,browse,0,0,0,,,\n"
    first, second = series_csv.read(old)
    assert (first.p99, first.corrected_p99, second.p50) == (2.5, None, None)
