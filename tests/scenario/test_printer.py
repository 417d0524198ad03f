"""A scenario printed and read again is the same scenario."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from harness.scenario import model
from harness.scenario.loader import loads
from harness.scenario.printer import to_yaml

SECRET = model.Secret("sandbox")
names = st.text("abcXYZ019_-", min_size=1, max_size=8).map(lambda t: f"n{t}")
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="$\ufeff"), min_size=1, max_size=12
)
durations = st.integers(0, 100_000).map(lambda ms: ms / 1000)
shares = st.integers(0, 10_000).map(lambda n: n / 10_000)


def ranges(one):
    return st.tuples(one, one).map(lambda pair: model.Range(min(pair), max(pair)))


expects = st.builds(model.Expect, st.none() | st.integers(100, 599), st.none() | durations.filter(lambda d: d > 0))
items = st.builds(model.Item, names, texts, texts, st.decimals(0, 10**9, places=2).map(lambda d: Decimal(f"{d:.2f}")))


@st.composite
def scenarios(draw):
    catalog = tuple({i.item_id: i for i in draw(st.lists(items, min_size=1, max_size=4))}.values())
    adds = st.builds(
        model.Add, st.sampled_from([model.ANY, *(i.item_id for i in catalog)]), ranges(st.integers(1, 10_000))
    )
    looks = st.builds(model.Browse, st.none() | texts, st.none() | texts, st.none() | texts)
    free = st.lists(looks | adds | st.builds(model.Think, ranges(durations)) | st.just(model.Identify()), max_size=6)
    journeys = []
    for name in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        actions = [*draw(free), draw(adds), model.Confirm(), draw(st.sampled_from([model.Checkout(), model.Confirm()]))]
        steps = []
        counts: dict[str, int] = {}
        for action in actions:
            verb = type(action).__name__.lower()
            counts[verb] = counts.get(verb, 0) + 1
            label = verb if counts[verb] == 1 else f"{verb} {counts[verb]}"
            timed = not isinstance(action, model.Think)
            steps.append(model.Step(label, action, draw(expects) if timed else model.Expect()))
        weight = draw(st.integers(1, 100)) / 4
        journeys.append(model.Journey(name, tuple(steps), weight, draw(ranges(durations))))
    return model.Scenario(
        name=draw(names),
        description=draw(texts),
        target=model.Target("sitecore-cdp", "sandbox", "test", SECRET, SECRET, "x"),
        journeys=tuple(journeys),
        load=model.Load(
            draw(st.integers(1, 1000)), draw(durations.filter(lambda d: d > 0)), draw(st.none() | st.just(2))
        ),
        defaults=model.Defaults(page=draw(texts)),
        guests=model.Guests((("en_GB", 1.0),), draw(shares), draw(st.none() | st.integers(0, 1000))),
        catalog=catalog,
    )


@given(scenarios())
def test_load_of_print_is_the_same(scenario):
    assert loads(to_yaml(scenario)) == scenario
