"""The estimate by itself: what simulated guests do, and what a load makes of them."""

from __future__ import annotations

import math
import time

import pytest

from harness.compiler import compile_scenario
from harness.compiler.crowd import FINISH_S, LEAST_SPREAD_S, _journey_order
from harness.compiler.estimate import estimate
from harness.scenario.loader import load, loads
from tests.conftest import ROOT

HEAD = """\
scenario: planned
target: {url: sandbox, point_of_sale: grill}
guests: {locales: {en_GB: 70%, de_DE: 30%}, seed: 5}
catalog:
  - {item_id: A, type: T, name: First, price: 10.00}
  - {item_id: B, type: T, name: Second, price: 30.00}
"""


def plan_of(journeys: str, profile: str):
    return compile_scenario(loads(f"{HEAD}journeys:\n{journeys}load: {profile}\n"))


def one(steps: str, profile: str = "{rate: 10/s, duration: 60s}", think: str = "0s"):
    lines = "".join(f"      {line}\n" for line in steps.strip().splitlines())
    return plan_of(f"  only:\n    think: {think}\n    steps:\n{lines}", profile)


def per_guest(made) -> dict[str, float]:
    return {step.step: step.per_guest.mean for step in made.steps}


def near(expected, wanted: float) -> bool:
    return abs(expected.mean - wanted) <= 4 * expected.error + 1e-9


def test_repeat_and_leave():
    """Of 1..5 rounds each as likely; a quarter leaves after each: rounds are the sum of what is left before each."""
    made = estimate(one("- browse\n- repeat: 1..5\n  steps:\n    - browse: product\n    - leave: 25%\n- search"))
    by_name = {step.step: step for step in made.steps}
    begun = [sum(1 for n in range(1, 6) if n > k) / 5 * 0.75**k for k in range(5)]
    stays = sum(0.75**n for n in range(1, 6)) / 5
    assert near(by_name["browse 2"].per_guest, sum(begun))
    assert near(by_name["search"].per_guest, stays)
    assert by_name["browse"].reach == 1
    assert abs(made.journeys[0].left - (1 - stays)) < 0.02
    assert abs(by_name["search"].reach - stays) < 0.02


def test_choose_and_what_is_missing_to_all():
    made = estimate(one("- choose:\n    - 20%: [browse]\n    - 30%: [search]"))
    found = {step.step: step.per_guest for step in made.steps}
    assert near(found["browse"], 0.2)
    assert near(found["search"], 0.3)


def test_conditions_on_what_guests_are_and_carry():
    made = estimate(
        one(
            "- add: any\n- when: cart.total > 20\n  steps: [browse: dear]\n  else: [browse: cheap]\n"
            "- when: guest.country == 'DE'\n  steps: [search: {a: b}]\n- confirm\n- checkout"
        )
    )
    found = {step.step: step.per_guest for step in made.steps}
    assert near(found["browse"], 0.5)
    assert found["browse"].mean + found["browse 2"].mean == 1
    assert found["search"].mean == pytest.approx(0.3, abs=0.01), "the pool keeps to the shares exactly"
    assert abs(made.revenue_per_guest - 20) < 0.5
    assert made.orders_per_guest == 1


@pytest.mark.parametrize(
    ("confirms", "revenue"),
    [
        ("- confirm", 40),
        ("- confirm: A", 0),
        ("- confirm: {items: [A, B]}", 40),
        ("- confirm: A\n- confirm: B", 40),
        ("- confirm\n- add: A", 0),
        ("- confirm:\n  set: {product: [{item_id: A}, {item_id: B}]}", 40),
        ("- confirm:\n  set: {product: {item_id: A}}", 0),
    ],
)
def test_what_an_order_comes_to_is_open_unless_all_of_the_cart_was_confirmed(confirms, revenue):
    made = estimate(one(f"- browse\n- identify\n- add: A\n- add: B\n{confirms}\n- checkout"), guests=10)
    assert (made.orders_per_guest, made.revenue_per_guest) == (1, revenue)
    assert any("does not confirm all of every cart" in each for each in made.assumptions) == (not revenue)


def test_conditions_on_replies_are_true_for_half():
    steps = "- browse:\n  capture: {offer: $.offer}\n- when: offer == 'x'\n  steps: [search: {a: b}]"
    made = estimate(one(steps))
    assert near({step.step: step.per_guest for step in made.steps}["search"], 0.5)
    assert any("offer == 'x'" in text and "half" in text for text in made.assumptions)


def test_guests_from_a_file(tmp_path):
    (tmp_path / "people.csv").write_text("firstname,country\nAnn,GB\nBen,FR\nCid,FR\nDee,FR\n")
    journey = "journeys: {a: {steps: [browse, {when: \"guest.country == 'FR'\", steps: [search: {a: b}]}]}}"
    text = HEAD.replace("{locales: {en_GB: 70%, de_DE: 30%}, seed: 5}", "{from: people.csv, feed: unique}")
    path = tmp_path / "fed.yaml"
    path.write_text(f"{text}{journey}\nload: {{rate: 2/s, duration: 2s}}\n")
    made = estimate(compile_scenario(load(path)), guests=400)
    assert per_guest(made)["search"] == 0.75
    assert "people.csv has 4 guests: when they run out the run ends" in made.assumptions


def test_think_times_and_latency_make_the_duration():
    """Browser id and the first step follow each other; a pause of its own replaces the think time."""
    made = estimate(one("- browse\n- think: 3s\n- browse\n- browse", think="1s"), latency_s=0.1)
    (journey,) = made.journeys
    assert journey.mean_s == pytest.approx(4 * 0.1 + 3 + 1)
    assert journey.p95_s == pytest.approx(journey.mean_s)


def test_open_totals_are_guests_times_what_each_does():
    made = estimate(one("- browse\n- search", "{stages: [{ramp: 10/s, over: 10s}, {hold: 10s}]}"), 0.01)
    assert made.totals.guests.mean == pytest.approx(150)
    assert [step.total.mean for step in made.steps] == pytest.approx([150, 150, 150])
    assert made.totals.requests.spread == pytest.approx(0, abs=1e-6), "all guests do the same"
    assert made.totals.peak_rate == pytest.approx(30, rel=0.01)
    assert sum(point.requests * point.width for point in made.points) == pytest.approx(450, rel=0.01)
    assert made.points[0].level < made.points[5].level == pytest.approx(made.points[5].guests, rel=0.05)


def test_littles_law():
    made = estimate(one("- browse\n- think: 4s\n- browse", "{rate: 50/s, duration: 60s}"), 0.5)
    assert made.totals.peak_guests == pytest.approx(50 * 5.5, rel=0.01)


def test_arrivals_at_random_spread_more():
    even = estimate(one("- browse", "{rate: 10/s, duration: 60s}"))
    chance = estimate(one("- browse", "{rate: 10/s, duration: 60s, arrivals: poisson}"))
    assert even.totals.guests.spread == pytest.approx(0, abs=1e-6)
    assert chance.totals.guests.spread == pytest.approx(math.sqrt(600))


def test_weights_share_guests_of_an_open_load_and_users_of_a_closed_one():
    journeys = (
        "  a: {weight: 3, think: 1s, steps: [browse, browse]}\n  b: {weight: 1, think: 4s, steps: [browse, browse]}\n"
    )
    opened = estimate(plan_of(journeys, "{rate: 40/s, duration: 60s}"), 0)
    assert [j.guests.mean for j in opened.journeys] == pytest.approx([1800, 600])
    assert opened.journeys[1].guests.spread == pytest.approx(math.sqrt(2400 * 0.25 * 0.75))
    closed = estimate(plan_of(journeys, "{users: 40, duration: 400s}"), 0)
    quick, slow = (j.guests.mean for j in closed.journeys)
    assert quick == pytest.approx(30 * 400, rel=0.01)
    assert slow == pytest.approx(10 * 100, rel=0.03)


def test_iterations_are_kept():
    made = estimate(one("- browse\n- search", "{users: 5, iterations: 7}", think="100ms..200ms"), 0.01)
    assert [step.total.mean for step in made.steps] == pytest.approx([35, 35, 35], rel=0.001)
    assert 1 < made.duration_s < 2.5
    cut_short = estimate(one("- browse", "{users: 5, iterations: 100, duration: 10s}", think="0s"), 0.5)
    assert cut_short.totals.guests.mean == pytest.approx(5 * 10, rel=0.1)


def test_without_time_there_is_no_rate():
    made = estimate(one("- browse", "{users: 5, duration: 10s}"), 0)
    assert made.totals is None
    assert made.points == ()
    assert made.workers(100) is None
    assert per_guest(made) == {"browser id": 1, "browse": 1}
    assert any("depends on the target alone" in text for text in made.assumptions)
    counted = estimate(one("- browse", "{users: 5, iterations: 2}"), 0)
    assert counted.totals.requests.mean == 20
    assert counted.totals.peak_rate is None


def test_workers():
    made = estimate(one("- browse", "{rate: 1000/s, duration: 10s}"))
    assert (made.workers(500), made.workers(1999), made.workers(5000)) == (4, 2, 1)


def test_more_guests_than_are_let_in():
    profile = "{rate: 100/s, duration: 30s, max_in_flight: 50}"
    made = estimate(one("- browse\n- think: 5s\n- browse", profile))
    assert any("max_in_flight" in text for text in made.assumptions)


def test_the_same_arguments_give_the_same_estimate():
    plan = one("- browse\n- leave: 50%\n- search", "{users: 3, duration: 5s}", think="1s..2s")
    assert estimate(plan, guests=500) == estimate(plan, guests=500)
    assert estimate(plan, guests=500, seed=2) != estimate(plan, guests=500)


@pytest.mark.parametrize("profile", ["{rate: 5/s, duration: 10s}", "{users: 5, duration: 10s}"])
def test_guests_without_end_are_cut(profile):
    steps = "- repeat: 10000\n  steps:\n    - repeat: 10000\n      steps: [browse]"
    began = time.monotonic()
    made = estimate(one(steps, profile))
    assert time.monotonic() - began < 20
    assert any("only its beginning" in text for text in made.assumptions)


def test_a_large_scenario_is_quick():
    began = time.monotonic()
    made = estimate(one("\n".join(["- browse"] * 3000), "{users: 50, duration: 60s}"), guests=200)
    assert len(made.steps) == 3001
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("weights", [(6, 3, 1), (1, 1, 1), (5, 1), (0.5, 2.5), (1, 0, 2)])
def test_users_take_journeys_in_locusts_own_order(weights):
    from locust import User
    from locust.dispatch import UsersDispatcher
    from locust.runners import WorkerNode

    names = "cab"[: len(weights)]
    journeys = "".join(f"  {n}: {{weight: {w}, steps: [browse]}}\n" for n, w in zip(names, weights, strict=True))
    order = _journey_order(plan_of(journeys, "{users: 9, duration: 1s}"), 9)
    classes = [type(n, (User,), {"weight": w}) for n, w in zip(names, weights, strict=True)]
    for users in range(1, 10):
        dispatcher = UsersDispatcher([WorkerNode("w")], classes)
        dispatcher.new_dispatch(target_user_count=users, spawn_rate=users)
        (*_, last) = dispatcher
        mine = {n: int((order[:users] == place).sum()) for place, n in enumerate(names)}
        assert {n: c for n, c in last["w"].items() if c} == {n: c for n, c in mine.items() if c}


def test_the_engines_own_figures():
    """The plan may not import the engine; what both go by is the same all the same."""
    engine = ROOT / "harness/engine"
    closed, opened = ((engine / name).read_text("utf-8") for name in ("closed.py", "arrivals.py"))
    assert f"LEAST_SPREAD_S = {LEAST_SPREAD_S}\n" in closed
    assert "(journey.think.low + journey.think.high) / 2 or LEAST_SPREAD_S" in closed
    assert f"FINISH_S = {FINISH_S}\n" in opened
