"""What the author of a scenario means: YAML read with positions, checked, and kept as a frozen model.

``load(path) -> Scenario`` is the only way in; every mistake is a ``Diagnostic`` with its place.
"""

from harness.scenario.diagnostics import Diagnostic, ScenarioError
from harness.scenario.loader import load
from harness.scenario.model import Scenario

__all__ = ["Diagnostic", "Scenario", "ScenarioError", "load"]
