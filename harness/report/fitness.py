"""Whether machine and target are fit for a run: each thing that was looked at, as a table or as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.text import Text

from harness.report import words
from harness.report.console import LOG_WIDTH, encodable

State = Literal["ok", "wrong", "unknown"]
_MARKS = {"ok": ("✓", "green"), "wrong": ("✗", "bold red"), "unknown": ("–", "dim")}
_PLAIN = str.maketrans({"✓": "+", "✗": "x", "–": "-", "→": ">"})
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at. ``advice`` says what to do about it. ``unknown`` stands in nobody's way."""

    name: str
    state: State
    told: str
    advice: str = ""
    refused: bool = False
    """It is the target that is wrong in this: nothing can be sent there."""


@dataclass(frozen=True, slots=True)
class Fitness:
    """All of it: what was asked about, and the looks at the target and at this machine."""

    scenario: str
    target: str
    looks: tuple[Look, ...]
    machine: tuple[Look, ...]

    @property
    def every(self) -> tuple[Look, ...]:
        """The looks in the order in which they are shown."""
        return (*self.looks, *self.machine)

    @property
    def wrong(self) -> tuple[Look, ...]:
        """What stands in the way of a run."""
        return tuple(look for look in self.every if look.state == "wrong")


def as_json(fitness: Fitness) -> str:
    """One document: ``fit``, and a check for each look, by state ok, wrong or unknown."""
    checks = [
        {"about": about, **{name: value for name, value in asdict(look).items() if name != "refused"}}
        for about, looks in (("target", fitness.looks), ("machine", fitness.machine))
        for look in looks
    ]
    document = {
        "format": 1,
        "scenario": fitness.scenario,
        "target": fitness.target,
        "fit": not fitness.wrong,
        "checks": checks,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def render(fitness: Fitness, console: Console) -> None:
    """Print the table, as wide as the terminal is."""
    width = min(max(console.width, 40), LOG_WIDTH) if console.is_terminal else LOG_WIDTH
    plain = not console.encoding.lower().replace("-", "").startswith("utf")
    for line in _lines(fitness, width):
        if plain:
            line.plain = line.plain.translate(_PLAIN)
        console.print(encodable(line, console), soft_wrap=True, highlight=False)


def _lines(fitness: Fitness, width: int) -> Iterator[Text]:
    column = max(len(look.name) for look in fitness.every)
    sections = ((f"Target {words.clean(fitness.target)}", fitness.looks), ("This machine", fitness.machine))
    for title, looks in sections:
        if not looks:
            continue
        yield Text(title, style="bold")
        for look in looks:
            yield from _row(look, column, width)
        yield Text()
    count = len(fitness.wrong)
    if count:
        yield Text(f"Not fit: {words.counted(count, 'thing')} to mend.", style="bold red")
    else:
        yield Text("Fit for the run." if fitness.scenario else "Nothing is wrong.", style="bold green")


def _row(look: Look, column: int, width: int) -> Iterator[Text]:
    mark, style = _MARKS[look.state]
    indent = column + 6
    told = textwrap.wrap(words.clean(look.told, LONGEST), max(width - indent, 20)) or [""]
    yield Text.assemble(
        "  ", (mark, style), f" {look.name:<{column}}  ", (told[0], "dim" if look.state == "unknown" else "")
    )
    for more in told[1:]:
        yield Text(" " * indent + more, style="dim" if look.state == "unknown" else "")
    for number, line in enumerate(textwrap.wrap(words.clean(look.advice, LONGEST), max(width - indent - 2, 20))):
        yield Text(" " * indent + ("→ " if number == 0 else "  ") + line, style="cyan")
