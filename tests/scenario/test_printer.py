"""A scenario printed and read again is the same scenario: every verb, every key, with values of every kind."""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.compiler import compile_scenario
from harness.scenario import actions, model
from harness.scenario.expression_parser import parse
from harness.scenario.expressions import Compare, Interpolated, Literal, Logic, Name, Not, show
from harness.scenario.loader import loads
from harness.scenario.printer import to_yaml
from harness.scenario.values import JsonObject, Path, Range, Secret
from harness.scenario.walks import Namer

SECRET = Secret("sandbox", "sandbox")
CAPTURED = "taken"
names = st.text("abcXYZ019_-", min_size=1, max_size=8).map(lambda t: f"n{t}")
readable = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\ufeff")
texts = st.text(readable, min_size=1, max_size=12) | st.sampled_from(
    ["NO", "12:30", "0777", "1_000", "~", "null", "a: b", "# c", "- d", "${x}", "$${y}", "'", '"', " e ", "{f}", "true"]
)
durations = st.integers(0, 100_000).map(lambda ms: ms / 1000)
shares = st.integers(0, 10_000).map(lambda n: n / 10_000)
decimals = st.decimals(-(10**9), 10**9, places=3).map(lambda d: Decimal(f"{d:.3f}"))

# Expressions

known_names = st.sampled_from(
    [("guest", "email"), ("guest", "country"), ("cart", "total"), ("order", "number"), (CAPTURED,)]
)
values = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | decimals | st.text(readable, max_size=8)
operands = st.builds(Name, known_names) | st.builds(
    Literal, values.filter(lambda v: not isinstance(v, str) or "{" not in v)
)


def _deeper(inner):
    compared = st.builds(Compare, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner, inner)
    return compared | st.builds(Logic, st.sampled_from(["and", "or"]), inner, inner) | st.builds(Not, inner)


expressions = st.recursive(operands, _deeper, max_leaves=8)


@given(expressions)
def test_an_expression_is_shown_as_it_is_parsed(expression):
    assert parse(show(expression)) == expression


# Texts and JSON


def _interpolated(parts):
    merged = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return merged[0] if len(merged) == 1 and isinstance(merged[0], str) else Interpolated(tuple(merged))


in_text = expressions.filter(
    lambda e: not (isinstance(e, Literal) and isinstance(e.value, str)) and not set("{}") & set(show(e))
)
words = texts | st.lists(texts | in_text, min_size=1, max_size=4).map(_interpolated)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | decimals | words | st.just(""),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(readable, min_size=1, max_size=8).filter(lambda k: k != "<<"), inner, max_size=3).map(
            lambda d: JsonObject(tuple(d.items()))
        )
    ),
    max_leaves=6,
)
objects = st.dictionaries(names, json_values, max_size=3).map(lambda d: JsonObject(tuple(d.items())))
flat = st.dictionaries(names, st.none() | st.booleans() | st.integers(0, 99) | decimals | words, max_size=3).map(
    lambda d: JsonObject(tuple(d.items()))
)


def ranges(one):
    return st.tuples(one, one).map(lambda pair: Range(min(pair), max(pair)))


paths = st.sampled_from(["$", "$.a", "$.a[0].b", "$['odd key ${x}']", "$[3]"]).map(
    lambda text: Path(
        text, {"$": (), "$.a": ("a",), "$.a[0].b": ("a", 0, "b"), "$[3]": (3,)}.get(text, ("odd key ${x}",))
    )
)
plain = st.none() | st.booleans() | st.integers(-99, 99) | decimals | texts
expects = st.builds(
    actions.Expect,
    st.lists(st.integers(100, 599) | st.integers(1, 5), max_size=3).map(tuple),
    st.none() | durations.filter(lambda d: 0 < d <= 30),
    st.dictionaries(st.sampled_from(["Content-Type", "X-A"]), texts | st.just(""), max_size=2).map(
        lambda d: tuple(d.items())
    ),
    st.dictionaries(paths, plain, max_size=2).map(lambda d: tuple(d.items())),
    st.none() | texts,
)
captures = st.sampled_from([
    actions.Capture("extra", "json", Path("$.a", ("a",))),
    actions.Capture("extra", "header", "X-A"),
    actions.Capture("extra", "regex", "a=([0-9]+)${x}"),
])  # fmt: skip
pairs = st.dictionaries(names, words, max_size=3).map(lambda d: tuple(d.items()))

# Steps

items = st.builds(model.Item, names, texts, texts, st.decimals(0, 10**9, places=2).map(lambda d: Decimal(f"{d:.2f}")))
optional = st.none() | words
methods = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])


@st.composite
def requests(draw):
    body = draw(st.sampled_from(["", "json", "form", "body", "base64"]))
    tail = draw(words)
    path = (
        "/a"
        if isinstance(tail, str)
        else Interpolated(("/", *(p if not isinstance(p, str) else "b" for p in tail.parts)))
    )
    if isinstance(path, Interpolated):
        path = _interpolated(path.parts)
    return actions.HttpRequest(
        path,
        draw(methods),
        draw(pairs),
        (("X-Name", draw(st.text("abc :;é", min_size=1, max_size=5))),) if draw(st.booleans()) else (),
        draw(json_values) if body == "json" else actions.ABSENT,
        draw(pairs.filter(bool)) if body == "form" else None,
        draw(words) if body == "body" else None,
        b64encode(draw(st.binary(min_size=1, max_size=20))).decode() if body == "base64" else None,
    )


def simple_actions(catalog):
    item = st.sampled_from([actions.ANY, *(i.item_id for i in catalog)])
    quantity = ranges(st.integers(1, 10_000))
    return st.one_of(
        st.builds(actions.Browse, optional, optional, optional),
        st.just(actions.Identify()),
        st.builds(actions.Search, objects),
        st.builds(actions.Add, item, quantity),
        st.builds(actions.Payment, words, optional),
        st.builds(actions.OrderCheckout, item, quantity, st.just("PURCHASED"), words, optional),
        st.just(actions.ClearCart()),
        st.just(actions.ForceClose()),
        st.builds(actions.Event, st.sampled_from(["WISHLIST", "A_1"]), flat),
        st.builds(actions.Personalize, names, objects),
        requests(),
    )


@st.composite
def steps(draw, catalog, depth=0):
    kinds = ["simple"] * 4 + ["think", "leave"] + (["repeat", "choose", "when"] if depth < 2 else [])
    kind = draw(st.sampled_from(kinds))
    inner = st.lists(steps(catalog, depth + 1), min_size=1, max_size=3).map(tuple) if depth < 2 else None
    if kind == "think":
        return actions.Step("", actions.Think(draw(ranges(durations))))
    if kind == "leave":
        return actions.Step("", actions.Leave(draw(shares)))
    if kind == "repeat":
        return actions.Step("", actions.Repeat(draw(ranges(st.integers(0, 10_000))), draw(inner)))
    if kind == "choose":
        parts = draw(st.lists(st.integers(0, 3000), min_size=1, max_size=3))
        return actions.Step("", actions.Choose(tuple((part / 10_000, draw(inner)) for part in parts)))
    if kind == "when":
        return actions.Step("", actions.When(draw(expressions), draw(inner), draw(st.just(()) | inner)))
    action = draw(simple_actions(catalog))
    takes_set = not isinstance(action, actions.HttpRequest | actions.Personalize)
    verb = {
        "OrderCheckout": "order_checkout",
        "ClearCart": "clear_cart",
        "ForceClose": "force_close",
        "HttpRequest": "request",
    }.get(type(action).__name__, type(action).__name__.lower())
    return actions.Step(
        draw(st.just(verb) | st.sampled_from(["start page", "größe", "a 2", "browse"])),
        action,
        draw(expects),
        draw(st.just(()) | captures.map(lambda c: (c,))),
        draw(objects) if takes_set else JsonObject(),
    )


FIRST = actions.Step(
    "browse",
    actions.Browse(),
    captures=(actions.Capture(CAPTURED, "json", Path("$.ref", ("ref",))),),
)
BUY = tuple(
    actions.Step(type(a).__name__.lower(), a)
    for a in (actions.Identify(), actions.Add(), actions.Confirm(), actions.Checkout())
)
stages = st.builds(
    model.Stage, st.sampled_from(["ramp", "step", "spike"]), durations.filter(bool), st.integers(1, 999).map(float)
)
loads_of_all_kinds = st.builds(
    model.Load, st.just("closed"), st.lists(stages, min_size=1, max_size=3).map(tuple), st.none() | st.just(2)
) | st.builds(
    model.Load,
    st.just("open"),
    st.lists(stages | st.builds(model.Stage, st.just("hold"), durations.filter(bool)), max_size=2).map(
        lambda more: (model.Stage("ramp", 1.5, 0.25), *more)
    ),
    st.none(),
    st.sampled_from(["constant", "poisson"]),
    st.integers(1, 1_000_000),
)
thresholds = st.sampled_from([
    model.Threshold("error_rate < 1%", "error_rate", "<", 0.01, "share"),
    model.Threshold("checkout.p95 <= 1.5s", "p95", "<=", 1500.0, "ms", None, "checkout"),
    model.Threshold("orders.missing == 0", "orders.missing", "==", 0.0, "count"),
])  # fmt: skip


@st.composite
def scenarios(draw):
    catalog = tuple({i.item_id: i for i in draw(st.lists(items, min_size=1, max_size=4))}.values())
    journeys = []
    for name in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        made = (FIRST, *BUY, *draw(st.lists(steps(catalog), max_size=5)))
        weight = draw(st.integers(1, 100)) / 4
        journeys.append(actions.Journey(name, Namer().name_all(made), weight, draw(ranges(durations))))
    return model.Scenario(
        name=draw(names),
        description=draw(texts | st.just("")),
        target=model.Target("sitecore-cdp", "sandbox", "test", SECRET, SECRET, draw(texts)),
        journeys=tuple(journeys),
        load=draw(loads_of_all_kinds),
        defaults=model.Defaults(page=draw(texts)),
        guests=model.Guests((("en_GB", 1.0),), draw(shares), draw(st.none() | st.integers(0, 1000))),
        catalog=catalog,
        thresholds=tuple(draw(st.lists(thresholds, max_size=2))),
    )


@settings(max_examples=100)
@given(scenarios())
def test_load_of_print_is_the_same(scenario):
    printed = to_yaml(scenario)
    assert loads(printed) == scenario, printed
    compile_scenario(scenario)
