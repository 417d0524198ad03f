"""``harness.yaml`` beside the scenarios: what their owner allows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.scenario.diagnostics import Findings, ScenarioError
from harness.scenario.shapes import Bad, Field, ListOf, Record
from harness.scenario.source import read
from harness.scenario.texts import Text

FILE_NAME = "harness.yaml"


@dataclass(frozen=True, slots=True)
class Settings:
    """``allow_hosts``: hosts other than this machine that load may go to."""

    allow_hosts: tuple[str, ...] = ()


_SETTINGS = Record(
    Settings,
    {"allow_hosts": Field(ListOf(Text("a host name", r"[A-Za-z0-9.:-]+"), "a list of host names"))},
    FILE_NAME,
)


def settings_beside(scenario: Path) -> Settings:
    """The settings in the scenario's folder, if there are any. Raises ScenarioError when they are wrong."""
    path = scenario.parent / FILE_NAME
    if not path.exists():
        return Settings()
    source = read(path)
    findings = Findings()
    settings = _SETTINGS.read(source.root, findings)
    if isinstance(settings, Bad):
        raise ScenarioError(findings.sorted(), {source.name: source.lines})
    return settings
