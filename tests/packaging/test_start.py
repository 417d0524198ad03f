"""What starts quickly imports little. Times are for benchmarks/startup.py; here only what was imported counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT

HEAVY = {"faker", "gevent", "jinja2", "locust", "numpy", "rich", "starlette"}
TOLD = """
import json, sys
sys.argv = ["harness", *json.loads(sys.argv[1])]
from harness.cli.main import main
try:
    main()
finally:
    sys.stderr.write(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def imported(*arguments: str) -> set[str]:
    """The top-level modules in the process of a command, at its end."""
    command = [sys.executable, "-c", TOLD, json.dumps(arguments)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env=CLEAN_ENVIRONMENT, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("check", "scenarios/purchase.yaml")])
def test_nothing_heavy_is_imported(arguments: tuple[str, ...]) -> None:
    loaded = imported(*arguments)
    assert "harness" in loaded
    assert not loaded & HEAVY


def test_help_reads_no_scenario_either() -> None:
    assert "yaml" not in imported("--help")


def test_the_list_of_heavy_modules_names_real_ones() -> None:
    missing = [name for name in HEAVY if not any((Path(each) / name).is_dir() for each in sys.path)]
    assert not missing
