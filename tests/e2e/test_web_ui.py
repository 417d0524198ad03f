"""Locust's own web UI, in a real browser, on a compiled scenario."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.watching import summary_in, wait_for


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def requests_of(url: str) -> dict | None:
    try:
        with urllib.request.urlopen(f"{url}/stats/requests", timeout=5) as reply:
            return json.load(reply)
    except OSError:
        return None


@pytest.mark.browser
def test_a_load_is_started_watched_and_stopped_from_the_page(browser, write_scenario, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    scenario = write_scenario(users=3, ends="duration: 10m", think="50ms")
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "locustfiles/journeys.py"), "--scenario", str(scenario)]
    running = subprocess.Popen(
        [*command, "--web-host", "127.0.0.1", "--web-port", str(port)],
        cwd=tmp_path, env=CLEAN_ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        wait_for(lambda: requests_of(url))
        page = browser.new_page()
        page.goto(url)
        page.get_by_role("button", name="Start").click()
        page.get_by_text("small/checkout").or_(page.get_by_text("purchase/checkout")).first.wait_for()
        wait_for(lambda: requests_of(url)["total_rps"] > 0)
        page.get_by_role("tab", name="Journeys").click()
        page.frame_locator("iframe").get_by_role("heading", name="Holds so far").wait_for()
        page.get_by_role("button", name=re.compile("stop", re.I)).click()
        wait_for(lambda: requests_of(url)["state"] == "stopped")
        wait_for(lambda: list(tmp_path.glob("runs/*/summary.json")))
        shown = {row["name"]: row["num_requests"] for row in requests_of(url)["stats"]}
        summary = summary_in(tmp_path)
        assert shown.pop("Aggregated") == summary["requests"]["sent"] > 10
        assert shown == {f"{s['journey']}/{s['step']}": s["sent"] for s in summary["steps"]}
        page.close()
    finally:
        running.terminate()
        out, _ = running.communicate(timeout=20)
    assert "Traceback" not in out
