"""The JSON Schema of a step, for editors."""

from __future__ import annotations

from harness.scenario import actions
from harness.scenario.quantity_shapes import SHARE, TIMES
from harness.scenario.shapes import Schema, key_schema, object_schema
from harness.scenario.step_keys import FLOW_KEYS, STEP_KEYS
from harness.scenario.verbs import FLOW_VERBS, VERBS, Verb
from harness.scenario.vocabulary import extension_verbs


def step_schema() -> Schema:
    """A verb alone, or a mapping with one verb and the keys that may stand beside it.

    One object with all keys, and not one for each verb: so an editor can say which key is wrong.
    """
    steps: Schema = {"$ref": "#/$defs/steps"}
    words: dict[str, list[Verb]] = {name: [verb] for name, verb in VERBS.items()}
    for name, verb in extension_verbs():
        words.setdefault(name, []).append(verb)
    verbs = {**{name: _behind_any(each) for name, each in words.items()}, **_behind_flow(steps)}
    beside = {name: each.schema() for name, each in STEP_KEYS.items()}
    inner = {"steps": {**steps, "description": "The steps within"}, "else": {**steps, "description": "Else these"}}
    bare = [name for name, each in words.items() if any(verb.bare for verb in each)] + ["leave"]
    return {
        "anyOf": [
            {"enum": bare, "description": "A step that needs nothing else"},
            {
                "type": "object",
                "properties": {**verbs, **beside, **inner},
                "additionalProperties": False,
                "oneOf": [{"required": [name]} for name in verbs],
                "dependentSchemas": {
                    name: {"properties": {key: False for key in (*beside, *inner) if key not in _beside(name)}}
                    for name in verbs
                },
                "dependentRequired": {name: ["steps"] for name, keys in FLOW_KEYS.items() if "steps" in keys},
            },
        ]
    }


def _beside(verb: str) -> set[str]:
    """Keys that may stand beside a verb."""
    if verb in FLOW_KEYS:
        return set(FLOW_KEYS[verb])
    return set() if verb in VERBS and VERBS[verb].make is actions.Think else set(STEP_KEYS)


def _behind_any(verbs: list[Verb]) -> Schema:
    """What may stand behind a verb that several systems have."""
    forms = [_behind(each) for each in verbs]
    return forms[0] if len(forms) == 1 else {"anyOf": forms, "description": " Or: ".join(each.doc for each in verbs)}


def _behind(verb: Verb) -> Schema:
    """What may stand behind a verb."""
    if verb.shape is not None:
        return {**verb.shape.schema(), "description": verb.doc}
    forms: list[Schema] = [{"type": "null"}] if verb.bare else []
    if verb.main:
        forms.append(verb.fields[verb.main].schema())
    forms.append({"type": "object"} if verb.free else object_schema(verb.fields))
    return {"anyOf": forms, "description": verb.doc}


def _behind_flow(steps: Schema) -> dict[str, Schema]:
    way = {"type": "object", "propertyNames": key_schema(SHARE), "additionalProperties": steps}
    behind: dict[str, Schema] = {
        "repeat": TIMES.schema(),
        "when": {"type": ["string", "boolean", "number"]},
        "choose": {"type": "array", "items": {**way, "minProperties": 1, "maxProperties": 1}, "minItems": 1},
        "leave": {"anyOf": [{"type": "null"}, SHARE.schema()]},
        "steps_from": {"type": ["string", "number"]},
    }
    return {name: {**behind[name], "description": doc} for name, doc in FLOW_VERBS.items()}
