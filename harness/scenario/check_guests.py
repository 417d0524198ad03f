"""What a ``guest`` step gets wrong by itself: no token, codes, data extensions beyond the API's bounds."""

from __future__ import annotations

import re

from harness.cdp import guests_api
from harness.scenario import actions, model
from harness.scenario.check_codes import check_code
from harness.scenario.check_shop import place
from harness.scenario.diagnostics import Findings
from harness.scenario.source import key_at
from harness.scenario.values import JsonObject

_KEY = re.compile(r"[A-Za-z0-9]{1,100}")


def check_guest_call(step: actions.Step, action: actions.GuestCall, scenario: model.Scenario, to: Findings) -> None:
    """Note what is wrong with one call."""
    if scenario.target.api_token is None:
        label = "add target.api_token: ${CDP_API_TOKEN}"
        to.error("E328", step.span, "the Guest REST API takes the account's api_token, and the target has none", label)
    if action.operation == "extension":
        _extension(step, action.fields, to)
        return
    for name, value in action.fields.items:
        check_code(name, value, place(step, "guest", action.operation, name), to)


def _extension(step: actions.Step, fields: JsonObject, to: Findings) -> None:
    pairs = [(name, value) for name, value in fields.items if name != "name"]
    if len(pairs) > guests_api.LARGEST_EXTENSION:
        span = key_at(step.node, "guest", "extension") or step.span
        label = f"the CDP takes {guests_api.LARGEST_EXTENSION}: take some out"
        to.error("E320", span, f"a data extension of {len(pairs)} pairs", label)
    for name, value in pairs:
        span = key_at(step.node, "guest", "extension", name) or step.span
        if isinstance(value, JsonObject | tuple):
            to.error(
                "E320", span, f"'{name[:60]}' in a data extension is nested", "it is flat: write aB: 1 for a: {b: 1}"
            )
        elif not _KEY.fullmatch(name):
            to.error("E320", span, f"'{name[:60]}' is no key of a data extension", "letters and digits alone")
