"""The scenario's text, without the steps that the language does not take.

What is wrong with a visit as a whole stays as the file says it: ``harness check`` names it, and it may be what the
user is looking for.
"""

from __future__ import annotations

from typing import Any

from harness.importer.calls import Notes, UnreadableError
from harness.scenario.diagnostics import Diagnostic, ScenarioError, render
from harness.scenario.loader import examine
from harness.scenario.source import parse
from harness.scenario.yaml_writer import Written, write

MOST_ROUNDS = 5
OF_THE_VISIT = {"E302", "E303", "E304", "E305", "E310", "E311", "E313"}
"""Mistakes of a visit that the CDP takes and makes no order of: confirm, checkout and the like without what they need."""
_NEEDS_OTHERS = {*OF_THE_VISIT, "E307", "E318", "E219", "E204"}
"""Mistakes that a step makes only where it is alone."""


def fitting(document: dict[str, Any], notes: Notes) -> tuple[str, dict[str, Any], tuple[Diagnostic, ...]]:
    """The text, the journeys in it, and what is still found about it. Raises UnreadableError when no step is left."""
    for round_ in range(MOST_ROUNDS):
        if not document["journeys"]:
            raise UnreadableError("nothing is left to take over" + _why(notes))
        text, found = _examined(document)
        wrong = _wrong(found, OF_THE_VISIT)
        if not wrong:
            return text, document["journeys"], found
        if round_ == 0:
            document = {**document, "journeys": _each_by_itself(document, notes)}
        else:
            document = {**document, "journeys": _without_names(document, wrong)}
    raise UnreadableError(f"what came of it is no scenario: {render(wrong, {})[:2000]}")


def _examined(document: dict[str, Any]) -> tuple[str, tuple[Diagnostic, ...]]:
    """A document as text, with the thresholds that suit its steps, and what is found about it."""
    verbs = {
        step if isinstance(step, str) else next(iter(step))
        for each in document["journeys"].values()
        for step in each["steps"]
    }
    thresholds = ["error_rate < 1%", *(["orders.missing == 0"] if verbs & {"checkout", "order_checkout"} else [])]
    text = write({**document, "thresholds": [Written(each) for each in thresholds]})
    try:
        return text, examine(parse(text, "scenario.yaml")).warnings
    except ScenarioError as error:
        return text, error.diagnostics


def _wrong(found: tuple[Diagnostic, ...], allowed: set[str]) -> list[Diagnostic]:
    return [each for each in found if each.severity == "error" and each.code not in allowed]


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


def _is_right(document: dict[str, Any], step: Any, notes: Notes) -> bool:
    wrong = _wrong(_examined({**document, "journeys": {"alone": {"steps": [step]}}})[1], _NEEDS_OTHERS)
    if wrong:
        verb = step if isinstance(step, str) else next(iter(step))
        notes.add("steps that the language does not take", f"{verb}: {wrong[0].message[:100]}")
    return not wrong


def _without_names(document: dict[str, Any], wrong: list[Diagnostic]) -> dict[str, Any]:
    """What is wrong now is wrong between steps: the journeys of which the messages speak are left out."""
    kept = {
        name: journey
        for name, journey in document["journeys"].items()
        if not _wrong(_examined({**document, "journeys": {name: journey}})[1], OF_THE_VISIT)
    }
    if len(kept) == len(document["journeys"]):
        raise UnreadableError(f"what came of it is no scenario: {render(wrong, {})[:2000]}")
    return kept
