"""The schema takes what the loader takes, and refuses what has a wrong shape. Editors see YAML 1.2's types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from harness.scenario import ScenarioError
from harness.scenario.diagnostics import Diagnostic
from harness.scenario.loader import examine, loads
from harness.scenario.quantity_shapes import up_to
from harness.scenario.schema import json_schema
from harness.scenario.source import read
from harness.scenario.step_keys import STEP_KEYS
from harness.scenario.verbs import ALL_VERBS
from tests.conftest import ROOT
from tests.schema.yaml12 import load

SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
GOOD = sorted((ROOT / "tests/corpus/good").glob("*.yaml"))
BAD = sorted((ROOT / "tests/corpus/bad").glob("*.yaml"))
SHAPE_CODES = {"E201", "E206", "E208", "E209", "E210", "E213", "E214", "E215"}
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def wrong(text: str) -> list[str]:
    return [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in VALIDATOR.iter_errors(load(text))]


def test_it_is_a_schema():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in schema


def subschemas(schema: object, path: str = "") -> Iterator[tuple[str, dict]]:
    if isinstance(schema, dict):
        yield path, schema
        for key, inner in schema.items():
            if key not in ("examples", "enum", "const"):
                yield from subschemas(inner, f"{path}/{key}")
    elif isinstance(schema, list):
        for number, inner in enumerate(schema):
            yield from subschemas(inner, f"{path}/{number}")


def test_examples_are_right_by_their_own_schemas():
    schema = json_schema()
    seen = 0
    for path, each in subschemas(schema):
        for example in each.get("examples", ()):
            seen += 1
            rooted = {**each, "$defs": schema["$defs"]}
            assert not list(jsonschema.Draft202012Validator(rooted).iter_errors(example)), (path, example)
    assert seen > 20


def test_every_key_and_verb_is_described():
    schema = json_schema()
    properties = schema["properties"]
    step = schema["$defs"]["step"]["anyOf"][1]["properties"]
    assert {*ALL_VERBS, *STEP_KEYS, "steps", "else"} == set(step)
    for name, each in [*properties.items(), *step.items()]:
        assert each.get("description"), name


@pytest.mark.parametrize("path", [*SHIPPED, *GOOD], ids=lambda p: p.name)
def test_good_files_are_taken(path):
    assert wrong(path.read_text("utf-8")) == []


def mistakes(path: Path) -> tuple[Diagnostic, ...]:
    try:
        examine(read(path))
    except ScenarioError as error:
        return tuple(each for each in error.diagnostics if each.severity == "error")
    return ()


def is_number_by_its_spelling(found: Diagnostic, text: str) -> bool:
    """``007`` and ``1e3`` are refused for how they are written; an editor sees just a number."""
    lines = text.splitlines()
    if found.span is None or found.span.line > len(lines):
        return False
    written = re.match(r"[-+.\w]*", lines[found.span.line - 1][found.span.column - 1 :])[0]
    return not re.fullmatch("0|[1-9][0-9]*", written) and type(load(written or "x")) in (int, float)


def is_of_shape(path: Path) -> bool:
    """Whether all that is wrong is a shape in this very file, and one that an editor can see."""
    found, text = mistakes(path), path.read_text("utf-8", "replace")
    elsewhere = re.search(r"^include:|from:", text, re.M)
    return bool(
        found
        and {each.code for each in found} <= SHAPE_CODES
        and not elsewhere
        and not all(is_number_by_its_spelling(each, text) for each in found)
    )


@pytest.mark.parametrize("path", [path for path in BAD if is_of_shape(path)], ids=lambda p: p.name)
def test_bad_files_of_wrong_shape_are_refused(path):
    assert wrong(path.read_text("utf-8"))


BASE = """\
scenario: base
target: {region: eu, client_key: "${K:-sandbox}", point_of_sale: pos}
catalog:
  - {item_id: A, type: T, name: Name, price: 1.50}
guests: {locales: {en_GB: 80%, de_DE: 20%}, returning: 10%, seed: 3}
journeys:
  shop:
    weight: 2
    think: 1s..2s
    steps:
      - browse: home page
      - identify
      - add: {item: any, quantity: 1..3}
      - repeat: 1..2
        steps:
          - search: {product: shoes}
      - choose:
          - 60%: [{event: {type: WISHLIST, ext: {a: 1}}}]
          - 40%: [leave]
      - when: cart.total > 3
        steps: [confirm]
        else: [confirm]
      - checkout: {status: PURCHASED}
        expect: {status: 201, within: 500ms, header: {X-A: b}, json: {$.status: OK}}
        capture: {ref: $.ref}
load: {stages: [{ramp: 5/s, over: 10s}, {hold: 1m}]}
thresholds:
  - error_rate < 1%
"""
# What is replaced, and by what; the code that the loader gives.
MUTATIONS = [
    ("E201", "scenario: base", "scenario: [base]"),
    ("E201", "scenario: base", "scenario: a base"),
    ("E201", "price: 1.50", "price: cheap"),
    ("E201", "price: 1.50", "price: -1.50"),
    ("E201", "price: 1.50", "price: null"),
    ("E201", "weight: 2", "weight: heavy"),
    ("E201", "weight: 2", "weight: -2"),
    ("E201", "weight: 2", "weight: 1000001"),
    ("E201", "think: 1s..2s", "think: 1..2"),
    ("E201", "think: 1s..2s", "think: 5"),
    ("E201", "think: 1s..2s", "think: 169h"),
    ("E201", "think: 1s..2s", "think: {low: 1s}"),
    ("E201", "returning: 10%", "returning: 10"),
    ("E201", "returning: 10%", "returning: 101%"),
    ("E201", "seed: 3", "seed: -3"),
    ("E201", "seed: 3", "seed: 3.5"),
    ("E201", "seed: 3", "seed: many"),
    ("E201", "quantity: 1..3", "quantity: 0"),
    ("E201", "quantity: 1..3", "quantity: 0..3"),
    ("E201", "quantity: 1..3", "quantity: 1..10001"),
    ("E201", "browse: home page", "browse: [home page]"),
    ("E201", "- identify", "- identify: now"),
    ("E201", "repeat: 1..2", "repeat: some"),
    ("E201", "repeat: 1..2", "repeat:"),
    ("E201", "search: {product: shoes}", "search: shoes"),
    ("E201", "60%: [", "60: ["),
    ("E201", "60%: [{event: {type: WISHLIST, ext: {a: 1}}}]", "60%: leave"),
    ("E201", "ext: {a: 1}", "ext: [1]"),
    ("E201", "type: WISHLIST", "type: wishlist"),
    ("E201", "status: 201", "status: 99"),
    ("E201", "status: 201", "status: 7xx"),
    ("E201", "within: 500ms", "within: 500"),
    ("E201", "X-A: b", "X A: b"),
    ("E201", "{$.status: OK}", "{status: OK}"),
    ("E201", "{ref: $.ref}", "{ref: 5}"),
    ("E201", "{ref: $.ref}", "{ref: {xpath: /a}}"),
    ("E201", "{ramp: 5/s, over: 10s}", "{ramp: 5/s, over: 0s}"),
    ("E201", "{ramp: 5/s, over: 10s}", "{ramp: fast, over: 10s}"),
    ("E201", "{hold: 1m}", "{hold: 1 minute}"),
    ("E201", "thresholds:\n  - error_rate < 1%", "thresholds: error_rate < 1%"),
    ("E201", "thresholds:\n  - error_rate < 1%", "thresholds:\n  - few errors"),
    ("E201", "  shop:\n", "  shop here:\n"),
    ("E206", "region: eu", "region: mars"),
    ("E206", "en_GB: 80%", "en_XX: 80%"),
    ("E206", "status: PURCHASED", "status: BOUGHT"),
    ("E208", "catalog:\n  - {item_id: A, type: T, name: Name, price: 1.50}", "catalog: []"),
    ("E208", "- search: {product: shoes}", "[]"),
    ("E208", "steps: [confirm]", "steps: []"),
    ("E209", "point_of_sale: pos", "point_of_sale: pos, colour: red"),
    ("E209", "weight: 2", "wieght: 2"),
    ("E209", "within: 500ms", "winthin: 500ms"),
    ("E209", "quantity: 1..3", "quantty: 1..3"),
    ("E209", "{hold: 1m}", "{hold: 1m, over: 1m}"),
    ("E209", "        capture: {ref", "        kapture: {ref"),
    ("E210", "scenario: base\n", ""),
    ("E210", ", point_of_sale: pos", ""),
    ("E210", 'client_key: "${K:-sandbox}", ', ""),
    ("E210", "item_id: A, ", ""),
    ("E210", "        steps:\n          - search: {product: shoes}\n", ""),
    ("E210", "type: WISHLIST, ", ""),
    ("E210", "load: {stages: [{ramp: 5/s, over: 10s}, {hold: 1m}]}\n", ""),
    ("E213", "- identify", "- identfy"),
    ("E213", "checkout: {status", "chekout: {status"),
    ("E213", "[leave]", "[go]"),
    ("E214", "- browse: home page", "- browse: home page\n        search: {a: b}"),
    ("E215", "- repeat: 1..2", "- repeat: 1..2\n        expect: {status: 200}"),
    ("E215", "- browse: home page", "- browse: home page\n        steps: [identify]"),
    ("E215", "- browse: home page", "- think: 1s\n        name: pause"),
]


def test_the_base_of_the_mutations_is_right():
    loads(BASE)
    assert wrong(BASE) == []


@pytest.mark.parametrize(("code", "old", "new"), MUTATIONS)
def test_wrong_shapes_are_refused(code, old, new):
    assert BASE.count(old) == 1, "the mutation hits one place"
    text = BASE.replace(old, new)
    with pytest.raises(ScenarioError) as raised:
        loads(text)
    assert code in {each.code for each in raised.value.diagnostics}
    assert wrong(text)


def test_more_good_shapes():
    for old, new in [
        ("scenario: base", 'scenario: "7"'),
        ("price: 1.50", "price: '1.50'"),
        ("weight: 2", "weight: ${W:-3}"),
        ("quantity: 1..3", "quantity: 2"),
        ("- identify", "- identify:"),
        ("status: 201", "status: [2xx, 404]"),
        ("load: {stages: [{ramp: 5/s, over: 10s}, {hold: 1m}]}", "load: {a: {users: 2}, b: {rate: 2/s, duration: 5s}}"),
        ("{ref: $.ref}", "{ref: {regex: 'a(.)'}}"),
        ("locales: {en_GB: 80%, de_DE: 20%}", "locales: de_DE"),
        ('region: eu, client_key: "${K:-sandbox}"', "url: sandbox"),
    ]:
        text = BASE.replace(old, new)
        assert text != BASE
        loads(text)
        assert wrong(text) == [], new


@pytest.mark.parametrize("most", [1, 7, 100, 168, 10_000, 604_800, 1_000_000])
def test_numbers_up_to_a_bound(most):
    for number in {0, 1, most // 10, most - 1, most, most + 1, most * 2, most * 10, most * 10 - 1}:
        for whole in (True, False):
            assert bool(re.fullmatch(up_to(most, whole=whole), str(number))) == (number <= most), (number, whole)
        assert bool(re.fullmatch(up_to(most), f"{number}.5")) == (number < most)


def test_the_shipped_schema_is_the_language(harness, tmp_path):
    shipped = (ROOT / "scenarios/harness.schema.json").read_text("utf-8")
    done = harness("schema")
    assert done.returncode == 0, done.stderr
    assert done.stdout == shipped, "run: harness schema --output scenarios/harness.schema.json"
    done = harness("schema", "--output", "here.json")
    assert (tmp_path / "here.json").read_text("utf-8") == shipped
    assert json.loads(shipped)["title"] == "Scenario"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_shipped_scenarios_name_the_schema(path):
    first = path.read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=harness.schema.json"


def test_a_place_that_cannot_be_written(harness, tmp_path):
    done = harness("schema", "--output", tmp_path / "nowhere/here.json")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_problem_matcher_of_the_docs_reads_what_check_prints(harness, tmp_path):
    (settings,) = re.findall(r"^```json\n(\{\n.*?)^```", (ROOT / "docs/editors.md").read_text("utf-8"), re.M | re.S)
    pattern = json.loads(settings)["tasks"][0]["problemMatcher"]["pattern"]
    (tmp_path / "wrong.yaml").write_text(BASE.replace("- identify", "- identfy"))
    lines = harness("check", "wrong.yaml").stderr.splitlines()
    (match,) = filter(None, (re.match(pattern["regexp"], line) for line in lines))
    got = [match[pattern[key]] for key in ("file", "line", "severity", "message", "code")]
    assert got == ["wrong.yaml", "12", "error", "unknown step 'identfy'", "E213"]
