"""Scenarios that are right: each loads without a warning, prints to an equal one, and makes exactly this plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.compiler import compile_scenario
from harness.scenario.language import DEFAULTS, GUESTS_FIELDS, ITEM, JOURNEY_FIELDS, SCENARIO_FIELDS
from harness.scenario.loader import loads
from harness.scenario.loads import LOAD_FIELDS
from harness.scenario.printer import to_yaml
from harness.scenario.source import Mapping, Node, Sequence, read
from harness.scenario.step_keys import STEP_KEYS
from harness.scenario.targets import TARGET_FIELDS
from harness.scenario.verbs import ALL_VERBS, VERBS

from .corpus import ENVIRONMENT, GOOD, compare, examined, names, told
from .plan_dump import dump


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    monkeypatch.chdir(GOOD)
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", names(GOOD))
def test_what_is_right_makes_this_plan(name):
    path = Path(f"{name}.yaml")
    loaded = examined(path)
    assert [told(each, path.name) for each in loaded.warnings] == []
    compare(GOOD / f"{name}.plan", dump(compile_scenario(loaded.scenario)))


@pytest.mark.parametrize("name", names(GOOD))
def test_what_is_printed_loads_equal(name):
    scenario = examined(Path(f"{name}.yaml")).scenario
    printed = to_yaml(scenario)
    assert loads(printed, "printed.yaml") == scenario, printed


def test_there_are_many_and_none_is_left_behind():
    assert len(names(GOOD)) >= 40
    assert sorted(path.stem for path in GOOD.glob("*.plan")) == names(GOOD)


def keys_of(node: Node) -> set[str]:
    if isinstance(node, Mapping):
        return {key.text for key, _ in node.items}.union(*(keys_of(value) for _, value in node.items))
    if isinstance(node, Sequence):
        return set().union(*(keys_of(item) for item in node.items))
    return {node.text}


def wanted_keys() -> set[str]:
    """Every verb and every key of the language."""
    wanted = {*ALL_VERBS, *STEP_KEYS, *SCENARIO_FIELDS, *TARGET_FIELDS, *GUESTS_FIELDS, *JOURNEY_FIELDS, *LOAD_FIELDS}
    wanted |= {*DEFAULTS.fields, *ITEM.fields, "include", "parts", "from", "feed", "wrap", "steps", "else"}
    wanted |= {"ramp", "step", "spike", "hold", "over", "status", "within", "header", "json", "body", "regex"}
    return wanted | {key for verb in VERBS.values() for key in verb.fields}


def test_every_verb_and_every_key_occurs():
    seen: set[str] = set()
    for path in [*GOOD.glob("*.yaml"), *GOOD.glob("beside/*.yaml")]:
        seen |= keys_of(read(path).root)
    assert wanted_keys() - seen == set()
