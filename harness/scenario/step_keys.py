"""The keys that may stand beside a verb in a step."""

from __future__ import annotations

from collections.abc import Mapping

from harness.scenario.json_values import ObjectShape
from harness.scenario.replies import EXPECT, CaptureShape
from harness.scenario.shapes import Field
from harness.scenario.texts import Text

NAME = Text("a name of letters, digits, spaces, - and _", r"\w[\w ()-]{0,79}")
STEP_KEYS: Mapping[str, Field] = {
    "name": Field(NAME, doc="The step's name in reports and thresholds; else its verb"),
    "expect": Field(EXPECT, doc="What the reply must be like"),
    "capture": Field(CaptureShape(), doc="Values of the reply to keep, for ${name} and when"),
    "set": Field(ObjectShape(), doc="Attributes beyond the defaults"),
}
"""Keys that may stand beside a verb that sends something."""
FLOW_KEYS: Mapping[str, tuple[str, ...]] = {
    "repeat": ("steps",),
    "when": ("steps", "else"),
    "choose": (),
    "leave": (),
    "steps_from": (),
}
"""Keys that may stand beside a verb that only steers the guest."""
BESIDE_VERBS = (*STEP_KEYS, "steps", "else")
"""What stands beside a verb, and can be none."""
