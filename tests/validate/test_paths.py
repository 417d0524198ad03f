"""Paths of journeys: all of them, or few that meet everything; and the walk that follows one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given

from harness.compiler import compile_scenario
from harness.compiler.branches import MOST_ROUNDS, Branches
from harness.compiler.paths import LONGEST_NAME, count, every, every_decision, pairwise, select
from harness.compiler.plan import Choose, JourneyPlan, Leave, Repeat, When
from harness.scenario.loader import load
from tests.conftest import ROOT
from tests.validate.journeys import CART, journey, journeys, send, ways

FEW = 400


def decided(path: object) -> set[tuple[int, int]]:
    return {(each.place, each.number) for each in path.decisions}  # type: ignore[attr-defined]


@given(journeys)
def test_all_paths_are_what_an_interpreter_finds(plan: JourneyPlan) -> None:
    branches = Branches(plan)
    total = count(branches)
    if total > FEW:
        assert len(list(itertools.islice(every("j", branches), FEW))) == FEW
        return
    # The interpreter knows operations, the paths number them in the order of the file.
    place = {id(op): point.place for op, point in _by_op(plan, branches)}
    wanted = {(tuple((place[op], value) for op, value in way), left) for way, left in ways(plan.ops)}
    found = [(tuple((d.place, d.number) for d in path.decisions), path.leaves) for path in every("j", branches)]
    assert len(found) == len(set(found)) == total
    assert set(found) == wanted


def _by_op(plan: JourneyPlan, branches: Branches) -> list[tuple[object, object]]:
    found = []

    def visit(ops: tuple[object, ...]) -> None:
        for op in ops:
            if (point := branches.point(op)) is not None:  # type: ignore[arg-type]
                found.append((op, point))
            match op:
                case Repeat(ops=inner):
                    visit(inner)
                case Choose(ways=choices):
                    for _, inner in choices:
                        visit(inner)
                case When(_, inner, otherwise):
                    visit(inner)
                    visit(otherwise)

    visit(plan.ops)
    return found


@given(journeys)
def test_pairwise_meets_every_value_and_every_two_that_can_meet(plan: JourneyPlan) -> None:
    branches = Branches(plan)
    if count(branches) > FEW:
        return
    whole = list(every("j", branches))
    few = list(pairwise("j", branches))
    pairs = [
        {pair for path in paths for pair in itertools.combinations(sorted(decided(path)), 2)} for paths in (whole, few)
    ]
    values = [set().union(*map(decided, paths)) if paths else set() for paths in (whole, few)]
    assert values[0] == values[1]
    assert pairs[0] == pairs[1]
    assert len({path.decisions for path in few}) == len(few) <= len(whole)
    assert {path.decisions for path in few} <= {path.decisions for path in whole}


@given(journeys)
def test_names_are_stable_and_no_two_alike(plan: JourneyPlan) -> None:
    paths = list(itertools.islice(every("j", Branches(plan)), FEW))
    names = [path.name for path in paths]
    assert len(set(names)) == len(names)
    assert names == [path.name for path in itertools.islice(every("j", Branches(plan)), FEW)]
    assert all(len(name) <= len("j[]") + LONGEST_NAME for name in names)


@given(journeys)
def test_so_many_paths_are_asked_for_and_no_more_come(plan: JourneyPlan) -> None:
    whole = select(plan, "all")
    chosen = select(plan, 3)
    assert len(chosen.paths) <= 3
    assert set(chosen.paths) <= set(whole.paths) or whole.total > len(whole.paths)
    if whole.total <= 3:
        assert (chosen.how, chosen.paths) == ("all", whole.paths)
    else:
        assert select(plan, 2).paths == chosen.paths[:2]


def test_a_hundred_decisions_need_no_more_paths_than_a_person_can_read() -> None:
    plan = journey(tuple(When(CART, (send("a"),), (send("b"),)) for _ in range(100)))
    chosen = select(plan)
    assert chosen.total == 2**100
    assert chosen.how == "pairwise"
    assert len(chosen.paths) < 60
    met = {pair for path in chosen.paths for pair in itertools.combinations(sorted(decided(path)), 2)}
    assert len(met) == 4 * 100 * 99 // 2
    assert len({path.name for path in chosen.paths}) == len(chosen.paths)
    assert max(len(path.name) for path in chosen.paths) <= LONGEST_NAME + 3


def test_a_thousand_places_to_leave_are_no_trouble() -> None:
    plan = journey(tuple(op for _ in range(1000) for op in (send("a"), Leave(0.1))))
    chosen = select(plan, 50)
    assert (chosen.total, len(chosen.paths)) == (1001, 50)
    assert len(select(plan, "all").paths) == 1001


def test_rounds_without_end_are_cut() -> None:
    branches = Branches(journey((Repeat(1, 10_000, (send("a"),)),)))
    assert [value.number for value in branches.points[0].values] == [1, MOST_ROUNDS]


@pytest.mark.parametrize(
    ("ops", "names"),
    [
        ((send("a"),), ["j"]),
        (
            (Repeat(1, 5, (send("a"), Leave(0.25))),),
            ["repeat:1+leave:no", "repeat:1+leave:yes", "repeat:5+leave:no", "repeat:5+leave:yes"],
        ),
        ((Choose(((0.7, (send("a"),)), (0.9, (Leave(1.0),)))),), ["choose:s0", "choose:20pct", "choose:none"]),
        ((Repeat(0, 2, (When(CART, (send("a"),), ()),)),), ["repeat:0", "repeat:2+when:yes", "repeat:2+when:no"]),
        ((Leave(1.0), Leave(0.5)), ["j"]),
    ],
)  # fmt: skip
def test_names_say_what_is_decided(ops: tuple[object, ...], names: list[str]) -> None:
    chosen = select(journey(ops))  # type: ignore[arg-type]
    assert [path.name.removeprefix("j[").removesuffix("]") for path in chosen.paths] == names


def test_every_branch_of_every_shipped_journey_is_on_some_path() -> None:
    for file in sorted((ROOT / "scenarios").glob("*.yaml")):
        for plan in compile_scenario(load(file)).journeys:
            reached = set().union(*(decided(path) for path in select(plan).paths))
            wanted = {(each.place, each.number) for each in every_decision(Branches(plan))}
            assert reached == wanted, f"{file}: {plan.name}"
