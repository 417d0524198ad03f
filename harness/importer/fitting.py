"""The scenario's text, without the steps that the language does not take: what comes out passes ``harness check``."""

from __future__ import annotations

from typing import Any

from harness.importer.calls import Notes, UnreadableError
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.loader import loads
from harness.scenario.yaml_writer import write

MOST_ROUNDS = 5


def fitting(document: dict[str, Any], notes: Notes) -> tuple[str, dict[str, Any]]:
    """The text, and the journeys in it. Raises UnreadableError when no step is left."""
    for round_ in range(MOST_ROUNDS):
        if not document["journeys"]:
            raise UnreadableError("nothing is left to take over" + _why(notes))
        text = write(document)
        try:
            loads(text)
        except ScenarioError as error:
            wrong = str(error)
            if round_ == 0:
                document = {**document, "journeys": _each_by_itself(document, notes)}
            else:
                document = {**document, "journeys": _without_names(document, error)}
            continue
        return text, document["journeys"]
    raise UnreadableError(f"what came of it is no scenario: {wrong[:2000]}")


def _why(notes: Notes) -> str:
    found = "; ".join(f"{kind}: {examples[0]}" for kind, examples in list(notes.found.items())[:5] if examples)
    return f": {found}" if found else ""


def _each_by_itself(document: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """The journeys with those steps that are right by themselves."""
    kept: dict[str, Any] = {}
    for name, journey in document["journeys"].items():
        steps = [step for step in journey["steps"] if _is_right(document, step, notes)]
        if any(isinstance(step, str) or "think" not in step for step in steps):
            kept[name] = {**journey, "steps": steps}
    return kept


_NEEDS_OTHERS = {"E304", "E305", "E307", "E310", "E311", "E313", "E318", "E219", "E204"}
"""Mistakes that a step makes only where it is alone."""


def _is_right(document: dict[str, Any], step: Any, notes: Notes) -> bool:
    alone = {**document, "journeys": {"alone": {"steps": [step]}}}
    try:
        loads(write(alone))
    except ScenarioError as error:
        wrong = [each for each in error.diagnostics if each.severity == "error" and each.code not in _NEEDS_OTHERS]
        if wrong:
            verb = step if isinstance(step, str) else next(iter(step))
            notes.add("steps that the language does not take", f"{verb}: {wrong[0].message[:100]}")
        return not wrong
    return True


def _without_names(document: dict[str, Any], error: ScenarioError) -> dict[str, Any]:
    """What is wrong now is wrong between steps: the journeys of which the messages speak are left out."""
    kept: dict[str, Any] = {}
    for name, journey in document["journeys"].items():
        try:
            loads(write({**document, "journeys": {name: journey}}))
        except ScenarioError:
            continue
        kept[name] = journey
    if len(kept) == len(document["journeys"]):
        raise UnreadableError(f"what came of it is no scenario: {str(error)[:2000]}")
    return kept
