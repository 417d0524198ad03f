"""``harness check``: its formats, warnings, and exit codes, by the real command."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from tests.conftest import ROOT

GOOD = (ROOT / "scenarios/smoke.yaml").read_text("utf-8")
WARNED = GOOD.replace("${CDP_API_TOKEN:-sandbox}", "written-here")
WRONG = GOOD.replace("- identify", "- identfy").replace("- browse", "- borwse")


@pytest.fixture
def files(tmp_path):
    for name, text in (("good.yaml", GOOD), ("warned.yaml", WARNED), ("wrong, 100%.yaml", WRONG)):
        (tmp_path / name).write_text(text, "utf-8")
    return ["good.yaml", "warned.yaml", "wrong, 100%.yaml"]


def test_text(harness, files):
    done = harness("check", *files)
    assert done.returncode == 2
    assert done.stdout == "good.yaml: ok\nwarned.yaml: ok, 1 warning\n3 files: 2 errors in 1, 1 warning\n"
    assert done.stderr.count("error:") == 2
    assert done.stderr.count("warning:") == 1
    assert "[E213]" in done.stderr


def test_one_file_has_no_sum(harness, files):
    done = harness("check", files[0])
    assert (done.returncode, done.stdout, done.stderr) == (0, "good.yaml: ok\n", "")


@pytest.mark.parametrize("environment", [{}, {"HARNESS_STRICT": "1"}])
def test_warnings_are_right_unless_strict(harness, files, environment):
    assert harness("check", *files[:2]).returncode == 0
    strict = ["--strict"] if not environment else []
    done = harness("check", *strict, *files[:2], **environment)
    assert done.returncode == 2
    assert done.stderr.count("error:") == 1
    assert "2 files: 1 error in 1\n" in done.stdout


def test_json(harness, files):
    done = harness("check", *files, "--format", "json")
    assert done.returncode == 2
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert [(f["file"], f["errors"], f["warnings"]) for f in document["files"]] == [
        ("good.yaml", 0, 0),
        ("warned.yaml", 0, 1),
        ("wrong, 100%.yaml", 2, 0),
    ]
    warning, *errors = document["diagnostics"]
    assert (warning["severity"], warning["code"]) == ("warning", "W401")
    lines = WRONG.splitlines()
    for each in errors:
        assert set(each) == {"file", "line", "column", "end", "code", "severity", "message", "suggestion"}
        assert each["code"] == "E213"
        assert each["line"] == each["end"]["line"]
        word = lines[each["line"] - 1][each["column"] - 1 : each["end"]["column"] - 1]
        assert word in each["message"]
        assert each["suggestion"] == f"did you mean '{ {'borwse': 'browse', 'identfy': 'identify'}[word] }'?"


def test_github(harness, files):
    done = harness("check", *files, "--format", "github")
    assert done.returncode == 2
    commands = done.stdout.splitlines()
    assert len(commands) == 3
    assert commands[0].startswith("::warning file=warned.yaml,line=")
    assert commands[0].split("::")[1].endswith(",title=W401")
    parsed = re.fullmatch(r"::error ([^:]*)::(.*)", commands[1])
    properties = dict(part.split("=", 1) for part in parsed[1].split(","))
    assert properties["file"] == "wrong%2C 100%25.yaml"
    assert {"line", "col", "endLine", "endColumn", "title"} <= set(properties)
    assert parsed[2] == "unknown step 'borwse': did you mean 'browse'?"


def test_a_file_that_is_not_there_has_no_line(harness):
    done = harness("check", "nowhere.yaml", "--format", "github")
    assert done.returncode == 2
    assert done.stdout.startswith("::error file=nowhere.yaml,title=E101::nowhere.yaml does not exist")
    found = json.loads(harness("check", "nowhere.yaml", "--format", "json").stdout)["diagnostics"]
    assert (found[0]["file"], found[0]["line"], found[0]["end"]) == ("nowhere.yaml", None, None)


def test_what_is_wrong_with_an_option_is_told_of_the_scenario(harness, files):
    done = harness("check", "good.yaml", "--set", "load.uesrs=5", "--format", "json")
    (found,) = json.loads(done.stdout)["diagnostics"]
    assert (found["file"], found["line"]) == ("good.yaml", None)
    assert found["message"].startswith("--set load.uesrs: unknown key 'uesrs'")
    assert harness("check", "good.yaml", "--load", "smoke").returncode == 2
    assert harness("check", "good.yaml", HARNESS_SET="load.uesrs=5").returncode == 2


POSITION = {"type": "integer", "minimum": 1}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~/%:-]+$"}},
                },
                "region": {
                    "type": "object",
                    "required": ["startLine"],
                    "properties": dict.fromkeys(["startLine", "startColumn", "endLine", "endColumn"], POSITION),
                    "additionalProperties": False,
                },
            },
        }
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id", "helpUri"],
                                            "properties": {"id": {"pattern": "^[EW][0-9]{3}$"}},
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                                "locations": {"type": "array", "items": LOCATION, "minItems": 1},
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What of SARIF 2.1.0's schema (OASIS) a log of ours touches."""


def test_sarif(harness, files, tmp_path):
    done = harness("check", *files, tmp_path / "nowhere.yaml", "--format", "sarif")
    assert done.returncode == 2
    log = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SARIF).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["E101", "E213", "W401"]
    assert rules[1]["helpUri"] == "docs/diagnostics.md#e213"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]]
    assert uris[:3] == ["warned.yaml", "wrong%2C%20100%25.yaml", "wrong%2C%20100%25.yaml"]
    assert uris[3].startswith("file:///")


def test_nothing_wrong_is_a_log_without_results(harness, files):
    for form, empty in (("sarif", '"results": []'), ("json", '"diagnostics": []'), ("github", "")):
        done = harness("check", files[0], "--format", form)
        assert done.returncode == 0
        assert empty in done.stdout


def test_mistakes_of_an_included_file_are_told_once(harness, tmp_path, files):
    (tmp_path / "shared.yaml").write_text("parts:\n  pay: nothing\n")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD.replace("scenario: smoke", "scenario: smoke\ninclude: shared.yaml"))
    done = harness("check", "a.yaml", "b.yaml", "--format", "json")
    found = json.loads(done.stdout)["diagnostics"]
    assert [(each["file"], each["line"]) for each in found] == [("shared.yaml", 2)]
