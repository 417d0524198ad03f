"""The plan agrees with what a run then counts: ``harness plan`` beside ``harness run``, against the real sandbox."""

from __future__ import annotations

import json
import math

import pytest

HEAD = """\
scenario: compared
target: {url: sandbox, point_of_sale: pastoral-witty-grill}
guests: {locales: {en_GB: 60%, de_DE: 40%}, returning: 20%, seed: 4}
catalog:
  - {item_id: A, type: T, name: First, price: 10.00}
  - {item_id: B, type: T, name: Second, price: 30.00}
"""
WINDOW = """\
journeys:
  looker:
    think: 50ms..300ms
    steps:
      - browse: home page
      - repeat: 1..5
        steps:
          - browse: product page
          - leave: 25%
      - choose:
          - 70%: [{search: {product: shoes}}]
          - 20%: [{event: {type: WISHLIST, ext: {a: 1}}}]
"""
MIXED = """\
journeys:
  looker:
    weight: 6
    think: 50ms..200ms
    steps:
      - browse: home page
      - repeat: 0..3
        steps:
          - browse: product page
          - leave: 30%
  buyer:
    weight: 3
    think: 50ms..200ms
    steps:
      - browse: home page
      - identify
      - repeat: 1..2
        steps:
          - add: {item: any, quantity: 1..2}
      - when: cart.total > 35 and guest.country == 'GB'
        steps: [browse: delivery]
        else:
          - leave: 20%
      - think: 100ms
      - confirm
      - checkout
  quick:
    weight: 1
    think: 200ms..400ms
    steps:
      - identify
      - order_checkout: any
"""


def plan_and_run(harness, tmp_path, scenario: str, latency: str = "2ms") -> tuple[dict, dict]:
    path = tmp_path / "compared.yaml"
    path.write_text(scenario, "utf-8")
    planned = harness("plan", path, "--format", "json", "--latency", latency)
    assert planned.returncode == 0, planned.stderr
    ran = harness("run", path, "--quiet", "--out", tmp_path / "out")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(planned.stdout), json.loads((tmp_path / "out/summary.json").read_text("utf-8"))


def agree(what: str, expected: dict, counted: float, slack: float, errors: list[str]) -> None:
    tolerance = 4 * expected["spread"] + 4 * expected["error"] + slack
    if abs(counted - expected["mean"]) > tolerance:
        errors.append(f"{what}: planned {expected['mean']:.1f}, counted {counted}, tolerance {tolerance:.1f}")


def compare(plan: dict, summary: dict, slack: float, share: float = 0.0) -> None:
    """Every count within 4 standard deviations of run and simulation, ``slack``, and ``share`` of itself."""
    errors: list[str] = []
    counted = {(step["journey"], step["step"]): step["sent"] for step in summary["steps"]}
    assert {(step["journey"], step["step"]) for step in plan["steps"]} == set(counted)
    for step in plan["steps"]:
        key = (step["journey"], step["step"])
        agree("/".join(key), step["total"], counted[key], slack + share * step["total"]["mean"], errors)
    started = {journey["name"]: journey["started"] for journey in summary["journeys"]}
    for journey in plan["journeys"]:
        name = journey["name"]
        agree(name, journey["guests"], started[name], slack + share * journey["guests"]["mean"], errors)
    totals = plan["totals"]
    steps = len(plan["steps"])
    sent = summary["requests"]["sent"]
    agree("requests", totals["requests"], sent, slack * steps + share * totals["requests"]["mean"], errors)
    if "verification" in summary:
        orders, revenue = summary["verification"]["orders"], summary["verification"]["revenue"]
        agree("orders", totals["orders"], orders["expected"], slack + share * totals["orders"]["mean"], errors)
        dearest = 60.0
        extra = slack * dearest + share * totals["revenue"]["mean"]
        agree("revenue", totals["revenue"], float(revenue["expected"]), extra, errors)
    bytes_out = summary["requests"]["bytes_out"] / sent
    assert bytes_out == pytest.approx(totals["bytes_out"] / totals["requests"]["mean"], rel=0.25)
    assert not errors, "\n".join(errors)


@pytest.mark.parametrize(
    ("journeys", "load"),
    [
        (WINDOW, "{stages: [{ramp: 50/s, over: 1s}, {hold: 2s}, {spike: 90/s, over: 1s}, {ramp: 0/s, over: 1s}]}"),
        (MIXED, "{rate: 50/s, duration: 4s}"),
        (MIXED, "{rate: 50/s, duration: 4s, arrivals: poisson}"),
    ],
    ids=["stages", "mixed", "poisson"],
)
def test_an_open_load(harness, tmp_path, journeys, load):
    """Tolerance: 4 standard deviations of the count, 4 standard errors of the simulation, and 2.

    How many guests come is given by the profile (or by chance, arrivals: poisson, which is in the deviation), and
    each does independently of the others what the dice say: a count is a sum of many independent numbers, nearly
    normal, and beyond 4 of its standard deviations once in 16,000 counts. The 2: the number of guests is whole
    where the profile's integral is not, and counts are too small in places to be normal. How long requests really
    take does not matter, because guests under way at the end may finish.
    """
    plan, summary = plan_and_run(harness, tmp_path, f"{HEAD}{journeys}load: {load}\n")
    compare(plan, summary, slack=2)


@pytest.mark.parametrize(
    "load",
    ["{users: 20, duration: 5s}", "{stages: [{step: 10, over: 2s}, {ramp: 30, over: 3s}]}"],
    ids=["steady", "stages"],
)
def test_a_closed_load(harness, tmp_path, load):
    """Tolerance: that of an open load, and 10 % of the count.

    How many guests come depends on how long each takes: a request that takes 5 ms longer than the plan was told
    makes a guest of 6 requests and 600 ms of thinking 5 % slower. Users begin and end when Locust's own tick of a
    second comes, half a second from where the stages have them on average.
    """
    plan, summary = plan_and_run(harness, tmp_path, f"{HEAD}{MIXED}load: {load}\n")
    compare(plan, summary, slack=3 if "users" in load else 6, share=0.1)


def test_iterations_are_exact(harness, tmp_path):
    """Where no dice fall nothing may differ."""
    journeys = "journeys:\n  a: {think: 10ms..20ms, steps: [browse, identify, {add: A}, confirm, checkout]}\n"
    plan, summary = plan_and_run(harness, tmp_path, f"{HEAD}{journeys}load: {{users: 4, iterations: 5}}\n")
    for step, counted in zip(plan["steps"], summary["steps"], strict=True):
        assert math.isclose(step["total"]["mean"], counted["sent"], rel_tol=1e-3)
    assert plan["totals"]["orders"]["mean"] == pytest.approx(20, rel=1e-3)
    assert summary["verification"]["orders"]["expected"] == 20
    assert plan["totals"]["revenue"]["mean"] == pytest.approx(200, rel=1e-3)
