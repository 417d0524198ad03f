"""Random journeys on a sandbox that fails at random: ledger, funnel, stories and the sandbox agree, whatever happens.

The walker and the sandbox's own store, in one process; between them a transport that loses requests and replies.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.compiler import compile_scenario
from harness.compiler.plan import money
from harness.engine.http_reply import Reply
from harness.engine.walk import Walker
from harness.engine.worker import Worker, order_number
from harness.record.ledger import UNPRICED
from harness.record.recorder import Failure
from harness.sandbox.config import SandboxConfig
from harness.sandbox.store import Store
from harness.scenario.loader import loads
from harness.scenario.values import Sample
from harness.verify.questions import Names, questions
from harness.verify.reconcile import Tally
from harness.verify.sent import message_of
from harness.verify.story import told

HEAD = """\
scenario: any
target: {url: sandbox, point_of_sale: pastoral-witty-grill}
defaults: {currency: GBP}
guests: {locales: en_GB, returning: 30%, seed: 1}
catalog:
  - {item_id: A, type: T, name: One, price: 10.50}
  - {item_id: B, type: T, name: Two, price: 0.05}
load: {users: 1, iterations: 1}
"""
FATES = ("fine", "refused", "failed", "failed, stored", "lost", "lost, stored", "unsent")


class Shaky:
    """A transport to a store. Of events (``share`` of them) some fail, before or after they are stored."""

    def __init__(self, store: Store, share: float, seed: int) -> None:
        self._store = store
        self._share = share
        self._rng = random.Random(seed)
        self.stored: Counter[str] = Counter()
        self.sent = 0

    def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes | None = None) -> Reply:
        self.sent += 1
        message = message_of(method, target.decode(), body)
        if message is None:
            return Reply(200, json.dumps({"ref": self._store.create_browser()}).encode(), 10, 10, 10)
        fate = self._rng.choice(FATES[1:]) if self._rng.random() < self._share else "fine"
        if fate == "fine" or "stored" in fate:
            plain = json.loads(json.dumps(message, default=float))
            self._store.record(plain, json.dumps(plain).encode())
            self.stored[plain["type"]] += 1
        if fate == "fine":
            return Reply(201, b'{"status":"OK"}', 10, 10, 10)
        if fate in ("refused", "failed", "failed, stored"):
            return Reply(400 if fate == "refused" else 503, b"{}", 10, 10, 10)
        return Reply(0, b"", 0, 10, 0, Failure("connection", "reset"), fate == "unsent")

    def close(self) -> None:
        """Nothing to close."""


class Host:
    """Does not pause, and hears of every request."""

    def pause(self, seconds: float) -> None:
        """Not even for a moment."""

    def check_stop(self) -> None:
        """Never."""

    def request_done(self, *_: Any) -> None:
        """Nothing to do."""


WHOLE = "add: B}, confirm, {checkout: PURCHASED"
PARTLY = "add: A}, {add: B}, {confirm: B}, {add: B}, confirm, {add: A}, {checkout: PURCHASED"
IN_TWO = "add: A}, {add: B}, {confirm: B}, {confirm: A}, {checkout: PURCHASED"
leaf = st.sampled_from(
    ("browse", "identify", "add: {item: any, quantity: 1..3}", "leave: 20%", "search: {product: shoes}", "clear_cart",
     "payment: Card", "order_checkout: {item: A, status: PURCHASED}",
     *("repeat: 0..1\n  steps: [{" + bought + "}]" for bought in (WHOLE, PARTLY, IN_TWO)))
)  # fmt: skip
steps = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds(
            lambda some: "repeat: 0..2\n  steps:\n" + _indented(some, 4), st.lists(inner, min_size=1, max_size=3)
        ),
        st.builds(
            lambda a, b: f"choose:\n    - 60%:\n{_indented(a, 8)}\n    - 30%:\n{_indented(b, 8)}",
            st.lists(inner, min_size=1, max_size=2),
            st.lists(inner, min_size=1, max_size=2),
        ),
    ),
    max_leaves=6,
)


def _indented(some: list[str], by: int) -> str:
    return "\n".join(" " * by + "- " + step.replace("\n", "\n" + " " * by) for step in some)


BUYING = ["browse", "identify", "add: {item: any, quantity: 1..3}", "confirm", "checkout: PURCHASED"]


@settings(max_examples=60)
@given(
    st.lists(st.lists(steps, min_size=1, max_size=4), max_size=2),
    st.sampled_from((0.0, 0.02, 0.3)),
    st.integers(0, 2**31),
)
def test_ledger_funnel_and_server_agree(ways: list[list[str]], share: float, seed: int) -> None:
    bodies = [BUYING, *([*BUYING, *way] for way in ways)]
    journeys = "".join(f"  way{n}:\n    steps:\n{_indented(body, 6)}\n" for n, body in enumerate(bodies))
    plan = compile_scenario(loads(f"{HEAD}journeys:\n{journeys}"))
    store = Store(SandboxConfig())
    worker, transport, host = Worker(plan, "KEY", seed, "R1", stories=1000), Shaky(store, share, seed), Host()
    guests = 30
    for number in range(guests):
        Walker(worker, transport, host, host).walk(plan.journeys[number % len(plan.journeys)])
    figures = worker.recorder.take()

    # Figures and funnel conserve.
    assert sum(step.sent for step in figures.steps.values()) == transport.sent
    for step in figures.steps.values():
        assert step.sent == step.ok + step.failed == step.went_on + step.left + step.lost and step.under_way == 0
    for name, journey in figures.journeys.items():
        of_it = [step for key, step in figures.steps.items() if key.journey == name]
        assert journey.started == journey.completed + journey.left + journey.failed
        assert sum(step.lost for step in of_it) == journey.failed and sum(step.left for step in of_it) <= journey.left

    # The ledger and the store agree on every order that the rules make one.
    names = Names(
        lambda book, place: order_number("R1", book, place),
        lambda guest: worker.guest_field(guest, "email"),
        lambda value: Decimal(money(value)),
        [(journey, send.name, send.currency) for journey, send in plan.steps],
    )
    asked = questions([worker.book], names, Sample(), seed)
    tally = Tally()
    for order in asked:
        if found := store.ledger.of_number(order.number):
            tally.found(order, found)
        else:
            tally.not_found(order)
    result = tally.result(asked.acknowledged)
    assert result.expected == asked.acknowledged == result.found + result.missing
    assert result.counts["unexpected"] == result.counts["duplicated"] == 0
    known = result.found + result.unknown_found
    assert known == store.ledger.count, "no order exists that nobody knows of"

    # What was acknowledged is in the store, and no more than that and what nobody knows.
    acknowledged: Counter[str] = Counter()
    stories = [
        told(story, "", [(journey, send.name) for journey, send in plan.steps]) for story in worker.book.stories.all()
    ]
    for story in stories:
        acknowledged.update(event.type for event in story.events)
    assert not acknowledged - transport.stored, "stories tell of nothing that was not stored"

    # What orders come to, from the wire and from the engine's own books.
    values = {names.order(worker.book, each.place): each.value for each in worker.book.ledger.entries()}
    for purchase in (each for story in stories if story.clear for each in story.expectation.purchases if not each.flaw):
        value = values[purchase.number]
        assert purchase.price == (None if value == UNPRICED else Decimal(money(value)))
    if share == 0:
        assert all(story.clear for story in stories)
        assert figures.total().failed == result.unknown == 0
