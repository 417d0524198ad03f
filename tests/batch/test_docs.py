"""What docs/batch.md shows works: its commands run, its scenario loads a sandbox, its tables are complete."""

from __future__ import annotations

import gzip
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from harness.cdp.batch import CODES, LARGEST_FILE, MODES
from harness.cli.batch import command as batch_command
from harness.cli.guests import make
from harness.cli.main import cli
from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.sandbox.client import Client

PAGE = (ROOT / "docs" / "batch.md").read_text("utf-8")
URL = "http://127.0.0.1:8080"
ENVIRONMENT = {**CLEAN_ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
RECORD = '{{"ref":"7ed103bd-08c2-47f4-8f69-91141ca3200{}","schema":"guest","mode":"{}","value":{}}}'


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def test_commands_run_one_after_the_other(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HARNESS_TARGET", "CDP_CLIENT_KEY", "CDP_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    told = ""
    # One process for all of them: most of their time they would spend on starting.
    for line in "".join(blocks("sh")).replace(URL, client.url).splitlines():
        program, *words = shlex.split(line)
        assert program == "harness"
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 0, line + done.output
        told += done.stdout
    assert "10,000 records (guest upsert) in 1 part" in told
    assert client.stats()["guests"] == 10_000
    made = {path.name for path in tmp_path.iterdir()}
    assert made >= {"batch", "people.jsonl", "people.csv", "from-csv", "from-json", "split-again", "errors.csv"}
    first = gzip.decompress((tmp_path / "from-json/part-0001.json.gz").read_bytes())
    again = b"".join(gzip.decompress(path.read_bytes()) for path in sorted((tmp_path / "split-again").glob("*.gz")))
    assert again == first


def test_the_check_reads_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = blocks("text")
    monkeypatch.chdir(tmp_path)
    ada = '{"email":"ada@example.com"}'
    lines = [(1, "create", ada), (2, "update", '{"email":"eve@example.com"}'), (3, "upsert", "{}"), (4, "create", ada)]
    Path("import.json").write_text("".join(RECORD.format(*line) + "\n" for line in lines), "utf-8")
    told = CliRunner().invoke(batch_command, ["check", "import.json"]).stdout.splitlines()
    hint = "Whether guests to be created exist, a target can tell: harness batch check … --target URL"
    assert [line for line in told if line != hint] == shown.splitlines()


def test_the_scenario_loads_the_sandbox(client: Client, tmp_path: Path) -> None:
    (scenario,) = blocks("yaml")
    (tmp_path / "load.yaml").write_text(scenario.replace(URL, client.url), "utf-8")
    (basic,) = re.findall(r"`export (CDP_BASIC_AUTH=\$\(.*?\))`", PAGE)
    done = subprocess.run(
        [
            "sh",
            "-e",
            "-c",
            f"export {basic}; harness check load.yaml --strict && harness run load.yaml --quiet --out run",
        ],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    batches = client.read("/v2/batches")["items"]
    assert [each["status"]["code"] for each in batches] == ["success"] * 8
    assert len(client.guests("ada.lovelace@example.com")["items"]) == 1


def test_every_option_is_shown() -> None:
    commands = [make, *(each for each in batch_command.commands.values())]
    options = {
        name for each in commands for param in each.params if isinstance(param, click.Option) for name in param.opts
    }
    assert {name for name in options if name.startswith("--")} - set(re.findall(r"--[a-z-]+", PAGE)) == set()


def test_tables_are_those_of_the_code() -> None:
    for code, meaning in CODES.items():
        assert re.search(rf"^\| {code} \| ", PAGE, re.M), meaning
    shown = re.findall(r"^\| (guest|order|tracking) \| `(\w+)` \|", PAGE, re.M)
    assert {(schema, mode) for schema, mode in shown if schema != "tracking"} == {
        (schema, mode) for schema, modes in MODES.items() for mode in modes if schema != "tracking"
    }
    assert f"{LARGEST_FILE:,} bytes" in PAGE
