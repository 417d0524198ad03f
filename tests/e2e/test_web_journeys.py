"""Our tab in Locust's web UI: real loads, in a real browser, with several processes, and behind Locust's login."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python
import pytest
import requests

from harness.report import words
from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.e2e.test_web_ui import free_port
from tests.watching import wait_for as wait_some_seconds_for

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
THRESHOLDS = "  - error_rate < 1%\n  - checkout.p95 < 0.01ms\n  - orders.missing == 0"


wait_for = partial(wait_some_seconds_for, seconds=60)
"""A browser, a master and two workers on a busy machine take their time."""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts a run with a web UI; gives the UI's address."""
    running: list[subprocess.Popen[bytes]] = []
    told = tmp_path / "told.txt"

    def start(*command: object) -> str:
        port = free_port()
        with told.open("ab") as out:
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", *map(str, command), "--web-port", str(port)],
                    cwd=tmp_path, env={**CLEAN_ENVIRONMENT, "PYTHONPATH": str(ROOT)},
                    stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                )
            )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(url) or running[0].poll() is not None)
        return url

    yield start
    for process in running:
        process.terminate()
        process.wait(timeout=30)
        with contextlib.suppress(ProcessLookupError):
            # Locust's workers, which within ten seconds of a load's end do not hear that the master is gone.
            os.killpg(process.pid, signal.SIGKILL)
    assert "Traceback" not in told.read_text("utf-8")


def answers(url: str) -> bool:
    try:
        requests.get(url, timeout=5)
    except requests.ConnectionError:
        return False
    return True


def newest(folder: Path) -> dict[str, Any]:
    found = max(folder.glob("runs/*/summary.json"), key=lambda path: path.stat().st_mtime)
    summary: dict[str, Any] = json.loads(found.read_text("utf-8"))
    return summary


def cells(page: Page | FrameLocator, table: str, *columns: str) -> list[tuple[str, ...]]:
    """What a table shows in some of its columns."""
    found = [page.locator(f"#{table} td.col-{column}").all_inner_texts() for column in columns]
    return [tuple(text.strip() for text in row) for row in zip(*found, strict=True)]


def agrees(page: Page | FrameLocator, summary: dict[str, Any]) -> None:
    """The page shows the figures of the summary."""
    parts = ("started", "completed", "failed", "unfinished")
    assert cells(page, "journeys", "journey", *parts) == [
        (each["name"], *(words.count(each[part]) for part in parts)) for each in summary["journeys"]
    ]
    assert cells(page, "funnel", "step", "entered", "went_on", "lost") == [
        (e["step"], *(words.count(e[part]) for part in ("entered", "went_on", "lost_to_errors")))
        for e in summary["funnel"]
    ]
    assert cells(page, "steps", "step", "sent", "p95", "corrected") == [
        (e["step"], words.count(e["sent"]), words.figure(e["latency"]["p95"]), words.figure(e["corrected"]["p95"]))
        for e in summary["steps"]
    ]
    assert [threshold for (threshold,) in cells(page, "thresholds", "threshold")] == [
        each["text"] for each in summary["thresholds"]
    ]


def is_for_everybody_and_says_when_the_run_is_gone(page: Page, url: str) -> None:
    """The page of its own, as Locust's page links to it."""
    page.goto(f"{url}/?tab=reports")
    page.get_by_role("link", name="Journeys, as a page of its own").click()
    page.get_by_role("heading", name="1 of 3 thresholds not met so far").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # Evaluated by the debugger, which the page's policy does not stop.
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")
    assert len(found["passes"]) > 10
    assert [node["html"] for each in found["violations"] for node in each["nodes"]] == []
    page.route("**/journeys/now", lambda route: route.abort())
    page.get_by_text("No word from the run since").wait_for()
    page.unroute("**/journeys/now")
    page.get_by_text("No word from the run since").wait_for(state="hidden")
    page.close()


@pytest.mark.browser
def test_a_load_is_watched_to_its_end_and_then_another(browser, write_scenario, started, tmp_path):
    scenario = write_scenario(users=3, ends="duration: 10m", think="20ms", thresholds=THRESHOLDS)
    url = started("harness", "run", scenario, "--web", "--quiet", "--")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    page.get_by_role("tab", name="Journeys").click()
    tab = page.frame_locator("iframe")
    tab.get_by_role("heading", name="1 of 3 thresholds not met so far").wait_for()
    assert cells(tab, "thresholds", "result", "measured")[0] == ("held", "0%")
    assert cells(tab, "thresholds", "result", "measured")[2] == ("open", "after the load")
    before = cells(tab, "journeys", "started")
    wait_for(lambda: cells(tab, "journeys", "started") != before)
    is_for_everybody_and_says_when_the_run_is_gone(browser.new_page(viewport={"width": 390, "height": 844}), url)

    page.get_by_role("tab", name="Statistics").click()
    assert page.locator("iframe").count() == 0, "nobody asks for what nobody sees"
    page.get_by_role("tab", name="Journeys").click()
    page.get_by_role("button", name="Stop").click()
    tab.get_by_role("heading", name="Did not hold").wait_for()
    first = newest(tmp_path)
    agrees(tab, first)
    with page.context.expect_page() as opened:
        tab.get_by_role("link", name="the whole report").click()
    opened.value.wait_for_load_state()
    (run,) = tmp_path.glob("runs/*")
    assert "load test report" in opened.value.title()
    assert requests.get(f"{url}/journeys/report", timeout=5).text == (run / "report.html").read_text("utf-8")
    opened.value.close()

    page.get_by_role("button", name="New").click()
    page.get_by_role("button", name="Start").click()
    tab.get_by_role("heading", name="1 of 3 thresholds not met so far").wait_for()
    assert requests.get(f"{url}/journeys/report", timeout=5).status_code == 404, "that of the load before is not its"
    page.get_by_role("button", name="Stop").click()
    tab.get_by_role("heading", name="Did not hold").wait_for()
    second = newest(tmp_path)
    assert second["run_id"] != first["run_id"]
    agrees(tab, second)
    page.close()
    assert complaints == []


def test_several_processes_are_shown_as_one(write_scenario, started, tmp_path):
    scenario = write_scenario(users=4, ends="duration: 10m", think="20ms", thresholds=THRESHOLDS)
    url = started("harness", "run", scenario, "--web", "--quiet", "--processes", 2, "--")

    def now() -> str:
        return requests.get(f"{url}/journeys/now", timeout=5).text

    def sent(document: str) -> list[int]:
        steps = document.partition('<table id="steps"')[2]
        return [int(each.replace(",", "")) for each in re.findall(r'col-sent number">\s*([\d,]+)<', steps)]

    document = wait_for(lambda: found if sum(sent(found := now())) > 20 else None)
    assert re.search(r"<dt>Workers</dt><dd><bdi>2<", document)
    assert "1 of 3 thresholds not met so far" in document
    requests.post(f"{url}/stop", timeout=30)
    document = wait_for(lambda: found if "Did not hold" in (found := now()) else None)
    assert sent(document) == [step["sent"] for step in newest(tmp_path)["steps"]]


LOGIN = """\
import sys
from flask import redirect, request
from flask_login import UserMixin, login_user
from locust import events
from harness.run.door import journeys

globals().update(journeys(sys.argv[1:]))

class Somebody(UserMixin):
    id = "somebody"

@events.init.add_listener
def on_init(environment, **_):
    if environment.web_ui is None:
        return
    web = environment.web_ui
    web.app.secret_key = "for this test"
    web.login_manager.user_loader(lambda name: Somebody() if name == "somebody" else None)
    web.auth_args["username_password_callback"] = "/load/let-me-in"

    @web.app.post("/load/let-me-in")
    def let_in():
        login_user(Somebody())
        return redirect("/load/")
"""


def test_behind_locusts_login_and_path_our_pages_are_too(write_scenario, started, tmp_path):
    scenario = write_scenario(users=2, ends="duration: 10m", think="20ms")
    (tmp_path / "behind_login.py").write_text(LOGIN)
    options = ("--web-login", "--web-base-path", "/load", "--web-host", "127.0.0.1", "--autostart", "--quiet")
    url = started("locust", "-f", "behind_login.py", "--scenario", scenario, *options) + "/load"
    ours = ("/journeys", "/journeys/now", "/journeys/report", "/journeys/script")
    wait_for(lambda: requests.get(f"{url}/login", timeout=5).ok)
    for path in ours:
        reply = requests.get(url + path, timeout=5, allow_redirects=False)
        assert (reply.status_code, reply.headers["Location"].partition("?")[0]) == (302, "/load/login"), path
    someone = requests.Session()
    assert 'src="./journeys/script"' in someone.post(f"{url}/let-me-in", timeout=5).text
    wait_for(lambda: "Holds so far" in someone.get(f"{url}/journeys/now", timeout=5).text)
    for path in (*ours[:2], ours[3]):
        reply = someone.get(url + path, timeout=5, headers={"Origin": "http://elsewhere.example"})
        assert reply.status_code == 200
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in reply.headers
    assert "frame-ancestors 'self'" in someone.get(f"{url}/journeys", timeout=5).headers["Content-Security-Policy"]
    assert someone.get(f"{url}/journeys/report", timeout=5).status_code == 404
