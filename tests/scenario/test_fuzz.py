"""Good files, damaged: whatever comes of it is refused in words, or loads, compiles, and prints to an equal scenario.

FUZZ_EXAMPLES says how many damaged files are tried (500; ``make fuzz``: 10,000).
"""

from __future__ import annotations

import os
from copy import deepcopy
from dataclasses import dataclass, replace

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.compiler import compile_scenario
from harness.scenario import ScenarioError
from harness.scenario.language import SCENARIO_FIELDS
from harness.scenario.loader import examine
from harness.scenario.loads import LOAD_FIELDS
from harness.scenario.model import Scenario
from harness.scenario.printer import to_yaml
from harness.scenario.source import parse
from harness.scenario.values import Secret
from harness.scenario.verbs import ALL_VERBS

from .corpus import BAD, ENVIRONMENT, GOOD, UPDATE

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "500"))
TEXTS = [path.read_text("utf-8-sig") for path in sorted(GOOD.glob("*.yaml")) if path.stat().st_size < 4000]
SPICES = [
    *": - [ ] { } , # & * ! | > ' \" % @ ` \t ? ~ $ ${ } ${} $${ .. / \\ \u2028 \x85 é 👟".split(" "),  # noqa: SIM905
    "\n", "\r", " ", "  ", "- ", ": ", "NO", "12:30:00", "0777", "null", "true", "1e9", "-1", "0", "100%", "0%", "0s",
    "any", "${guest.email}", "${x}", "<<", "&a ", "*a", "!!str ", "---\n", "steps:", "steps_from: visit", "include: .",
    "999999999999999999999", "$.a[0]", "${none}", "${'$'}", "include: shortest.yaml\n",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    monkeypatch.chdir(GOOD)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def holds(text: str) -> bool:
    """Whether the text is right. Never fails in any way but the one that is allowed."""
    try:
        loaded = examine(parse(text, "damaged.yaml"))
    except ScenarioError as error:
        assert error.diagnostics
        assert str(error)
        for found in error.diagnostics:
            assert found.message
            assert found.span is None or (found.span.line >= 1 and found.span.column >= 1)
        return False
    scenario = loaded.scenario
    compile_scenario(scenario)
    printed = to_yaml(scenario)
    try:
        again = examine(parse(printed, "printed.yaml")).scenario
    except ScenarioError as error:
        raise AssertionError(f"{error}\n--- of\n{text}\n--- printed\n{printed}") from None
    assert again == masked(scenario), printed
    return True


def masked(scenario: Scenario) -> Scenario:
    """The scenario as it is printed: keys that stand in the file are not."""
    target = scenario.target

    def mask(secret: Secret | None) -> Secret | None:
        return Secret("***") if secret is not None and secret.written == "***" else secret

    shown = replace(target, client_key=mask(target.client_key), api_token=mask(target.api_token))
    return replace(scenario, target=shown)


@st.composite
def damaged_texts(draw):
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(
            st.sampled_from(["delete", "double", "insert", "swap", "indent", "line-delete", "line-double", "line-swap"])
        )
        if kind.startswith(("line", "indent")):
            lines = text.split("\n")
            one, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
            if kind == "line-delete":
                del lines[one]
            elif kind == "line-double":
                lines.insert(other, lines[one])
            elif kind == "line-swap":
                lines[one], lines[other] = lines[other], lines[one]
            else:
                step = draw(st.integers(-4, 4))
                lines[one] = " " * step + lines[one] if step > 0 else lines[one][-step:]
            text = "\n".join(lines)
            continue
        start = draw(st.integers(0, max(len(text) - 1, 0)))
        end = min(start + draw(st.integers(1, 6)), len(text))
        if kind == "delete":
            text = text[:start] + text[end:]
        elif kind == "double":
            text = text[:end] + text[start:]
        elif kind == "insert":
            text = text[:start] + draw(st.sampled_from(SPICES)) + text[start:]
        else:
            text = text[:start] + text[start:end][::-1] + text[end:]
    return text


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(damaged_texts())
def test_damaged_texts(text):
    holds(text)


# The same at the level of the tree: what is left is always YAML.


@dataclass
class Leaf:
    text: str
    style: str | None = None


@dataclass
class Listed:
    children: list


@dataclass
class Mapped:
    children: list  # of Pair


@dataclass
class Pair:
    key: Leaf
    value: object


def _tree(node):
    if isinstance(node, yaml.MappingNode):
        return Mapped([Pair(_tree(key), _tree(value)) for key, value in node.value])
    if isinstance(node, yaml.SequenceNode):
        return Listed([_tree(item) for item in node.value])
    return Leaf(node.value, node.style)


TREES = [_tree(yaml.compose(text, Loader=yaml.SafeLoader)) for text in TEXTS]


def _holders(tree):
    """Everything that has children."""
    if isinstance(tree, Mapped | Listed):
        yield tree
        for child in tree.children:
            yield from _holders(child.value if isinstance(child, Pair) else child)


def _node(tree):
    if isinstance(tree, Mapped):
        return yaml.MappingNode("tag:yaml.org,2002:map", [(_node(p.key), _node(p.value)) for p in tree.children])
    if isinstance(tree, Listed):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(item) for item in tree.children])
    return yaml.ScalarNode("tag:yaml.org,2002:str", tree.text, style=tree.style or ('"' if not tree.text else None))


def _dump(tree) -> str:
    text = yaml.serialize(_node(tree), Dumper=yaml.SafeDumper, allow_unicode=True, width=10**9)
    return text.replace("!!str ", "").replace("!!str\n", "\n")


WORDS = [
    "", "0", "1", "-1", "any", "NO", "100%", "0%", "5s", "1s..4s", "4s..1s", "20/s", "visit", "browse", "$.a",
    "${guest.email}", "x" * 1200,
]  # fmt: skip
KEYS = [*ALL_VERBS, *SCENARIO_FIELDS, *LOAD_FIELDS, "steps", "else", "set", "expect", "capture", "name", "parts"]


@st.composite
def damaged_trees(draw):
    tree = deepcopy(draw(st.sampled_from(TREES)))
    for _ in range(draw(st.integers(1, 4))):
        holders = [each for each in _holders(tree) if each.children]
        if not holders:
            break
        children = draw(st.sampled_from(holders)).children
        place, other = draw(st.integers(0, len(children) - 1)), draw(st.integers(0, len(children) - 1))
        kind = draw(st.sampled_from(["drop", "double", "swap", "replace", "word", "key"]))
        child = children[place]
        if kind == "drop":
            del children[place]
        elif kind == "double":
            children.insert(other, deepcopy(child))
        elif kind == "swap":
            children[place], children[other] = children[other], children[place]
        elif kind == "key" and isinstance(child, Pair):
            child.key = Leaf(draw(st.sampled_from(WORDS + KEYS)))
        else:
            new = Leaf(draw(st.sampled_from(WORDS)))
            if kind == "replace":
                taken = draw(st.sampled_from(draw(st.sampled_from(holders)).children or [new]))
                new = deepcopy(taken.value if isinstance(taken, Pair) else taken)
            if isinstance(child, Pair):
                child.value = new
            else:
                children[place] = new
    return tree


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(damaged_trees())
def test_damaged_trees(tree):
    holds(_dump(tree))


def test_the_trees_are_right_before_they_are_damaged():
    right = sum(holds(_dump(tree)) for tree in TREES)
    assert right > 0.8 * len(TREES)


@pytest.mark.skipif(UPDATE, reason="the corpus is being written")
@pytest.mark.parametrize(
    "path", sorted(p for p in BAD.glob("*.yaml") if p.stem != "parts-too-many"), ids=lambda path: path.stem
)
def test_wrong_files_with_a_line_less(path):
    """Each line of a wrong file taken out: still nothing but words."""
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    for number in range(min(len(lines), 40)):
        holds("\n".join(lines[:number] + lines[number + 1 :]))
