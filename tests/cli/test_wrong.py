"""Wrong input to the real command: one clear message, exit code 2, nothing sent, no traceback."""

from __future__ import annotations

import pytest

from harness.cli.main import COMMANDS
from tests.conftest import ROOT

GOOD = (ROOT / "scenarios/smoke.yaml").read_text("utf-8")
FILES = {
    "unknown verb": (GOOD.replace("- identify", "- identfy"), "did you mean 'identify'?"),
    "missing target": (GOOD[: GOOD.index("target:")] + GOOD[GOOD.index("defaults:") :], "has no 'target'"),
    "duplicate key": (GOOD + "\nload: {users: 2}\n", "duplicate key 'load'"),
    "tab": (GOOD.replace("    steps:", "\tsteps:"), "a tab in the indentation"),
    "list for mapping": (GOOD[: GOOD.index("load:")] + "load: [1]\n", "a list where load belongs"),
    "negative users": (GOOD.replace("users: 1", "users: -5"), "'-5' where a whole number"),
    "unset variable": (GOOD.replace("${CDP_CLIENT_KEY:-sandbox}", "${CDP_CLIENT_KEY}"), "CDP_CLIENT_KEY is not set"),
    "empty": ("", "is empty"),
}


@pytest.mark.parametrize("command", ["run", "check", "plan"])
@pytest.mark.parametrize("name", FILES)
def test_wrong_files(harness, tmp_path, command, name):
    text, said = FILES[name]
    path = tmp_path / "wrong file.yaml"
    path.write_text(text)
    done = harness(command, path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert done.stderr.count("error:") == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("path", "said"), [("nowhere.yaml", "does not exist"), (".", "is a directory")])
@pytest.mark.parametrize("command", ["run", "check", "plan"])
def test_no_file_at_all(harness, command, path, said):
    done = harness(command, path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "did you mean 'run'?"),
        (["guests", "pusch", "people.csv"], "did you mean 'push'?"),
        (["guests", "many"], "'many' is neither a number of guests nor a command: write a number, or push"),
        (["run"], "Missing argument 'SCENARIO'"),
        (["run", ROOT / "scenarios/smoke.yaml", "--nonsense"], "--nonsense"),
        (
            ["run", ROOT / "scenarios/smoke.yaml", "--users", "many", "--target", "sandbox"],
            "'many' where a whole number",
        ),
        (["run", ROOT / "scenarios/smoke.yaml", "--duration", "5", "--target", "sandbox"], "'5' where a duration"),
        (["run", ROOT / "scenarios/smoke.yaml", "--set", "load.uesrs=5"], "did you mean 'users'?"),
        (["run", ROOT / "scenarios/smoke.yaml", "--target", "ftp://x"], "'ftp://x' where a base URL"),
        (["sandbox", "--port", "99999"], "99999"),
        (["sandbox", "--host", "256.1.1.1"], "error:"),
    ],
)
def test_wrong_command_lines(harness, arguments, said):
    done = harness(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_has_help_with_an_example(harness, name):
    done = harness(*([name] if name else []), "--help")
    assert done.returncode == 0, done.stderr
    assert "Example:" in done.stdout


def test_shipped_scenarios_are_right_without_any_environment(harness):
    done = harness("check", *sorted((ROOT / "scenarios").glob("*.yaml")))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": ok") == len(list((ROOT / "scenarios").glob("*.yaml")))


def test_the_plan_is_printed(harness):
    done = harness("plan", ROOT / "scenarios/purchase.yaml")
    assert done.returncode == 0
    for word in ("purchase: closed load, 20 users, 15 s", "browser id", "checkout", "CHECKOUT", "guest.email"):
        assert word in done.stdout
