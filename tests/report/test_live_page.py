"""The page of a load that runs: what it says at each moment, and that names from outside do no harm."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.record.figures import Figures, JourneyFigures, StepFigures, StepKey
from harness.record.snapshot import Snapshot, SoFar
from harness.report import live
from harness.report.live import Live
from harness.report.summarize import RunFacts
from harness.report.summary import GeneratorSummary, Summary, ThresholdResult
from harness.run.live_page import LivePage
from harness.scenario import load
from harness.scenario.masking import Masker
from harness.scenario.model import Scenario
from tests.report.conftest import KINDS
from tests.report.test_report_accessible import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SNAPSHOT = Snapshot(61.2, 58.8, 50, 1000, 3, 84.2, 0.0, 8.13)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    path = tmp_path_factory.mktemp("live") / "shop.yaml"
    path.write_text(
        "scenario: shop\n"
        "target: {system: http, url: 'http://127.0.0.1:1'}\n"
        "journeys: {look: {steps: [{request: /, name: home}]}}\n"
        "load: {users: 2, duration: 1m}\n"
        "thresholds: [error_rate < 10%, home.p95 < 5ms, look.completed >= 90%]\n",
        "utf-8",
    )
    return load(path)


def shown(scenario: Scenario, summary: Summary | None, phase: live.Phase = "running", **more: object) -> str:
    known = Live(phase, "journeys", scenario, "http://127.0.0.1:1", summary, SNAPSHOT, **more)  # type: ignore[arg-type]
    return "".join(live.now(known))


def headline(document: str) -> str:
    found = re.search(r"<h1[^>]*>.*?<span[^>]*>(.*?)</span></h1>", document, re.S)
    assert found
    return found[1]


def thresholds(document: str) -> list[list[str]]:
    table = re.search(r'<table id="thresholds".*?</table>', document, re.S)
    assert table
    rows = re.findall(r"<tr>\s*<td.*?</tr>", table[0], re.S)
    return [[re.sub("<.*?>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.S)] for row in rows]


def test_a_threshold_is_open_until_there_is_something_to_judge_it_by(scenario: Scenario, held: Summary) -> None:
    waiting = replace(
        held,
        thresholds=(
            ThresholdResult("error_rate < 1%", 0.004, True),
            ThresholdResult("checkout.p95 < 300ms", None, False),
            ThresholdResult("orders.missing == 0", None, False),
        ),
    )
    document = shown(scenario, waiting)
    assert headline(document) == "Holds so far"
    assert thresholds(document) == [
        ["held", "error_rate &lt; 1%", "0.40%"],
        ["open", "checkout.p95 &lt; 300ms", "nothing yet"],
        ["open", "orders.missing == 0", "after the load"],
    ]
    assert "50 users, 1:01 elapsed, 0:59 left." in document


def test_what_does_not_hold_is_said_while_there_is_time_to_act(scenario: Scenario, broken: Summary) -> None:
    # 24 requests failed, for which the scenario has a threshold; two other thresholds do not hold.
    document = shown(scenario, broken)
    assert headline(document) == "2 of 3 thresholds not met so far"
    assert 'class="verdict fail"' in document
    without = replace(scenario, thresholds=())
    document = shown(without, replace(broken, thresholds=()))
    assert headline(document) == "Does not hold so far"
    assert "requests failed, and no threshold allows for any" in document


def test_the_end_speaks_as_the_report_does(scenario: Scenario, summary: Summary) -> None:
    document = shown(scenario, summary, "ended", report=True)
    assert headline(document) in ("Held", "Did not hold", "Incomplete", "Interrupted after 4.2 s")
    assert 'href="journeys/report"' in document
    assert "so far" not in document


@pytest.mark.parametrize(
    ("phase", "told"), [("waiting", "No load yet"), ("running", "Running"), ("reading", "The load has ended")]
)
def test_there_is_something_to_read_before_there_are_figures(scenario: Scenario, phase: live.Phase, told: str) -> None:
    assert headline(shown(scenario, None, phase)) == told


def counted() -> Figures:
    """Ten guests at one step: nine replies of 1 to 9 ms, one failure."""
    step = StepFigures(sent=10, ok=9, failed=1, went_on=9, lost=1)
    for number in range(1, 10):
        step.latency.add(1000 * number)
        step.corrected.add(2000 * number)
    return Figures({StepKey("look", "home"): step}, {"look": JourneyFigures(10, 9, 1)})


def facts_of(scenario: Scenario) -> RunFacts:
    return RunFacts(scenario, "http://127.0.0.1:1", "R", 1, 2.0, "2", 0.0, 0.0, GeneratorSummary(0.0, 0.0, 1, 0), {})


def page_of(scenario: Scenario, masker: Masker) -> LivePage:
    made = LivePage(scenario, masker)
    made.begin(facts_of(scenario), scenario.load)
    return made


def text(of: LivePage) -> str:
    return "".join(of.tab().now())


def test_figures_grow_thresholds_follow_and_a_new_load_begins_at_nothing(scenario: Scenario) -> None:
    page = page_of(scenario, Masker([]))
    figures = counted()
    page.second(replace(SNAPSHOT, so_far=SoFar(figures, workers=2, workers_lost=1)))
    first = text(page)
    assert thresholds(first) == [
        ["not met", "error_rate &lt; 10%", "10.0%"],
        ["not met", "home.p95 &lt; 5ms", "9.00 ms"],
        ["held", "look.completed &gt;= 90%", "90.0%"],
    ]
    steps = first.split('<table id="steps"')[1]
    assert re.findall(r'<td class="col-(?:p95|corrected) number">\s*(.*?)</td>', steps) == ["9.00", "18.0"]
    assert re.search(r"Workers lost</dt><dd class=\"bad\"><bdi>1<", first)
    figures.merge(counted())
    assert text(page) == first, "made once a second at most"
    page.second(replace(SNAPSHOT, so_far=SoFar(figures)))
    assert re.search(r'col-sent number">\s*20<', text(page))
    page.reading("orders", 3, 1200)
    assert "Reading back what the target holds: 3 of 1,200 orders." in text(page)
    page.end(KINDS["pass"](), Path("nowhere"))
    assert headline(text(page)) == "Held"
    assert page.tab().report() is None
    page.begin(facts_of(scenario), scenario.load)
    assert headline(text(page)) == "Running"


def test_a_second_that_comes_while_the_page_is_made_does_not_leave_the_old_page_standing(scenario: Scenario) -> None:
    page = page_of(scenario, Masker([]))
    page.second(replace(SNAPSHOT, so_far=SoFar(counted())))
    making = iter(page.tab().now())
    next(making)
    page.second(replace(SNAPSHOT, sent=7, so_far=SoFar(Figures())))
    list(making)
    assert headline(text(page)) == "Nothing sent yet"


def test_secrets_are_masked(scenario: Scenario) -> None:
    secret = "hush-hush"
    page = page_of(scenario, Masker([secret]))
    page.end(replace(KINDS["fail"](), reasons=(f"{secret} was refused", "and more")), Path("nowhere"))
    whole = "".join(page.tab().page())
    assert secret not in whole
    assert "*** was refused" in whole


@pytest.mark.browser
def test_hostile_names_neither_run_nor_burst_the_page(
    all_hostile: list[Summary], scenario: Scenario, browser: Browser, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    file = tmp_path / "live.html"
    for run in all_hostile:
        for phase in ("running", "ended"):
            named = replace(scenario, name=run.scenario)
            file.write_bytes(live.render(named, shown(named, run, phase)).encode("utf-8", "replace"))  # type: ignore[arg-type]
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            assert page.title() != "owned"
    page.close()
    assert complaints == []


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_finds_nothing(scenario: Scenario, browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    file = tmp_path / "live.html"
    made: list[Callable[[], str]] = [
        lambda: shown(scenario, KINDS["fail"]()),
        lambda: shown(scenario, KINDS["pass"](), "ended", report=True),
        lambda: shown(scenario, None, "waiting"),
    ]
    for each in made:
        file.write_text(live.render(scenario, each()), "utf-8")
        assert violations(browser, file, width, scheme) == []
