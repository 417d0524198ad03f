"""The pytest plug-in: ``pytest scenarios/`` validates, each path of each journey a test.

It is loaded in every pytest run of an environment that has the harness, so nothing heavy is imported before a
scenario is collected: what does the work is ``pytest_items``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.run.sniff import is_scenario

if TYPE_CHECKING:
    from harness.cli.pytest_items import ScenarioFile

SANDBOX, AS_WRITTEN = "sandbox", "scenario"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our options."""
    group = parser.getgroup("harness", "scenarios: guest journeys validated by harness")
    group.addoption(
        "--harness-target",
        metavar="URL|sandbox|scenario",
        default=SANDBOX,
        help="where the journeys go: a base URL, an embedded sandbox (default), or 'scenario' for what each file says",
    )
    group.addoption(
        "--harness-set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="replace a value of the scenarios, for example target.point_of_sale=shop",
    )
    group.addoption(
        "--harness-paths",
        metavar="all|pairwise|N",
        default="auto",
        help="which paths of a journey (default: all up to 200, else pairwise)",
    )
    group.addoption(
        "--harness-wait",
        metavar="TIME",
        default=None,
        help="how long a target may take to process (default: 10s on a sandbox, else 60s)",
    )
    group.addoption(
        "--harness-allow-production", action="store_true", help="leave to touch a target that says it is production"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Our options' values are looked at before anything is collected."""
    options = config.option
    paths = options.harness_paths
    if paths not in ("auto", "all", "pairwise") and not (paths.isascii() and paths.isdigit() and int(paths) > 0):
        raise pytest.UsageError(f"--harness-paths: '{paths[:60]}' is none of all, pairwise and a number of paths")
    for change in options.harness_set:
        if not change.partition("=")[0].strip() or "=" not in change:
            raise pytest.UsageError(f"--harness-set: '{change[:60]}' is not KEY=VALUE, for example load.users=5")
    if options.harness_wait is not None:
        from harness.scenario.quantities import seconds  # noqa: PLC0415 - heavy

        if seconds(options.harness_wait.strip()) is None:
            raise pytest.UsageError(
                f"--harness-wait: '{options.harness_wait[:60]}' where a duration such as 30s belongs"
            )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """A scenario file; any other is nobody's business here."""
    if not is_scenario(file_path):
        return None
    from harness.cli.pytest_items import ScenarioFile  # noqa: PLC0415 - only where there is a scenario

    made: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
    return made
