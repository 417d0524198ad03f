"""Guests walk a journey on paper: the dice of ``engine/walk``, no requests. What each would send, and when.

A request takes the same time for everybody and succeeds. What a reply would hold is not known: a condition that
hangs on a captured value is true for half of the guests.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.compiler.plan import Choose, JourneyPlan, Leave, Op, Pause, Plan, Repeat, Send, When, money
from harness.guests import Identities, make_pool
from harness.scenario.expressions import Expression, Value, evaluate, names, show

MOST_OPERATIONS = 1_000_000
"""Over all guests of a journey: a few seconds."""
UNKNOWN_SHARE = 0.5
"""Of the guests for whom a condition on something unknown is true."""
GOES_ON, LEFT = 0, 1
_FIELDS = ("country", "locale", "gender", "title", "firstname", "lastname", "email", "id", "dob", "street", "city",
           "postal_code", "phone")  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Traces:
    """What the simulated guests of one journey did. One place an event in ``step``, ``at``, ``guest``, ``value``.

    ``step`` counts from the journey's first; ``at`` (s) since the guest set out; ``value``: of the order, in
    ten-thousandths, where the step makes one. One place a guest in ``duration`` (s) and ``left``.
    ``cut``: a guest did so much that the simulation gave up on it. ``unpriced``: there are orders of which nobody says
    what they come to, counted with no value.
    """

    step: Ints
    at: Floats
    guest: Ints
    value: Floats
    duration: Floats
    left: npt.NDArray[np.bool_]
    cut: bool
    unpriced: bool = False

    @property
    def guests(self) -> int:
        """How many set out."""
        return len(self.duration)


class _UnknownError(Exception):
    """The value hangs on a reply."""


class _CutError(Exception):
    """Too much for one simulation."""


@dataclass(slots=True)
class _Guest:
    """A guest under way: the part of ``engine.visit.Visit`` on which its way depends."""

    number: int
    clock: float = 0.0
    due: bool = False
    total: int = 0
    quantity: int = 0
    items: set[str] = field(default_factory=set)
    unconfirmed: set[str] = field(default_factory=set)
    captured: set[str] = field(default_factory=set)
    order: str = ""


class Simulation:
    """Sends guests down one journey."""

    def __init__(self, plan: Plan, journey: JourneyPlan, latency_s: float, seed: int) -> None:
        self._journey = journey
        self._latency = latency_s
        self._rng = random.Random(f"{seed}/{journey.index}")
        self._first = journey.sends[0].index if journey.sends else 0
        self._identities: Identities | None = None
        self._rows = len(plan.guests.feed.rows) if plan.guests.feed else 0
        if any(name.parts[0] == "guest" for c in conditions(journey.ops) for name in names(c)):
            # Who the guests are matters: the very people that a run would send.
            pool = make_pool(plan.guests.locales, seed)
            self._identities = Identities(pool, seed, _FIELDS, str.encode, plan.guests.feed)
        self._known_browsers = _known_browsers(plan)
        self._step, self._guest = array("q"), array("q")
        self._at, self._value = array("d"), array("d")
        self._left_over = MOST_OPERATIONS
        self._unpriced = False

    def run(self, guests: int) -> Traces:
        """So many guests, or as many as the simulation has room for; one at least."""
        durations, left = array("d"), array("b")
        cut = False
        for number in range(guests):
            guest = _Guest(number)
            try:
                end = self._run(self._journey.ops, guest)
            except _CutError:
                if number:
                    # The others speak for it.
                    self._forget(number)
                    break
                end, cut = GOES_ON, True
            durations.append(guest.clock)
            left.append(end == LEFT)
            if cut:
                break
        return Traces(
            np.array(self._step, np.int64),
            np.array(self._at, np.float64),
            np.array(self._guest, np.int64),
            np.array(self._value, np.float64),
            np.array(durations, np.float64),
            np.array(left, np.bool_),
            cut,
            self._unpriced,
        )

    def _forget(self, number: int) -> None:
        keep = len(self._guest)
        while keep and self._guest[keep - 1] == number:
            keep -= 1
        for each in (self._step, self._at, self._guest, self._value):
            del each[keep:]

    def _run(self, ops: Sequence[Op], guest: _Guest) -> int:
        for op in ops:
            self._left_over -= 1
            if self._left_over < 0:
                raise _CutError
            if isinstance(op, Send):
                self._send(op, guest)
            elif end := self._flow(op, guest):
                return end
        return GOES_ON

    def _flow(self, op: Op, guest: _Guest) -> int:
        rng = self._rng
        match op:
            case Pause(low, high):
                guest.clock += low if low == high else rng.uniform(low, high)
                guest.due = False
            case Leave(share):
                return LEFT if share >= 1 or rng.random() < share else GOES_ON
            case Repeat(low, high, ops):
                for _ in range(low if low == high else rng.randint(low, high)):
                    self._left_over -= 1
                    if end := self._run(ops, guest):
                        return end
            case Choose(ways):
                dice = rng.random()
                for total, ops in ways:
                    if dice < total:
                        return self._run(ops, guest)
            case When(condition, ops, otherwise):
                return self._run(ops if self._holds(condition, guest) else otherwise, guest)
        return GOES_ON

    def _send(self, send: Send, guest: _Guest) -> None:
        if send.request.type == "BROWSER" and self._known_browsers and self._rng.random() < self._known_browsers:
            return
        think = self._journey.think
        if guest.due and think.high > 0:
            guest.clock += think.low if think.low == think.high else self._rng.uniform(think.low, think.high)
        if send.pick is not None:
            pick = send.pick
            line = pick.lines[0] if len(pick.lines) == 1 else self._rng.choice(pick.lines)
            quantity = pick.low if pick.low == pick.high else self._rng.randint(pick.low, pick.high)
            guest.items.add(line.item_id)
            guest.unconfirmed.add(line.item_id)
            guest.quantity += quantity
            guest.total += line.price * quantity
        if send.confirms is not None and guest.items.issuperset(send.confirms):
            guest.unconfirmed.difference_update(send.confirms or guest.items)
        if send.order is not None:
            guest.order = send.order or f"R000000-{guest.number}"
        self._step.append(send.index - self._first)
        self._at.append(guest.clock)
        self._guest.append(guest.number)
        # What becomes of items that nobody confirmed is not documented.
        open_price = send.purchase and send.pick is None and bool(guest.unconfirmed)
        self._unpriced = self._unpriced or open_price
        self._value.append(guest.total if send.purchase and not open_price else 0)
        guest.clock += self._latency
        guest.captured.update(capture.name for capture in send.captures)
        if send.empties:
            guest.items.clear()
            guest.unconfirmed.clear()
            guest.quantity = guest.total = 0
        guest.due = send.request.type != "BROWSER"

    def _holds(self, condition: Expression, guest: _Guest) -> bool:
        def lookup(parts: tuple[str, ...]) -> Value:
            return self._lookup(parts, guest)

        try:
            return bool(evaluate(condition, lookup))
        except _UnknownError:
            return self._rng.random() < UNKNOWN_SHARE

    def _lookup(self, parts: tuple[str, ...], guest: _Guest) -> Value:
        if len(parts) == 1:
            if parts[0] in guest.captured:
                raise _UnknownError
            return None
        root, name = parts
        if root == "guest" and self._identities is not None:
            return self._identities.text(guest.number % self._rows if self._rows else guest.number, name)
        if root == "cart":
            cart: dict[str, Any] = {"count": len(guest.items), "quantity": guest.quantity, "total": money(guest.total)}
            found: Value = cart[name]
            return found
        return guest.order if root == "order" else "00000000-0000-4000-8000-000000000000"


def _known_browsers(plan: Plan) -> float:
    """The share of guests who come with a browser id."""
    if plan.guests.feed is not None:
        rows = plan.guests.feed.rows
        return sum(bool(dict(row).get("browser_id")) for row in rows) / len(rows)
    return plan.guests.returning if plan.guests.browser == "same" else 0.0


def conditions(ops: Sequence[Op]) -> Iterator[Expression]:
    """Every condition of ``when``, in the order of the file."""
    for op in ops:
        match op:
            case Repeat(ops=inner):
                yield from conditions(inner)
            case Choose(ways=ways):
                for _, inner in ways:
                    yield from conditions(inner)
            case When(condition, inner, otherwise):
                yield condition
                yield from conditions(inner)
                yield from conditions(otherwise)


def unknown_conditions(journey: JourneyPlan) -> list[str]:
    """Conditions that hang on what a reply holds, as text."""
    captured = {capture.name for send in journey.sends for capture in send.captures if capture.name}
    found = [c for c in conditions(journey.ops) if any(name.parts[0] in captured for name in names(c))]
    return list(dict.fromkeys(map(show, found)))
