"""The sandbox that comes with a command, where the target is 'sandbox'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from harness.scenario.model import Scenario
from harness.scenario.walks import all_steps


class Embedded:
    """The embedded sandbox that all of a process share, started when it is first needed.

    It knows the scenarios' points of sale: what is tried out are the scenarios, not the account.
    """

    def __init__(self, points_of_sale: Iterable[str]) -> None:
        default = SandboxConfig().points_of_sale
        self._points_of_sale = tuple(dict.fromkeys((*default, *filter(None, points_of_sale))))
        self._process: SandboxProcess | None = None

    @property
    def url(self) -> str:
        """Where it is. Raises SandboxError when it cannot be started."""
        if self._process is None:
            self._process = SandboxProcess(SandboxConfig(points_of_sale=self._points_of_sale))
        return self._process.url

    def stop(self) -> None:
        """End it, if it was started."""
        if self._process is not None:
            self._process.stop()
            self._process = None


def points_of_sale(scenario: Scenario) -> Iterator[str]:
    """Every one that a scenario names: its target's, and those of single steps. An account would know them all."""
    yield scenario.target.point_of_sale
    for journey in scenario.journeys:
        for step in all_steps(journey.steps):
            for name, value in step.attributes.items:
                if name == "pos" and isinstance(value, str):
                    yield value
