"""Shell completion, which is click's own: the scripts it prints, and what shells are told of an unfinished line."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from harness.cli.main import COMMANDS
from tests.conftest import ROOT


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(shell, harness):
    done = harness_completes(harness, f"{shell}_source")
    assert "_HARNESS_COMPLETE" in done
    if program := shutil.which(shell):
        checked = subprocess.run([program, "-n"], input=done, text=True, capture_output=True, timeout=30, check=False)
        assert checked.returncode == 0, checked.stderr


def test_commands_and_files_are_completed(harness):
    all_of_them = harness_completes(harness, "bash_complete", COMP_WORDS="harness ", COMP_CWORD="1")
    assert {line.removeprefix("plain,") for line in all_of_them.splitlines()} == set(COMMANDS)
    some = harness_completes(harness, "bash_complete", COMP_WORDS="harness ch", COMP_CWORD="1")
    assert some == "plain,check\n"
    for command in ("check", "run", "plan", "validate", "snippet"):
        line = f"harness {command} scen"
        assert harness_completes(harness, "bash_complete", COMP_WORDS=line, COMP_CWORD="2") == "file,scen\n", command
    assert harness_completes(harness, "zsh_complete", COMP_WORDS="harness report ru", COMP_CWORD="2").startswith(
        "file\nru"
    )
    assert "file,scen" in harness_completes(
        harness, "fish_complete", COMP_WORDS="harness check scen", COMP_CWORD="scen"
    )


def test_the_page_names_each_shell():
    page = (ROOT / "docs" / "installing.md").read_text("utf-8")
    assert {"bash", "zsh", "fish"} == set(re.findall(r"_HARNESS_COMPLETE=(\w+)_source harness", page))


def harness_completes(harness, instruction: str, **words: str) -> str:
    done = harness(_HARNESS_COMPLETE=instruction, **words)
    assert not done.stderr
    return done.stdout
