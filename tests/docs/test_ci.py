"""docs/ci.md and examples/ci: the pipelines are what their services take, and the gate that they run does what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from groovy_parser.parser import parse_groovy_content
from lark.exceptions import LarkError

from tests.conftest import CLEAN_ENVIRONMENT, ROOT

CI = ROOT / "examples" / "ci"
SECTIONS = {
    "pipeline": {"agent", "environment", "options", "parameters", "post", "stages", "tools", "triggers"},
    "stages": {"stage"},
    "stage": {
        "agent",
        "environment",
        "options",
        "post",
        "stages",
        "steps",
        "tools",
        "when",
        "parallel",
        "matrix",
        "input",
    },
    "post": {"always", "success", "failure", "unstable", "changed", "fixed", "regression", "aborted", "cleanup"},
}
"""What a declarative pipeline has, by Jenkins' documentation of its syntax."""
SCENARIO = """\
scenario: purchase
target: {url: sandbox, client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}
defaults: {channel: WEB, language: EN, currency: GBP, page: home page}
include: parts.yaml
journeys: {look: {think: 20ms..60ms, steps: [{steps_from: see}]}}
load: {users: 4, duration: 3s}
thresholds: [error_rate < 1%]
"""


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("github-actions.yml", ["vendor.github-workflows"]),
        ("gitlab-ci.yml", ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
    ],
)
def test_a_pipeline_is_what_its_service_takes(name: str, schema: list[str], tmp_path: Path) -> None:
    def lint(file: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, str(file)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    done = lint(CI / name)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / name
    wrong.write_text(
        re.sub(r"^( +)(timeout-minutes|timeout): .*", r"\1\2: [soon]", (CI / name).read_text("utf-8"), flags=re.M)
    )
    assert lint(wrong).returncode != 0


def statements(text: str) -> Iterator[tuple[str, str]]:
    """The first word of every line of a Jenkinsfile, with the block in which it stands."""
    stack = [""]
    for line in re.sub(r"//.*|'[^'\n]*'", "", text).splitlines():
        if word := re.match(r"\s*(\w+)", line):
            yield stack[-1], word[1]
        for brace in re.findall(r"[{}]", re.sub(r"\"[^\"\n]*\"", "", line)):
            if brace == "{":
                stack.append(word[1] if word else "")
            else:
                stack.pop()


def test_the_jenkinsfile_is_groovy_with_the_sections_of_a_declarative_pipeline() -> None:
    text = (CI / "Jenkinsfile").read_text("utf-8")
    parse_groovy_content(text)
    with pytest.raises(LarkError):
        parse_groovy_content("pipeline { agent { label 'load' \n")
    found = list(statements(text))
    assert ("", "pipeline") in found
    assert [each for each in found if each[0] in SECTIONS and each[1] not in SECTIONS[each[0]]] == []
    assert {"agent", "stages"} <= {word for inside, word in found if inside == "pipeline"}


def test_each_pipeline_runs_the_gate_with_a_baseline_and_keeps_the_junit_files() -> None:
    for name in ("github-actions.yml", "gitlab-ci.yml", "Jenkinsfile"):
        text = (CI / name).read_text("utf-8")
        assert "sh ci/gate.sh" in text, name
        assert "baseline" in text, name
        assert "results" in text, name
    gitlab = yaml.safe_load((CI / "gitlab-ci.yml").read_text("utf-8"))["load"]
    assert gitlab["artifacts"]["reports"]["junit"] == ["results/validation.xml", "results/run/junit.xml"]


@pytest.mark.timeout(240)
def test_the_gate_does_what_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "ci").mkdir()
    shutil.copy(CI / "gate.sh", tmp_path / "ci")
    (tmp_path / "scenarios").mkdir()
    scenario = tmp_path / "scenarios" / "purchase.yaml"
    scenario.write_text(SCENARIO, "utf-8")
    (tmp_path / "scenarios" / "parts.yaml").write_text("parts: {see: [browse]}\n", "utf-8")
    environment = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def gate(**variables: str) -> tuple[int, str]:
        done = subprocess.run(
            ["sh", "ci/gate.sh"], cwd=tmp_path, env={**environment, **variables},
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    code, said = gate()
    assert code in (0, 4), said  # 4: this machine was busy, and --strict says so
    for file in ("results/validation.xml", "results/run/junit.xml", "results/run/report.html"):
        assert (tmp_path / file).stat().st_size > 0
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / "summary.json").write_text("{}", "utf-8")
    code, said = gate()
    assert (code, "baseline" in said) == (2, True), said  # what is there is compared with, and this is no run
    scenario.write_text(SCENARIO.replace("steps_from: see", "brows: a"), "utf-8")
    code, said = gate()
    assert (code, "unknown step 'brows'" in said) == (2, True)
