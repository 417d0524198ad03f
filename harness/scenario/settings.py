"""``harness.yaml`` beside the scenarios: what their owner allows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.scenario.diagnostics import Findings, ScenarioError
from harness.scenario.hosts import HostError, canonical_leave
from harness.scenario.shapes import BAD, Bad, Field, ListOf, Record
from harness.scenario.source import Node, read
from harness.scenario.texts import Text

FILE_NAME = "harness.yaml"
VARIABLE = "HARNESS_ALLOW_HOSTS"


def allowed_by_environment(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Hosts and networks that HARNESS_ALLOW_HOSTS gives leave for, commas between them."""
    return tuple(each.strip() for each in environ.get(VARIABLE, "").split(",") if each.strip())


@dataclass(frozen=True, slots=True)
class Settings:
    """``allow_hosts``: hosts other than this machine that load may go to, and networks that they may be in."""

    allow_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeaveText(Text):
    """A host, or a network."""

    wanted: str = "a host such as api.example, or a network such as 10.0.0.0/8"

    def read(self, node: Node, to: Findings) -> str | Bad:
        """As it is compared."""
        text = super().read(node, to)
        if isinstance(text, Bad):
            return text
        try:
            return canonical_leave(text)
        except HostError as error:
            to.error("E233", node.span, str(error), error.label)
            return BAD


_SETTINGS = Record(
    Settings,
    {"allow_hosts": Field(ListOf(LeaveText(), "a list of host names"))},
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
