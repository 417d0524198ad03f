"""docs/language.md: every YAML block is right, and every key of the language stands in one."""

from __future__ import annotations

import re

import pytest
import yaml

from harness.compiler import compile_scenario
from harness.scenario.language import SCENARIO_FIELDS
from harness.scenario.loader import loads
from harness.scenario.source import parse

from .corpus import CORPUS, ENVIRONMENT, GOOD
from .test_corpus_good import keys_of, wanted_keys

PAGE = CORPUS.parent.parent / "docs" / "language.md"
BLOCKS = [
    (PAGE.read_text("utf-8")[: match.start()].count("\n") + 2, match[1])
    for match in re.finditer(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
]
BASE = {
    "scenario": "scenario: shop\n",
    "target": "target: {url: sandbox, point_of_sale: grill}\n",
    "catalog": "catalog:\n  - {item_id: EXACT_90, type: SHOES, name: Exact 90, price: 49.90}\n",
    "journeys": "journeys:\n  visit:\n    steps:\n      - browse: home page\n",
    "load": "load: {users: 1, duration: 10s}\n",
}


def whole(block: str) -> str:
    """A whole scenario around a fragment: steps go into a journey, keys replace those of a small scenario."""
    if block.startswith("- "):
        block = "journeys:\n  visit:\n    steps:\n" + "".join(f"      {line}\n" for line in block.splitlines())
    given = list(yaml.safe_load(block))
    assert set(given) <= {*SCENARIO_FIELDS, "include", "parts"}
    kept = "".join(text for key, text in BASE.items() if key not in given)
    return block + kept


@pytest.mark.parametrize(("line", "block"), BLOCKS, ids=[f"line {line}" for line, _ in BLOCKS])
def test_an_example_is_right(line, block, monkeypatch):
    monkeypatch.chdir(GOOD)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CDP_CLIENT_KEY", raising=False)
    monkeypatch.delenv("CDP_API_TOKEN", raising=False)
    compile_scenario(loads(whole(block), f"{PAGE.name}, line {line}"))


def test_every_key_has_an_example():
    seen = set().union(*(keys_of(parse(whole(block), "block").root) for _, block in BLOCKS))
    assert wanted_keys() - seen == set()
