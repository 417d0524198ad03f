"""What is compiled is what the CDP's own examples send, and what the guest is arrives exactly."""

from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from harness.compiler import compile_scenario
from harness.compiler.plan import GUEST_SLOTS, SLOT, SLOTS, Send, Template, amount, money
from harness.compiler.template import IN_QUERY, Message, Slots, ascii_bytes, gap, in_query, template, text_in_query
from harness.guests.identity import Identities
from harness.guests.pool import Pool
from harness.guests.profile import Profile
from harness.scenario.loader import loads

ARTICLE = """\
scenario: article
target: {url: sandbox, point_of_sale: pastoral-witty-grill}
defaults: {channel: WEB, language: EN, currency: GBP, page: home page}
catalog:
  - {item_id: EXACT_90, type: SHOES, name: Exact 90, price: 49.90}
journeys:
  purchase:
    think: 1s
    steps:
      - browse: {page: offers, uri: "/a?b=c&d", referrer: "https://x/ü"}
      - identify
      - add: EXACT_90
      - confirm
      - checkout: {status: PURCHASED, reference_id: ORDER_1}
load: {users: 1, iterations: 1}
"""
BROWSER = "7ed103bd-08c2-47f4-8f69-91141ca3200d"


def sends() -> dict[str, Send]:
    return {send.name: send for _, send in compile_scenario(loads(ARTICLE)).steps}


def values(**given: bytes) -> list[bytes]:
    filled = [b""] * len(SLOTS)
    for name, value in given.items():
        filled[SLOT[name.replace("__", ".")]] = value
    return filled


def fill(made: Template, given: list[bytes]) -> bytes:
    """The template with a value in every gap."""
    parts = [made.literals[0]]
    for place, literal in zip(made.gaps, made.literals[1:], strict=True):
        parts += [given[place], literal]
    return b"".join(parts)


def decode(target: bytes) -> str:
    query = parse_qs(urlsplit(target.decode("ascii")).query, strict_parsing=True)
    assert query["client_key"] == ["KEY"]
    return query["message"][0]


def test_confirm_is_the_articles_message_to_the_letter():
    cart = b"%7B%22item_id%22:%22EXACT_90%22%7D"
    target = fill(
        sends()["confirm"].request.target, values(client_key=b"KEY", browser_id=BROWSER.encode(), cart__confirm=cart)
    )
    assert target.startswith(b"/v1.2/event/create.json?client_key=KEY&message=")
    assert decode(target) == (
        '{"channel":"WEB","type":"CONFIRM","language":"EN","currency":"GBP","page":"home page",'
        f'"pos":"pastoral-witty-grill","browser_id":"{BROWSER}","product":[{{"item_id":"EXACT_90"}}]}}'
    )


def test_checkout_is_the_articles_message_to_the_letter():
    target = fill(
        sends()["checkout"].request.target, values(client_key=b"KEY", browser_id=BROWSER.encode(), order=b"ORDER_1")
    )
    assert decode(target) == (
        '{"channel":"WEB","type":"CHECKOUT","language":"EN","currency":"GBP","page":"home page",'
        f'"pos":"pastoral-witty-grill","browser_id":"{BROWSER}","status":"PURCHASED","reference_id":"ORDER_1"}}'
    )
    assert sends()["checkout"].order == "ORDER_1"


def test_view_takes_its_page_and_more():
    sent = json.loads(decode(fill(sends()["browse"].request.target, values(client_key=b"KEY"))))
    assert (sent["page"], sent["uri"], sent["referrer"]) == ("offers", "/a?b=c&d", "https://x/ü")


def test_steps_are_numbered_and_the_browser_id_comes_first():
    plan = compile_scenario(loads(ARTICLE))
    assert [op.name for op in plan.journeys[0].ops] == [
        "browser id", "browse", "identify", "add", "confirm", "checkout",
    ]  # fmt: skip
    assert [op.index for op in plan.journeys[0].ops] == list(range(6))
    assert plan.journeys[0].think.low == 1


def test_what_is_computed_for_a_path_is_computed_once():
    plan = compile_scenario(loads(ARTICLE.replace("- identify", "- request: '/guests/${guest.id}?of=${guest.city}'")))
    assert [each.name for each in plan.computed] == ["guest.id", "guest.city"]
    (sent,) = [send.request for _, send in plan.steps if send.name == "request"]
    assert sent.computed == plan.computed
    assert sent.target.gaps == tuple(each.slot for each in plan.computed)


def test_a_plan_is_a_value():
    assert compile_scenario(loads(ARTICLE)) == compile_scenario(loads(ARTICLE))


anything = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
profiles = st.builds(Profile, *[anything] * 11, mailbox=st.just("a.b"))


@given(profiles, st.integers(0, 10**12), st.integers(0, 2**31))
def test_what_the_guest_is_arrives_exactly(profile, number, seed):
    """Accents, quotes, %, &, +, emoji, any script: pre-encoded, joined, and decoded as a server does."""
    fields = tuple(name.removeprefix("guest.") for name in GUEST_SLOTS)
    encoded = Identities(Pool((profile,)), seed, fields, text_in_query).fields(number)
    filled = values(client_key=b"KEY", browser_id=b"b")
    filled[SLOT[GUEST_SLOTS[0]] : SLOT[GUEST_SLOTS[0]] + len(encoded)] = encoded
    sent = json.loads(decode(fill(sends()["identify"].request.target, filled)))
    for name in ("title", "firstname", "lastname", "gender", "dob", "city", "country", "postal_code", "phone"):
        assert sent[name] == getattr(profile, name)
    assert sent["street"] == [profile.street]
    assert sent["email"].startswith("a.b.")
    assert sent["identifiers"] == [{"provider": "harness", "id": sent["email"][4:].removesuffix("@example.com")}]


@given(anything, anything, anything, st.decimals(0, 10**8, places=2))
def test_what_is_sold_arrives_exactly(item_id, kind, name, price):
    from harness.compiler.cdp_requests import line
    from harness.scenario.model import Item

    made = line(Item(item_id, kind, name, price), IN_QUERY)
    filled = values(client_key=b"KEY", browser_id=b"b", quantity=b"3", now=b"2026-01-01T00:00:00.000Z", line=b"L")
    filled[SLOT["item.id"] : SLOT["item.id"] + 4] = made.values
    product = json.loads(decode(fill(sends()["add"].request.target, filled)), parse_float=Decimal)["product"]
    assert (product["item_id"], product["type"], product["name"], product["quantity"]) == (item_id, kind, name, 3)
    assert Decimal(product["price"]) == price == money(made.price)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_messages_are_json_without_spaces_between_tokens(value):
    text = "".join(str(piece) for piece in Message(Slots()).json(value, IN_QUERY))
    assert json.loads(text) == value
    assert text == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_a_template_prints_its_gaps():
    pieces = Message(Slots()).json({"a": gap("order"), "b": gap("quantity", raw=True)}, IN_QUERY)
    made = template((["/p?m="], ascii_bytes), (pieces, in_query))
    assert made.text(SLOTS) == "/p?m=%7B%22a%22:%22${order}%22,%22b%22:${quantity}%7D"
    assert fill(made, values(order=b"X", quantity=b"2")) == b"/p?m=%7B%22a%22:%22X%22,%22b%22:2%7D"
    assert fill(Template((b"all",)), []) == b"all"


@given(st.decimals(0, 10**9, places=4))
def test_money_survives_the_scale(price):
    assert money(amount(price)) == price
