"""Random journeys as plans, and a plain interpreter of them that knows nothing of paths."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import strategies as st

from harness.compiler.plan import (
    Checks,
    Choose,
    JourneyPlan,
    Leave,
    Op,
    Pause,
    Repeat,
    Request,
    Send,
    Template,
    When,
)
from harness.scenario.expressions import Compare, Literal, Name
from harness.scenario.values import Range

CART = Compare(">", Name(("cart", "total")), Literal(45))


def send(name: str, index: int = 0) -> Send:
    return Send(index, name, Request("GET", Template((b"/",)), "GET"), Checks(frozenset({200})))


def journey(ops: tuple[Op, ...], name: str = "j") -> JourneyPlan:
    return JourneyPlan(0, name, 1.0, Range(0, 0), numbered(ops))


def numbered(ops: tuple[Op, ...]) -> tuple[Op, ...]:
    """The same operations, every one an object of its own, the requests named and numbered in order."""
    count = iter(range(1_000_000))

    def renew(op: Op) -> Op:
        match op:
            case Send():
                number = next(count)
                return send(f"s{number}", number)
            case Leave(share):
                return Leave(share)
            case Pause(low, high):
                return Pause(low, high)
            case Repeat(low, high, inner):
                return Repeat(low, high, tuple(map(renew, inner)))
            case Choose(ways):
                return Choose(tuple((total, tuple(map(renew, inner))) for total, inner in ways))
            case When(condition, inner, otherwise):
                return When(condition, tuple(map(renew, inner)), tuple(map(renew, otherwise)))
        raise AssertionError(op)

    return tuple(map(renew, ops))


@st.composite
def _choose(draw: Any, inner: st.SearchStrategy[tuple[Op, ...]]) -> Choose:
    count = draw(st.integers(1, 3))
    whole = draw(st.booleans())
    shares = [draw(st.sampled_from([0.0, 0.2, 0.3])) for _ in range(count)]
    total, ways = 0.0, []
    for share in shares:
        total += share
        ways.append((total, draw(inner)))
    if whole:
        ways[-1] = (1.0, ways[-1][1])
    return Choose(tuple(ways))


def _ops(inner: st.SearchStrategy[tuple[Op, ...]]) -> st.SearchStrategy[tuple[Op, ...]]:
    bounds = st.sampled_from([(0, 0), (0, 2), (1, 1), (1, 3), (2, 2)])
    op = st.one_of(
        st.just(send("s")),
        st.sampled_from([Leave(0.25), Leave(1.0), Leave(0.0)]),
        st.builds(lambda b, ops: Repeat(*b, ops), bounds, inner),
        st.builds(lambda a, b: When(CART, a, b), inner, inner),
        _choose(inner),
    )
    return st.lists(op, max_size=4).map(tuple)


journeys = st.recursive(st.lists(st.just(send("s")), max_size=2).map(tuple), _ops, max_leaves=8).map(journey)


def ways(ops: tuple[Op, ...]) -> Iterator[tuple[tuple[tuple[int, object], ...], bool]]:
    """Every (decisions, left) by brute force: decisions as (identity of the operation, what was decided)."""
    if not ops:
        yield (), False
        return
    for (first, left), rest in product(list(_of(ops[0])), [ops[1:]]):
        if left:
            yield first, True
        else:
            for more, gone in ways(rest):
                yield first + more, gone


def _of(op: Op) -> Iterator[tuple[tuple[tuple[int, object], ...], bool]]:  # noqa: PLR0912 - a case an operation
    match op:
        case Send() | Pause():
            yield (), False
        case Leave(share):
            if share < 1:
                yield (((id(op), 0),) if share > 0 else ()), False
            if share > 0:
                yield (((id(op), 1),) if share < 1 else ()), True
        case Repeat(low, high, inner):
            for times in sorted({low, high}):
                own = ((id(op), times),) if low != high else ()
                for more, left in ways(inner) if times else [((), False)]:
                    yield own + more, left
        case Choose(choices):
            options = _options(choices)
            for number, inner in options:
                own = ((id(op), number),) if len(options) > 1 else ()
                for more, left in ways(inner):
                    yield own + more, left
        case When(_, inner, otherwise):
            for number, branch in ((1, inner), (0, otherwise)):
                for more, left in ways(branch):
                    yield ((id(op), number), *more), left


def _options(choices: tuple[tuple[float, tuple[Op, ...]], ...]) -> list[tuple[int, tuple[Op, ...]]]:
    before = 0.0
    found: list[tuple[int, tuple[Op, ...]]] = []
    for number, (total, inner) in enumerate(choices):
        if total - before > 1e-9:
            found.append((number, inner))
        before = total
    return found if before >= 1 else [*found, (-1, ())]
