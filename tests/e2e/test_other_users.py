"""Users of somebody's own locustfile beside compiled journeys: real processes, Locust's own command line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.watching import summary_in

JOURNEYS = ROOT / "locustfiles" / "journeys.py"
PAGES = """\
from locust import HttpUser, constant, task


class ShopUser(HttpUser):
    wait_time = constant(0.1)
    {more}

    @task
    def page(self):
        self.client.get("{path}")
"""
SCENARIO = """\
scenario: guest
target: {{url: "{url}", client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}}
defaults: {{channel: WEB, language: EN, currency: GBP, page: home page}}
journeys: {{buyer: {{think: 100ms, steps: [{{browse: home page}}, identify]}}}}
load: {load}
thresholds: [error_rate < 1%]
verify: {{guests: sample 1}}
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def locust(tmp_path: Path, sandbox: Any) -> Run:
    """Runs Locust with the journeys and, unless ``path`` is None, with a user that asks for ``path``."""

    def run(
        load: str, *options: str, path: str | None = "/nowhere", more: str = "", beside: str = ""
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / "guest.yaml").write_text(SCENARIO.format(url=sandbox.url, load=load), "utf-8")
        (tmp_path / "pages.py").write_text(PAGES.format(path=path, more=more) + beside, "utf-8")
        files = os.path.relpath(JOURNEYS, tmp_path) + (",pages.py" if path else "")
        return subprocess.run(
            [sys.executable, "-m", "locust", "-f", files, "--scenario", "guest.yaml", "--headless", *options],
            cwd=tmp_path, env=CLEAN_ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_their_failures_fail_the_process_and_are_told(locust: Run, tmp_path: Path) -> None:
    done = locust("{users: 4, duration: 2s}")
    assert done.returncode == 1, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["verdict"] == "pass", "the journeys held"
    others = summary["others"]
    assert others["classes"] == ["ShopUser"]
    assert others["users"] == 2
    assert others["failed"] == others["requests"] > 0
    assert summary["level"] == 2
    assert max(level for _, level in summary["load"]["achieved"]) == 2
    failed = f"Beside the journeys: {others['failed']} of {others['requests']} requests of other users failed"
    beside = f"Other users in this process: ShopUser, 2 users, {others['requests']} requests. They share the generator."
    (log,) = tmp_path.glob("runs/*/run.log")
    for told in (done.stdout.replace("\n  ", " "), log.read_text("utf-8")):
        assert failed in told
        assert beside in told
    assert "closed model, 2 users (2 more of other locustfiles)" in done.stdout
    assert "only 2 of the scenario's 4 users are journeys', the others of ShopUser" in done.stderr
    program, option, files, *rest = shlex.split(summary["command"])
    assert (program, option) == ("locust", "-f"), "harness run would not bring the others"
    assert files.endswith(",pages.py")
    assert rest[:2] == ["--scenario", "guest.yaml"]


def test_an_open_load_leaves_all_of_locusts_users_to_them(locust: Run, tmp_path: Path) -> None:
    """Two processes, too; and --exit-code-on-error is theirs."""
    options = ("-u", "5", "-r", "5", "-t", "3s", "--processes", "2", "--exit-code-on-error", "7")
    done = locust("{rate: 8/s, duration: 20s}", *options)
    assert done.returncode == 7, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["others"]["users"] == 5
    assert summary["others"]["failed"] > 0
    assert summary["journeys"][0]["started"] == 24, "Locust's clock would stop while the guests are made"
    assert summary["load"]["planned"] == [[0.0, 8.0], [3.0, 8.0]]
    assert '{"ShopUser": 5}' in done.stderr
    assert "Arrivals" not in done.stderr


def test_a_listener_of_theirs_has_the_last_word(locust: Run) -> None:
    quitting = (
        "from locust import events; events.quitting.add_listener(lambda environment, **_: "
        "setattr(environment, 'process_exit_code', 0))"
    )
    done = locust("{users: 2, iterations: 2}", more=quitting)
    assert done.returncode == 0, done.stdout + done.stderr


def test_journeys_without_users_are_explained(locust: Run, tmp_path: Path) -> None:
    done = locust("{users: 4, duration: 1s}", "-u", "1", path="/_sandbox/stats")
    assert done.returncode == 1, done.stdout + done.stderr
    (reason, _) = summary_in(tmp_path)["reasons"]
    assert reason.startswith(
        "No request was sent: no user was left for the journeys, ShopUser had all 1; -u is the sum"
    )
    assert "no user is left for the journeys, ShopUser has all 1" in done.stderr


def test_the_command_says_what_locust_was_told(locust: Run, tmp_path: Path) -> None:
    done = locust("{users: 2, duration: 1h}", "-u", "3", "-t", "1s", "-r", "2", "--tags", "buyer", path=None)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert "others" not in summary
    assert summary["load"]["planned"] == [[0.0, 3.0], [1.0, 3.0]]
    options = f"--seed {summary['seed']} --users 3 --duration 1s -- -r 2 --tags buyer"
    assert summary["command"] == f"harness run guest.yaml {options}"


def test_harness_run_takes_a_locustfile_beside_its_own(harness: Run, locust: Run, tmp_path: Path) -> None:
    """Seen with classes that are chosen badly, too, and with a name that is there twice."""
    clash = locust("{users: 2, duration: 1s}", beside="\n\nclass buyer(ShopUser):\n    pass\n")
    assert clash.returncode == 1
    assert (
        "buyer is defined in both journey 'buyer' of scenario guest (give one of the two another name) and"
        in clash.stderr
    )
    nobody = locust("{users: 2, duration: 1s}", "ShopUser")
    assert nobody.returncode == 2
    told = "error: no journey was chosen: the classes named are ShopUser; journeys' are buyer\nNo load was sent."
    assert told in nobody.stderr
    done = harness("run", "guest.yaml", "--", "-f", "pages.py", "--exit-code-on-error", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["others"]["classes"] == ["ShopUser"]
    assert summary["command"] == f"harness run guest.yaml --seed {summary['seed']} -- -f pages.py"
