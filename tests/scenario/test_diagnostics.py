"""How mistakes are shown, and what is not: secrets. What is said of each mistake is in the corpus."""

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
        loads(GOOD.replace("home page", "x" * 20_000))
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


def test_only_the_first_fifty_are_printed_and_the_rest_counted():
    with pytest.raises(ScenarioError) as caught:
        loads(GOOD.replace("      - identify\n", "      - identfy\n" * 120), "shop.yaml")
    assert len(caught.value.diagnostics) == 120
    assert str(caught.value).count(": error: ") == 50
    assert str(caught.value).endswith("… and 70 more")


def test_nobody_reads_more_than_five_hundred():
    with pytest.raises(ScenarioError) as caught:
        loads(GOOD.replace("      - identify\n", "      - identfy\n" * 5000), "shop.yaml")
    assert len(caught.value.diagnostics) == 500


def test_a_dollar_and_a_bracket_can_be_written():
    scenario = loads(GOOD.replace("home page", "'$${x} $5 $$${env.NOT_SET_HERE}'").replace("grill", "'$${grill}'"))
    assert scenario.journeys[0].steps[0].action.page == "${x} $5 $${env.NOT_SET_HERE}"
    assert scenario.target.point_of_sale == "${grill}"


@pytest.mark.parametrize(
    ("old", "new", "underlined"),
    [
        ("home page", "'for ${guest.nam}'", "guest.nam"),
        ("any, quantity", "B9, quantity", "B9"),
        ("20, duration", "many, duration", "many"),
        ("error_rate < 1%", "eror_rate < 1%", "eror_rate"),
        ("checkout.p95", "chekout.p95", "chekout"),
        ("      - identify", "      - identify:\n        set: {country: UK}", "UK"),
        ("      - identify", "      - when: cart.total > totl\n        steps: [browse]", "totl"),
        ("status: 201", "stauts: 201", "stauts"),
        ("SHOES", "yes", "yes"),
        ("A shoe", "größe 👟, size: 1", "size"),
    ],
)
def test_exactly_the_mistake_is_underlined(old, new, underlined):
    with pytest.raises(ScenarioError) as caught:
        loads(GOOD.replace(old, new, 1), "shop.yaml")
    span = caught.value.diagnostics[0].span
    line = caught.value.sources["shop.yaml"][span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == underlined
