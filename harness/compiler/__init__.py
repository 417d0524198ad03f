"""From what the author means to what is sent: ``compile_scenario(scenario) -> Plan``."""

from harness.compiler.compile import compile_scenario
from harness.compiler.plan import Plan

__all__ = ["Plan", "compile_scenario"]
