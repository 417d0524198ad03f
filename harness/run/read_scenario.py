"""The scenario that the options of a run name, read and checked once in a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from harness.report import console
from harness.run import exit_codes
from harness.run.options import RunOptions
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.loader import Loaded, examine
from harness.scenario.overrides import Override
from harness.scenario.settings import Settings, settings_beside
from harness.scenario.source import read


def scenario_of(options: RunOptions) -> tuple[Loaded, Settings]:
    """The scenario, and the settings beside it. Ends the process with 2, and every mistake on standard error."""
    assert options.scenario is not None
    try:
        return _read(options.scenario, options.overrides(), options.load)
    except ScenarioError as error:
        console.refuse(str(error))
        raise SystemExit(exit_codes.WRONG) from None


@lru_cache(maxsize=1)
def _read(path: str, overrides: tuple[Override, ...], load: str | None) -> tuple[Loaded, Settings]:
    return examine(read(Path(path)), overrides, load), settings_beside(Path(path))
