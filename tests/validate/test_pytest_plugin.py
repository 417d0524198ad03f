"""The pytest plug-in, in real pytest processes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT, LEAN_PYTEST
from tests.validate.conftest import SHOP, sandbox_with

Pytest = Callable[..., "Done"]


class Done:
    """A pytest process that has ended."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.text = done.stdout + done.stderr

    @property
    def counts(self) -> dict[str, int]:
        """Like ``{"passed": 3, "failed": 1}``."""
        last = [line for line in self.text.splitlines() if re.search(r"\bin [\d.]+s", line)][-1]
        return {
            word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?|deselected|skipped)", last)
        }


@pytest.fixture
def run(tmp_path: Path) -> Pytest:
    """Runs pytest in a folder with one scenario."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "shop.yaml").write_text(SHOP, "utf-8")

    def started(*arguments: str, timeout: float = 60) -> Done:
        command = [sys.executable, "-m", "pytest", *LEAN_PYTEST.split(), *arguments]
        environment = {name: value for name, value in CLEAN_ENVIRONMENT.items() if not name.startswith("PYTEST_")}
        return Done(
            subprocess.run(
                command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=timeout, check=False
            )
        )

    return started


NAMES = [
    "buy[repeat:1+leave:no]",
    "buy[repeat:1+leave:yes]",
    "buy[repeat:2+leave:no]",
    "buy[repeat:2+leave:yes]",
    "quick",
    "abandon",
    "look",
]


def test_each_path_is_a_test_and_nothing_else_is(run: Pytest, tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    (folder / "parts.yaml").write_text("parts:\n  pay:\n    - confirm\n    - checkout\n")
    (folder / "molecule.yml").write_text("scenario:\n  name: default\ndriver: {name: docker}\n")
    (folder / "story.yaml").write_text("scenario: a story\ntext: once upon a time\n")
    (folder / "broken.yaml").write_text("services: [\n  scenario: x\n")
    (folder / "binary.yaml").write_bytes(b"\x00\xff\xfe")
    (folder / "test_after.py").write_text(
        "import socket, sys, time\n"
        "def test_nothing_was_patched():\n"
        "    assert 'locust' not in sys.modules\n"
        "    assert socket.socket.__module__ == 'socket' and 'gevent' not in time.sleep.__module__\n"
    )
    done = run("scenarios", "-v")
    assert done.code == 0, done.text
    found = re.findall(r"scenarios/(\S+)::(\S+) PASSED", done.text)
    assert found == [*(("shop.yaml", name) for name in NAMES), ("test_after.py", "test_nothing_was_patched")]


def test_k_picks_paths(run: Pytest) -> None:
    def picked(expression: str) -> list[str]:
        return re.findall(r"shop\.yaml::(\S+)", run("scenarios", "--collect-only", "-q", "-k", expression).text)

    assert picked("repeat:2 and leave:no") == [NAMES[2]]
    assert picked("buy and not leave:yes") == [NAMES[0], NAMES[2]]
    assert run(f"scenarios/shop.yaml::{NAMES[1]}").counts == {"passed": 1}


def test_a_failure_reads_like_validate_and_is_the_last_to_be_run_again(run: Pytest) -> None:
    with sandbox_with({"wrong_price": {"rate": 1, "add": "1.00"}}) as url:
        target = ("scenarios", "--harness-target", url, "--harness-wait", "200ms")
        whole, again, first = run(*target), run(*target, "--lf"), run(*target, "-x")
    assert (whole.code, whole.counts) == (1, {"failed": 3, "passed": 4})
    assert again.counts == {"failed": 3}
    assert first.counts == {"failed": 1}
    told = first.text
    assert "Traceback" not in told
    assert "pytest_items" not in told
    for wanted in (
        "buy[repeat:1+leave:no]",
        "✗ order ",
        "has another price",
        r"expected  ",
        "cause     wrong price:",
        '"type": "CHECKOUT"',
        "response  201 in",
        f"Again: harness validate scenarios/shop.yaml --target {url} --path 'buy[repeat:1+leave:no]' --trace",
    ):
        assert wanted in told, wanted


def test_a_wrong_scenario_is_a_collection_error_with_every_mistake(run: Pytest, tmp_path: Path) -> None:
    text = SHOP.replace("- confirm", "- confrim").replace("item: any, quantity", "item: any, quantty")
    (tmp_path / "scenarios" / "bad.yaml").write_text(text, "utf-8")
    done = run("scenarios")
    assert done.code == 2
    assert done.counts == {"error": 1}
    assert "did you mean 'confirm'?" in done.text
    assert "did you mean 'quantity'?" in done.text
    assert "scenarios/bad.yaml:" in done.text
    assert "Traceback" not in done.text


def test_workers_each_bring_a_sandbox_and_take_it_down(run: Pytest, tmp_path: Path) -> None:
    done = run("scenarios", "-n", "2")
    assert (done.code, done.counts) == (0, {"passed": 7}), done.text
    left = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(tmp_path):
                left.append(process.cmdline())
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    assert left == []


def test_a_target_that_is_not_there_is_said_once_a_test_in_one_line(run: Pytest) -> None:
    done = run("scenarios", "--harness-target", "http://127.0.0.1:9")
    assert done.counts == {"failed": 7}
    assert "error: http://127.0.0.1:9 cannot be reached: connection refused" in done.text
    assert "Traceback" not in done.text


def test_production_needs_leave(run: Pytest, sandbox: SandboxProcess) -> None:
    options = ("scenarios", "-k", "look", "--harness-set", "target.environment=production")
    shop = ("--harness-set", "journeys.abandon.steps.3=clear_cart", "--harness-target", sandbox.url)
    assert "--allow-production" in run(*options, *shop).text
    assert run(*options, *shop, "--harness-allow-production").counts == {"passed": 1, "deselected": 6}


def test_a_scenario_of_plain_http_waits_for_its_target(run: Pytest, tmp_path: Path, sandbox: SandboxProcess) -> None:
    (tmp_path / "scenarios" / "shop.yaml").write_text(
        f"scenario: web\ntarget: {{system: http, url: '{sandbox.url}'}}\n"
        "journeys: {look: {steps: [{request: {path: /_sandbox/stats}}]}}\nload: {users: 1, iterations: 1}\n"
    )
    assert run("scenarios", "-rs").counts == {"skipped": 1}
    assert run("scenarios", "--harness-target", "scenario").counts == {"passed": 1}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--harness-paths", "some"), "none of all, pairwise and a number"),
        (("--harness-wait", "soon"), "where a duration such as 30s belongs"),
        (("--harness-set", "x"), "not KEY=VALUE"),
    ],
)
def test_wrong_options_are_told_before_anything_is_run(run: Pytest, options: tuple[str, str], told: str) -> None:
    done = run("scenarios", *options)
    assert (done.code, "Traceback" in done.text) == (4, False)
    assert told in done.text


def test_runs_without_a_scenario_do_not_notice(run: Pytest, tmp_path: Path) -> None:
    """No import of anything heavy, nothing patched, no file but YAML opened."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "compose.yaml").write_text("services: {web: {image: nginx}}\n")
    (tmp_path / "other" / "test_other.py").write_text(
        "import socket, ssl, sys, threading\n"
        "def test_nothing_is_there():\n"
        "    heavy = ('gevent', 'locust', 'yaml', 'rich', 'numpy', 'uvicorn', 'harness.scenario', 'harness.engine')\n"
        "    assert [name for name in heavy if name in sys.modules] == []\n"
        "    assert {m for m in sys.modules if m.split('.')[0] == 'harness'} == {\n"
        "        'harness', 'harness.cli', 'harness.cli.pytest_plugin', 'harness.run', 'harness.run.sniff'}\n"
        "    assert socket.socket.__module__ == 'socket' and threading.Thread.__module__ == 'threading'\n"
    )
    done = run("other")
    assert (done.code, done.counts) == (0, {"passed": 1}), done.text
