"""The summary where there is a terminal, and where there is none."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.report import terminal
from harness.report.summary import Summary


def _printed(summary: Summary, console: Console, path: str | None = "runs/purchase/report.html") -> str:
    terminal.render(summary, console, path)
    assert isinstance(console.file, (io.StringIO, io.TextIOWrapper))
    console.file.seek(0)
    return console.file.read()


def test_a_log_gets_plain_lines(summary: Summary) -> None:
    text = _printed(summary, Console(file=io.StringIO(), width=80))
    assert "\x1b" not in text
    assert not set(text) & set("─│┌┐└┘━┃╭╮╰╯")
    assert "…" not in text
    lines = text.splitlines()
    assert max(map(len, lines)) <= 120
    assert all(line == line.rstrip() for line in lines)
    assert lines[-1].endswith("runs/purchase/report.html")


def test_the_verdict_and_each_reason_come_first(broken: Summary) -> None:
    lines = _printed(broken, Console(file=io.StringIO())).splitlines()
    assert " ".join(f"{lines[0]} {lines[1]}".split()) == (
        "FAIL Did not hold: 2 of 3 thresholds not met, 24 of 204 orders missing, 1 order with a wrong price, "
        "1 of 100 guests not as sent."
    )
    assert lines[2:4] == [f"  - {reason}" for reason in broken.reasons]


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_a_terminal_of_any_usual_width_shows_whole_names(summary: Summary, width: int) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, no_color=True, color_system=None, width=width)
    text = _printed(summary, console, None)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    for step in summary.steps:
        assert step.step in text
        assert step.journey in text


def test_columns_are_aligned(held: Summary) -> None:
    lines = _printed(held, Console(file=io.StringIO())).splitlines()
    start = lines.index("Steps") + 1
    table = lines[start : start + 1 + len(held.steps)]
    assert len({len(line) for line in table}) == 1
    assert {line.index(word) for line, word in zip(table[1:], (s.type for s in held.steps), strict=True)} == {
        table[0].index("type")
    }


def test_colour_on_a_terminal_unless_it_is_not_wanted(broken: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = _printed(broken, Console(file=io.StringIO(), force_terminal=True, color_system="standard"))
    assert "\x1b[1;31mFAIL" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain = _printed(broken, Console(file=io.StringIO(), force_terminal=True, color_system="standard"))
    assert "\x1b[1;31m" not in plain


def test_an_ascii_log_gets_ascii(broken: Summary) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    text = _printed(broken, Console(file=file))
    assert "  x checkout.p95 < 300ms  412 ms  not met" in text
    assert "  + error_rate < 1%" in text


def test_many_missing_orders_are_named_in_part(broken: Summary) -> None:
    text = _printed(broken, Console(file=io.StringIO()))
    assert "HX-1F2A-00110" in text
    assert "and 16 more: summary.json names the first of each kind" in " ".join(text.split())
    assert "HX-1F2A-00111" not in text


def test_without_a_report_there_is_no_word_of_one(held: Summary) -> None:
    assert "Report" not in _printed(held, Console(file=io.StringIO()), None)
