"""docs/editors.md: its commands run, the line and the settings that it shows are those that editors find here."""

from __future__ import annotations

import json
import re
import shlex
import shutil

import pytest
from click.testing import CliRunner

from harness.cli.main import cli
from tests.conftest import ROOT

from .pages import blocks, text_of

BLOCKS = blocks(text_of("docs/editors.md"))
SETTINGS = [json.loads(code) for language, code in BLOCKS if language == "json"]


def test_commands_run(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    told = []
    for line in "".join(code for language, code in BLOCKS if language == "sh").splitlines():
        words = shlex.split(line, comments=True)[1:]
        files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("scenarios/*.yaml"))
        at = words.index("scenarios/*.yaml") if "scenarios/*.yaml" in words else None
        done = CliRunner().invoke(cli, words if at is None else [*words[:at], *files, *words[at + 1 :]])
        assert done.exit_code == 0, line + done.output
        told.append(done.stdout)
    assert (tmp_path / "harness.schema.json").read_bytes() == (ROOT / "scenarios/harness.schema.json").read_bytes()
    assert json.loads(told[-1])["version"] == "2.1.0"


def test_the_line_is_that_of_the_scenarios():
    (line,) = [code for language, code in BLOCKS if language == "text"]
    for path in ROOT.glob("scenarios/*.yaml"):
        assert path.read_text("utf-8").startswith(line)


@pytest.mark.parametrize("settings", SETTINGS, ids=["settings", "tasks"])
def test_settings_name_what_is_there(settings):
    named = re.findall(r"(scenarios/[\w.*]+)", json.dumps(settings))
    assert named
    for name in named:
        assert list(ROOT.glob(name)), name
