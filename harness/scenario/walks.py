"""Steps and the steps within them: walking through all, and giving each a name of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.scenario import actions


def inner_steps(action: actions.Action) -> tuple[tuple[actions.Step, ...], ...]:
    """The lists of steps within an action."""
    match action:
        case actions.Repeat(steps=steps):
            return (steps,)
        case actions.Choose(ways=ways):
            return tuple(steps for _, steps in ways)
        case actions.When(steps=steps, otherwise=otherwise):
            return (steps, otherwise)
    return ()


def with_inner_steps(action: actions.Action, lists: tuple[tuple[actions.Step, ...], ...]) -> actions.Action:
    """The action with other lists of steps in it."""
    match action:
        case actions.Repeat():
            return replace(action, steps=lists[0])
        case actions.Choose(ways=ways):
            return replace(action, ways=tuple((share, new) for (share, _), new in zip(ways, lists, strict=True)))
        case actions.When():
            return replace(action, steps=lists[0], otherwise=lists[1])
    return action


BROWSER_ID = "browser id"
"""The step in front of every journey that speaks for a browser."""


def all_steps(steps: tuple[actions.Step, ...]) -> Iterator[actions.Step]:
    """Every step, those within others after them, in the order of the file."""
    for step in steps:
        yield step
        for each in inner_steps(step.action):
            yield from all_steps(each)


def needs_browser(journey: actions.Journey) -> bool:
    """Whether some step of the journey speaks for a browser."""
    silent = (*actions.FLOW, actions.HttpRequest, actions.GuestCall)
    return any(not isinstance(s.action, silent) for s in all_steps(journey.steps))


def timed_steps(journey: actions.Journey) -> list[str]:
    """The names of a journey's steps that send a request, in order."""
    first = [BROWSER_ID] if needs_browser(journey) else []
    return [*first, *(s.name for s in all_steps(journey.steps) if not isinstance(s.action, actions.FLOW))]


class Namer:
    """Gives the steps of a journey names of their own: of two alike the second is ``browse 2``."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._next: dict[str, int] = {}

    def name_all(self, steps: tuple[actions.Step, ...]) -> tuple[actions.Step, ...]:
        """The steps, and those within them, named in the order of the file."""
        return tuple(self._name(step) for step in steps)

    def _name(self, step: actions.Step) -> actions.Step:
        if isinstance(step.action, actions.FLOW):
            lists = tuple(self.name_all(each) for each in inner_steps(step.action))
            return replace(step, name="", action=with_inner_steps(step.action, lists))
        name = step.name
        number = self._next.get(name, 2)
        while name in self._used:
            name = f"{step.name} {number}"
            number += 1
        self._next[step.name] = number
        self._used.add(name)
        return replace(step, name=name)
