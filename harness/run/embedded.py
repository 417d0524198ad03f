"""The sandbox that comes with a command, where the target is 'sandbox'."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from harness.scenario.model import CDP, Scenario
from harness.scenario.walks import all_steps

OWN = SandboxConfig().points_of_sale
MOST_NAMED = 5
TAKES_ANY = "the embedded sandbox takes any that the scenario names"
LIKE = 0.93
"""How much alike two names are of which one is the other misspelt: a letter too few, too many, another, or two swapped."""


class Embedded:
    """The embedded sandbox that all of a process share, started when it is first needed.

    It knows the scenarios' points of sale: what is tried out are the scenarios, not the account.
    """

    def __init__(self, points_of_sale: Iterable[str]) -> None:
        self._points_of_sale = tuple(dict.fromkeys((*OWN, *filter(None, points_of_sale))))
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


def meant(name: str) -> str:
    """The sandbox's own point of sale of which a name may be a misspelling; empty where it is none."""
    near = difflib.get_close_matches(name, OWN, 1, LIKE) if name not in OWN else []
    return near[0] if near else ""


def unchecked(scenario: Scenario) -> str:
    """What is to be said of points of sale that an embedded sandbox knows because the scenario names them; else empty."""
    if not scenario.target.is_sandbox or scenario.target.system != CDP:
        return ""
    names = [name for name in dict.fromkeys(filter(None, points_of_sale(scenario))) if name not in OWN]
    if not names:
        return ""
    what = "Point of sale" if len(names) == 1 else "Points of sale"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    listed = ", ".join(f"'{name}'" for name in names[:MOST_NAMED])
    hints = "".join(f" Did you mean '{near}'?" for name in names if (near := meant(name)))
    return f"{what} {listed}{more}: not checked; {TAKES_ANY}. A target of your own tells.{hints}"
