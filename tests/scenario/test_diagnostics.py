"""Wrong scenarios: each mistake has its code, its place, and a way out."""

from __future__ import annotations

import pytest

from harness.scenario import ScenarioError
from harness.scenario.loader import loads

GOOD = """\
scenario: shop
target:
  url: http://127.0.0.1
  client_key: sandbox
  point_of_sale: grill
catalog:
  - {item_id: A1, type: SHOES, name: A shoe, price: 10.00}
journeys:
  purchase:
    think: 1s..4s
    steps:
      - browse: home page
      - identify
      - add: {item: any, quantity: 1..3}
      - confirm
      - checkout: {status: PURCHASED}
        expect: {status: 201, within: 500ms}
load: {users: 20, duration: 15s}
thresholds:
  - error_rate < 1%
  - checkout.p95 < 300ms
"""

# (what to replace, with what, code, line, column, a part of the message, a part of the label)
MISTAKES = [
    ("      - checkout:", "      - chekout:", "E213", 16, 9, "unknown step 'chekout'", "did you mean 'checkout'?"),
    ("target:", "targt:", "E209", 2, 1, "unknown key 'targt'", "did you mean 'target'?"),
    ("scenario: shop\n", "", "E210", 1, 1, "the scenario has no 'scenario'", "begin with"),
    ("  client_key: sandbox\n", "", "E210", 3, 3, "target has no 'client_key'", "${CDP_CLIENT_KEY}"),
    ("  url: http://127.0.0.1\n", "  url: ftp://x\n", "E201", 3, 8, "'ftp://x' where a base URL", ""),
    ("  url: http://127.0.0.1\n", "", "E301", 3, 3, "neither a url nor a region", "region: eu"),
    ("grill", "NO", "E202", 5, 18, "YAML reads NO as true or false", 'write "NO" in quotes'),
    ("grill", "12:30:00", "E202", 5, 18, "to the base of 60", "in quotes"),
    ("grill", "0777", "E202", 5, 18, "octal", "in quotes"),
    ("grill", "1_000", "E202", 5, 18, "without the underscores", "in quotes"),
    ("grill", "", "E201", 5, 17, "nothing where the name of a point of sale belongs", "behind the key"),
    ("users: 20", "users: -5", "E201", 18, 15, "'-5' where a whole number from 1", ""),
    ("users: 20", "users: 1.5", "E201", 18, 15, "'1.5' where a whole number", ""),
    ("users: 20", "users: 007", "E201", 18, 15, "'007' where a whole number", ""),
    ("duration: 15s", "duration: 15", "E201", 18, 29, "'15' where a duration such as", ""),
    ("duration: 15s", "duration: 8000h", "E201", 18, 29, "7 days at most", ""),
    ("duration: 15s", "stages: []", "E209", 18, 19, "unknown key 'stages' in load", ""),
    ("1s..4s", "4s..1s", "E207", 10, 12, "runs backwards", "write 1s..4s"),
    ("1s..4s", "fast", "E201", 10, 12, "'fast' where a duration", ""),
    ("quantity: 1..3", "quantity: 0", "E201", 14, 36, "'0' where a number or a range", ""),
    ("item: any", "item: A2", "E303", 14, 9, "'A2' is not in the catalog", "A1"),
    ("status: 201,", "status: 99,", "E201", 17, 26, "'99' where a whole number from 100 to 599", ""),
    ("expect:", "expcet:", "E209", 17, 9, "unknown key 'expcet' in a step", "did you mean 'expect'?"),
    ("PURCHASED", "PURCHASD", "E206", 16, 28, "unknown status 'PURCHASD'", "'PURCHASED'"),
    ("      - identify", "      - identify: {a: b}", "E209", 13, 20, "unknown key 'a' in 'identify'", ""),
    ("      - identify", "      - identify: now", "E201", 13, 19, "does not take a value", "write just '- identify'"),
    ("      - identify", "      - browse: [a]", "E201", 13, 17, "does not take a list", "browse: home page"),
    ("      - identify", "      - think", "E201", 13, 9, "'think' needs a value", "think: 1s..4s"),
    ("      - identify", "      - {think: 1s, name: x}", "E215", 13, 10, "sends nothing", "remove it"),
    ("      - identify", "      - {browse: a, add: b}", "E214", 13, 21, "a second verb 'add'", "new step"),
    ("      - identify", "      - []", "E201", 13, 9, "a list where a step", "verbs: browse"),
    ("      - identify", "      - {name: x}", "E201", 13, 9, "a mapping where a step", "name the verb"),
    ("      - identify", "      -", "E201", 13, 8, "nothing where a step", "verbs: browse"),
    ("      - confirm\n", "", "E305", 15, 9, "checkout before confirm", "put a 'confirm' step"),
    ("      - add: {item: any, quantity: 1..3}\n", "", "E304", 14, 9, "confirm before anything was added", "'add'"),
    ("{status: PURCHASED}", "{reference_id: ORDER_1}", "E307", 16, 9, "used again and again", "leave reference_id out"),
    ("{status: PURCHASED}", "{reference_id: order_1}", "E201", 16, 34, "an order number of upper-case", ""),
    ("price: 10.00", "price: 10.123456", "E201", 7, 53, "an amount such as 49.90", ""),
    ("price: 10.00", "price: -1", "E201", 7, 53, "'-1' where an amount", ""),
    ("catalog:", "catalogue:", "E209", 6, 1, "unknown key 'catalogue'", "did you mean 'catalog'?"),
    ("error_rate < 1%", "error_rate < 1ms", "E212", 20, 5, "'error_rate' with the unit ms", "measured in %"),
    ("error_rate < 1%", "errors < 1%", "E211", 20, 5, "unknown metric 'errors'", "did you mean 'error_rate'?"),
    ("error_rate < 1%", "error_rate ! 1%", "E201", 20, 5, "where a threshold such as", "< <= >"),
    ("error_rate < 1%", "error_rate < 101%", "E212", 20, 5, "a share of 101%", "end at 100%"),
    ("checkout.p95", "chekout.p95", "E309", 21, 5, "no step 'chekout'", "did you mean 'checkout'?"),
    ("checkout.p95", "buy/checkout.p95", "E308", 21, 5, "no journey 'buy'", "purchase"),
    ("checkout.p95 < 300ms", "checkout.p95 < 300", "E212", 21, 5, "with no unit", "ms or s"),
    ("catalog:\n", "guests: {locales: {en_GB: 80%, de_DE: 10%}}\ncatalog:\n", "E216", 6, 19, "make 90%", "100%"),
    (
        "catalog:\n",
        "guests: {locales: en_UK}\ncatalog:\n",
        "E206",
        6,
        19,
        "unknown locale 'en_UK'",
        "did you mean 'en_US'?",
    ),
    ("catalog:\n", "guests: {returning: 120%}\ncatalog:\n", "E201", 6, 21, "a share such as 25%", ""),
    ("catalog:\n", "defaults: {language: en}\ncatalog:\n", "E201", 6, 22, "two upper-case letters", ""),
    ("catalog:\n", "scenario: again\ncatalog:\n", "E105", 6, 1, "duplicate key 'scenario'", "line 1"),
    ("    think:", "\tthink:", "E105", 10, 1, "a tab in the indentation", "use spaces"),
    ("    think: 1s..4s", "     think: 1s..4s", "E105", 11, 5, "does not fit the ones above", "indent it"),
    ("journeys:", "journeys: &a", "E108", 8, 11, "anchor '&a'", "write the part out"),
    ("grill", "*a", "E108", 5, 18, "alias '*a'", "write the part out"),
    ("grill", "!!python/object:os.system {}", "E109", 5, 18, "tag", "remove the tag"),
    ("grill", "@grill", "E105", 5, 18, "'@' cannot begin a value", "quotes"),
    ("grill", "a: b", "E105", 5, 19, "':' where no key can stand", "quotes"),
    ("grill", "${}", "E203", 5, 18, "'${}' is not a variable", "${NAME}"),
    ("grill", "${NOT_SET_HERE}", "E204", 5, 18, "NOT_SET_HERE is not set", "export NOT_SET_HERE"),
    ("grill", '"a${NOT_SET_HERE}"', "E204", 5, 20, "NOT_SET_HERE is not set", "export"),
    ("load: {users: 20, duration: 15s}", "load: [20]", "E201", 18, 7, "a list where load belongs", "it has keys"),
    ("load: {users: 20, duration: 15s}", "load: 20", "E201", 18, 7, "'20' where load belongs", "users"),
    ("load: {users: 20, duration: 15s}\n", "", "E210", 1, 1, "has no 'load'", "load: {users: 20"),
    ("  - error_rate < 1%\n  - checkout.p95 < 300ms\n", "  {}\n", "E201", 20, 3, "a list of thresholds", "'- '"),
    ("  purchase:\n", "  purchase: {}\n  buy:\n", "E210", 9, 3, "journey 'purchase' has no 'steps'", "steps"),
    ("  purchase:\n", "  purchase: 5\n  buy:\n", "E201", 9, 13, "a journey has 'steps'", "steps"),
    ("    think: 1s..4s", "    weight: 0", "E201", 10, 13, "more than 0", ""),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column", "message", "label"),
    MISTAKES,
    ids=[f"{m[2]}-{number}" for number, m in enumerate(MISTAKES)],
)
def test_a_mistake_is_named_with_its_place_and_a_way_out(old, new, code, line, column, message, label, monkeypatch):
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    assert GOOD.count(old) >= 1
    with pytest.raises(ScenarioError) as caught:
        loads(GOOD.replace(old, new, 1), "shop.yaml")
    found = caught.value.diagnostics[0]
    assert (found.code, found.span and (found.span.line, found.span.column)) == (code, (line, column))
    assert message in found.message
    assert label in found.label
    assert f"shop.yaml:{line}:{column}: error: " in str(caught.value)


def test_the_good_one_is_good():
    assert loads(GOOD).name == "shop"


def test_all_mistakes_come_at_once_in_order():
    text = GOOD.replace("identify", "identfy").replace("users: 20", "users: 0").replace("grill", "yes")
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("E202", 5), ("E213", 13), ("E201", 18)]


def test_a_diagnostic_looks_like_a_compilers():
    with pytest.raises(ScenarioError) as caught:
        loads(GOOD.replace("      - checkout", "      - chekout"), "shop.yaml")
    assert str(caught.value) == (
        "shop.yaml:16:9: error: unknown step 'chekout' [E213]\n"
        "   16 |       - chekout: {status: PURCHASED}\n"
        "      |         ^^^^^^^ did you mean 'checkout'?"
    )


def test_a_long_line_is_cut_around_the_mistake():
    with pytest.raises(ScenarioError) as caught:
        loads(GOOD.replace("home page", "x" * 5000))
    shown = str(caught.value).splitlines()
    assert max(map(len, shown)) < 250
    assert "^" in shown[-1]


def test_variables_come_from_the_environment_and_have_defaults(monkeypatch):
    monkeypatch.setenv("SHOP_POS", "a grill")
    monkeypatch.delenv("SHOP_PAGE", raising=False)
    scenario = loads(GOOD.replace("grill", "${SHOP_POS}/x").replace("home page", "${SHOP_PAGE:-start}"))
    assert scenario.target.point_of_sale == "a grill/x"
    assert scenario.journeys[0].steps[0].action.page == "start"


def test_secrets_do_not_show(monkeypatch):
    monkeypatch.setenv("SHOP_KEY", "top-secret-key")
    scenario = loads(GOOD.replace("y: sandbox", "y: ${SHOP_KEY}"))
    assert scenario.target.client_key.reveal() == "top-secret-key"
    assert "top-secret-key" not in repr(scenario)
