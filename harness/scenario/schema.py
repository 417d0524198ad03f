"""The language as JSON Schema (draft 2020-12), for editors. Made of the very shapes that read scenarios.

It knows shapes: which keys there are, and what may stand behind each. What a value means together with others
(shares over 100 %, a confirm before any add, a threshold of no step) is for ``harness check``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from harness.scenario.language import INCLUDE, SCENARIO_FIELDS
from harness.scenario.shapes import Schema, object_schema
from harness.scenario.steps import STEPS, StepShape
from harness.scenario.verbs import VERBS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_EXAMPLES: Mapping[str, str] = {
    "scenario": "[purchase]",
    "description": "[Guests look around; a third of them buy.]",
    "target": "[{region: eu, client_key: '${CDP_CLIENT_KEY}', point_of_sale: my-shop}, {url: sandbox, point_of_sale: my-shop}]",
    "defaults": "[{channel: WEB, language: EN, currency: GBP, page: home page}]",
    "guests": "[{locales: {en_GB: 80%, de_DE: 20%}, returning: 20%, seed: 1}, {from: people.csv, feed: unique}]",
    "catalog": "[[{item_id: EXACT_90, type: SHOES, name: Exact 90, price: 49.90}], {from: items.csv}]",
    "journeys": "[{purchase: {think: 1s..4s, steps: [browse, identify, {add: any}, confirm, checkout]}}]",
    "load": """
        [{users: 20, duration: 1m}, {stages: [{ramp: 20/s, over: 30s}, {hold: 5m}]},
        {smoke: {users: 1, iterations: 3}, full: {rate: 20/s, duration: 10m}}]""",
    "thresholds": "[[error_rate < 1%, checkout.p95 < 300ms, purchase.completed >= 99%, orders.missing == 0]]",
    "stop_when": "['error_rate > 50% for 10s', ['checkout.p95 > 5s for 30s', 'purchase.failed > 20% for 1m']]",
    "verify": "[{orders: all, wait: 60s}, {orders: sample 500, guests: sample 100, rate: 50/s}]",
    "include": "[shared.yaml, [shared.yaml, catalog.yaml]]",
    "parts": "[{pay: [confirm, {payment: Card}, checkout]}]",
}


def json_schema() -> Schema:
    """The schema of a scenario file. A file that is included need not be a scenario, and has none."""
    made = object_schema(SCENARIO_FIELDS)
    made["properties"] |= {
        "include": {**INCLUDE.schema(), "description": "Other files, whose parts, journeys, catalog … are taken in"},
        "parts": {
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/steps"},
            "description": "Lists of steps by their names, for steps_from",
        },
    }
    for name, examples in _EXAMPLES.items():
        made["properties"][name]["examples"] = yaml.safe_load(examples)
    step = StepShape().schema()
    for name, verb in VERBS.items():
        if verb.example:
            step["anyOf"][1]["properties"][name]["examples"] = [yaml.safe_load(verb.example)]
    # An included file may bring what is not here.
    needed = made.pop("required")
    own = [name for name in needed if name == "scenario"]
    conditional: dict[str, Any] = {"if": {"required": ["include"]}, "else": {"required": needed}}
    return {
        "$schema": DIALECT,
        "title": "Scenario",
        "description": "A load scenario: guests, what they do, how many come, and what has to hold.",
        **made,
        "required": own,
        **conditional,
        "$defs": {
            "steps": {**STEPS.schema(), "items": {"$ref": "#/$defs/step"}},
            "step": {**step, "description": "One step: a verb, with what stands behind and beside it."},
        },
    }
