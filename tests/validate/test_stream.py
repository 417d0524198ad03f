"""Events as a body, down every path against a real sandbox: the same outcome as by the URL."""

from __future__ import annotations

import json
from urllib.request import urlopen

import pytest

from harness.sandbox.process import SandboxProcess


@pytest.mark.parametrize("channel", ["WEB", "MOBILE_APP", "MOBILE_WEB", "KIOSK"])
def test_every_path_holds_whichever_way_events_travel(sandbox: SandboxProcess, validate, channel):
    outcome = validate(sandbox.url, target__stream="post", defaults__channel=channel)
    assert outcome.held, [finding for result in outcome.results for finding in result.findings]
    bought = next(each for each in outcome.results if each.journey == "quick")
    with urlopen(f"{sandbox.url}/_sandbox/guests?query={bought.browser_id}", timeout=10) as reply:
        (row,) = json.load(reply)["items"]
    with urlopen(f"{sandbox.url}/_sandbox/guests/{row['ref']}", timeout=10) as reply:
        (session,) = json.load(reply)["sessions"]
    assert session["channel"] == channel
    assert {entry["libraryVersion"] for entry in session["timeline"]} == {"1.4.3"}
    assert session["timeline"][0]["attributes"]["client_key"] == "sandbox"
