"""What a scenario that is well written may still get wrong: meaning, with the whole of it at hand."""

from __future__ import annotations

from harness.scenario import model
from harness.scenario.diagnostics import Findings, suggest


def check(scenario: model.Scenario, to: Findings) -> None:
    """Note every mistake of meaning."""
    _target(scenario.target, to)
    for journey in scenario.journeys:
        _journey(journey, scenario, to)
    _thresholds(scenario, to)
    ids = [item.item_id for item in scenario.catalog]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        to.error("E306", None, f"two items of the catalog have the item_id '{repeated}'", "ids are unique")


def _target(target: model.Target, to: Findings) -> None:
    if not target.url:
        to.error(
            "E301",
            target.span,
            "the target has neither a url nor a region",
            "url: https://…, url: sandbox, or region: eu",
        )


def _journey(journey: model.Journey, scenario: model.Scenario, to: Findings) -> None:
    added: list[str] = []
    confirmed = False
    catalog = [item.item_id for item in scenario.catalog]
    for step in journey.steps:
        match step.action:
            case model.Add(item=item):
                if not catalog:
                    to.error("E302", step.span, "there is no catalog to add from", "add 'catalog:' with items")
                elif item != model.ANY and item not in catalog:
                    to.error("E303", step.span, f"'{item}' is not in the catalog", suggest(item, catalog))
                added.append(item)
            case model.Confirm():
                if not added:
                    to.error("E304", step.span, "confirm before anything was added", "put an 'add' step before it")
                confirmed = True
            case model.Checkout(reference_id=number):
                if not confirmed:
                    to.error(
                        "E305",
                        step.span,
                        "checkout before confirm",
                        "put a 'confirm' step before it: without it no order comes to be",
                    )
                if number is not None and (scenario.load.users > 1 or scenario.load.iterations != 1):
                    label = "leave reference_id out: every order then gets a number of its own"
                    to.error("E307", step.span, f"the order number {number} would be used again and again", label)
                added, confirmed = [], False


def _thresholds(scenario: model.Scenario, to: Findings) -> None:
    journeys = {journey.name: journey for journey in scenario.journeys}
    for threshold in scenario.thresholds:
        if threshold.journey is not None and threshold.journey not in journeys:
            to.error("E308", threshold.span, f"no journey '{threshold.journey}'", suggest(threshold.journey, journeys))
            continue
        if threshold.step is None:
            continue
        among = [journeys[threshold.journey]] if threshold.journey else list(journeys.values())
        names = [name for journey in among for name in timed_steps(journey)]
        if threshold.step not in names:
            to.error(
                "E309", threshold.span, f"no step '{threshold.step}'", suggest(threshold.step, dict.fromkeys(names))
            )


BROWSER_ID = "browser id"
"""The step in front of every journey that speaks for a browser."""


def timed_steps(journey: model.Journey) -> list[str]:
    """The names of a journey's steps that send a request, in order."""
    return [BROWSER_ID, *(s.name for s in journey.steps if not isinstance(s.action, model.Think))]
