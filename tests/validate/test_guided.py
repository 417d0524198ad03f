"""The guided walk: one guest follows a path to the letter, and thinks nowhere."""

from __future__ import annotations

import time

from hypothesis import given, settings

from harness.compiler import compile_scenario
from harness.compiler.branches import Branches
from harness.compiler.paths import count, every, guide, select
from harness.compiler.plan import Choose, JourneyPlan, Leave, Op, Plan, Repeat, Send, When
from harness.engine.guided import MOST_REQUESTS, hasty, walk_path
from harness.engine.http_reply import Reply
from harness.engine.walk import GOES_ON, LEFT, LOST
from harness.engine.worker import Worker
from harness.record.recorder import Failure
from harness.scenario.loader import loads
from tests.validate.journeys import journey, journeys, send

SHOP = """\
scenario: s
target: {url: "http://127.0.0.1:9", client_key: k, point_of_sale: p}
defaults: {currency: GBP}
guests: {locales: {en_GB: 50%, de_DE: 50%}}
catalog:
  - {item_id: DEAR, type: T, name: Dear, price: 100}
  - {item_id: CHEAP, type: T, name: Cheap, price: 1}
journeys:
  j:
    think: 10s
    steps:
      - browse
      - identify
      - add: {item: any, quantity: 1..3}
      - think: 20s
      - when: cart.total > 50
        steps: [{browse: dear}]
        else: [{browse: cheap}]
      - when: guest.country == 'DE'
        steps: [{browse: german}]
load: {users: 1, iterations: 1}
"""


class Target:
    """Answers everything, and keeps which steps were sent. ``fail`` is the number of the request that fails."""

    def __init__(self, fail: int = -1) -> None:
        self.names: list[str] = []
        self._fail = fail

    def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes | None = None) -> Reply:
        status = 500 if len(self.names) == self._fail else 200
        return Reply(status, b'{"ref":"0"}', 10, 1, 1)

    def close(self) -> None:
        pass

    def request_done(self, plan: JourneyPlan, sent: Send, target: bytes, reply: Reply, failure: Failure | None) -> None:
        self.names.append(sent.name)


def worker_of(plan: JourneyPlan) -> Worker:
    scenario = compile_scenario(loads(SHOP))
    only = Plan(
        scenario.scenario, scenario.system, "GBP", scenario.guests, (plan,), scenario.load, slots=scenario.slots
    )
    return Worker(only, "k", 1, "R1")


def sent_by_hand(
    ops: tuple[Op, ...], decisions: dict[int, int], branches: Branches, last: bool = True
) -> list[str] | None:
    """The names that a path sends, by a plain reading; a list that ends with None where the guest leaves."""
    made: list[str | None] = []
    for op in ops:
        point = branches.point(op)
        value = None if point is None else decisions.get(point.place, point.values[0].number)
        match op:
            case Send():
                made.append(op.name)
            case Leave(share):
                if share >= 1 or (last and value):
                    return [*made, None]  # type: ignore[list-item]
            case Repeat(low, _, inner):
                rounds = low if value is None else value
                for number in range(rounds):
                    made += sent_by_hand(inner, decisions, branches, last and number == rounds - 1) or []
                    if made[-1:] == [None]:
                        return made  # type: ignore[return-value]
            case Choose() | When():
                chosen = _chosen(op, point, value, last)
                inner = branches.certain(op) if chosen is None else chosen
                made += sent_by_hand(inner, decisions, branches, last) or []
                if made[-1:] == [None]:
                    return made  # type: ignore[return-value]
    return made  # type: ignore[return-value]


def _chosen(op: Op, point: object, value: int | None, last: bool) -> tuple[Op, ...] | None:
    if point is None or value is None:
        return None
    values = {each.number: each for each in point.values}  # type: ignore[attr-defined]
    wanted = values[value]
    if not last and not wanted.goes_on:
        wanted = next((each for each in values.values() if each.goes_on), wanted)
    return wanted.ops


@settings(max_examples=50)
@given(journeys)
def test_a_walk_sends_what_its_path_says(plan: JourneyPlan) -> None:
    branches = Branches(plan)
    if count(branches) > 30:
        return
    worker = worker_of(plan)
    for path in every("j", branches):
        target = Target()
        _, walked = walk_path(worker, target, target, plan, guide(branches, path))
        wanted = sent_by_hand(plan.ops, {each.place: each.number for each in path.decisions}, branches) or []
        left = wanted[-1:] == [None]
        assert target.names == [name for name in wanted if name is not None]
        assert walked.end == (LEFT if left else GOES_ON)
        assert left == path.leaves
        if not any(each.kind == "repeat" for each in path.decisions):
            assert walked.decided == {(each.place, each.number) for each in path.decisions}


def test_nobody_leaves_before_the_last_round() -> None:
    plan = journey((Repeat(1, 3, (send("a"), Leave(0.5), send("b"))), send("c")))
    branches = Branches(plan)
    names = {}
    for path in every("j", branches):
        target = Target()
        walk_path(worker_of(plan), target, target, plan, guide(branches, path))
        names[path.name] = " ".join(target.names)
    assert names == {
        "j[repeat:1+leave:no]": "s0 s1 s2",
        "j[repeat:1+leave:yes]": "s0",
        "j[repeat:3+leave:no]": "s0 s1 s0 s1 s0 s1 s2",
        "j[repeat:3+leave:yes]": "s0 s1 s0 s1 s0",
    }


def test_a_request_that_fails_ends_the_walk() -> None:
    plan = journey((send("a"), send("b"), send("c")))
    branches = Branches(plan)
    target = Target(fail=1)
    _, walked = walk_path(worker_of(plan), target, target, plan, guide(branches, select(plan).paths[0]))
    assert (walked.end, target.names) == (LOST, ["s0", "s1"])


def test_rounds_within_rounds_are_cut() -> None:
    plan = journey((Repeat(100, 100, (Repeat(100, 100, (send("a"),)),)),))
    target = Target()
    _, walked = walk_path(worker_of(plan), target, target, plan, guide(Branches(plan), select(plan).paths[0]))
    assert walked.cut
    assert len(target.names) == MOST_REQUESTS


def test_a_guest_is_found_to_whom_the_conditions_apply_and_nobody_thinks() -> None:
    scenario = compile_scenario(loads(SHOP))
    plan = scenario.journeys[0]
    worker = Worker(scenario, "k", 7, "R1")
    branches = Branches(plan)
    begun = time.monotonic()
    for path in every("j", branches):
        target = Target()
        visit, walked = walk_path(worker, target, target, plan, guide(branches, path))
        assert walked.against == (), path.name
        dear, german = (each.number for each in path.decisions)
        assert (visit.lookup(("cart", "total")) > 50) == bool(dear)  # type: ignore[operator]
        assert (visit.lookup(("guest", "country")) == "DE") == bool(german)
    assert len({path.name for path in every("j", branches)}) == 4
    # A single pause of the journey is ten seconds and more.
    assert time.monotonic() - begun < 10
    assert hasty(plan).ops is plan.ops


def test_a_condition_that_no_guest_meets_is_walked_and_said() -> None:
    scenario = compile_scenario(loads(SHOP.replace("cart.total > 50", "cart.total > 5000")))
    plan = scenario.journeys[0]
    branches = Branches(plan)
    target = Target()
    path = next(every("j", branches))
    _, walked = walk_path(Worker(scenario, "k", 7, "R1"), target, target, plan, guide(branches, path))
    assert walked.against == ("cart.total > 5000 is false",)
    assert "browse 2" in target.names
