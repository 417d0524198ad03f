"""The worker: what all users of one process share, and how guests and orders are numbered."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

from harness.compiler.plan import GUEST_SLOTS, SLOT, SLOTS, Pick, Plan
from harness.compiler.template import text_in_query
from harness.guests import Identities, make_pool
from harness.guests.identity import base36
from harness.record.figures import StepKey
from harness.record.ledger import Ledger
from harness.record.recorder import Recorder

_FIRST_GUEST_SLOT = SLOT[GUEST_SLOTS[0]]
_ORDER, _LINE, _NOW, _QUANTITY, _CART = (SLOT[name] for name in ("order", "line", "now", "quantity", "cart"))
_FIRST_ITEM_SLOT = SLOT["item.id"]


class Visit:
    """One guest on one journey: the values for the gaps of its requests, its cart, its dice."""

    __slots__ = ("cart", "rng", "total", "values")

    def __init__(self, values: list[bytes], rng: random.Random) -> None:
        self.values = values
        self.rng = rng
        self.cart: dict[str, bytes] = {}
        self.total = 0

    def pick(self, pick: Pick) -> None:
        """Put an item into the cart; ``total`` in ten-thousandths."""
        rng = self.rng
        line = pick.lines[0] if len(pick.lines) == 1 else rng.choice(pick.lines)
        quantity = pick.low if pick.low == pick.high else rng.randint(pick.low, pick.high)
        values = self.values
        values[_FIRST_ITEM_SLOT : _FIRST_ITEM_SLOT + len(line.values)] = line.values
        values[_QUANTITY] = b"%d" % quantity
        self.cart[line.item_id] = line.confirm
        values[_CART] = b",".join(self.cart.values())
        self.total += line.price * quantity

    def empty_cart(self) -> None:
        """The order is placed."""
        self.cart.clear()
        self.values[_CART] = b""
        self.total = 0


class Worker:
    """One process of the load. ``index`` of ``stride`` processes: numbers never meet another process's."""

    def __init__(self, plan: Plan, client_key: str, seed: int, run_id: str, index: int = 0, stride: int = 1) -> None:
        self.plan = plan
        self.seed = seed
        self.run_id = run_id
        self.recorder = Recorder([StepKey(j, s.name) for j, s in plan.steps], [j.name for j in plan.journeys])
        self.ledger = Ledger()
        self._given_numbers: dict[int, str] = {}
        self._index, self._stride = index, stride
        self._visits = 0
        self._guests = 0
        self._lines = 0
        self._client_key = text_in_query(client_key)
        pool = make_pool(plan.guests.locales, seed)
        fields = tuple(name.removeprefix("guest.") for name in GUEST_SLOTS)
        self._identities = Identities(pool, seed, fields, text_in_query)
        self._second = 0
        self._now = b""

    def visit(self) -> Visit:
        """The next guest sets out: a new one, or with the scenario's probability one seen before."""
        rng = random.Random((self.seed << 64) + (self._index << 48) + self._visits)
        self._visits += 1
        if self._guests and rng.random() < self.plan.guests.returning:
            guest = rng.randrange(self._guests)
        else:
            guest = self._guests
            self._guests += 1
        values = [b""] * len(SLOTS)
        values[0] = self._client_key
        values[_FIRST_GUEST_SLOT:] = self._identities.fields(self._number(guest))
        return Visit(values, rng)

    @property
    def guests(self) -> int:
        """How many different guests this process has sent out."""
        return self._guests

    def _number(self, count: int) -> int:
        return count * self._stride + self._index

    def order_number(self, place: int) -> str:
        """The number of the order at a place of this process's ledger: upper case, never used before."""
        return self._given_numbers.get(place) or f"{self.run_id}-{base36(self._number(place)).upper()}"

    def open_order(self, visit: Visit, number: str) -> int:
        """A checkout is about to be sent, under ``number`` (empty: a new one); its place in the ledger."""
        place = self.ledger.open(visit.total)
        if number:
            self._given_numbers[place] = number
        visit.values[_ORDER] = text_in_query(self.order_number(place))
        return place

    def before_sending(self, visit: Visit) -> None:
        """Set the values that change from request to request: the time, and the cart line's number."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._now = f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.000Z".encode()
        visit.values[_NOW] = self._now

    def next_line(self, visit: Visit) -> None:
        """Give the cart line that is about to be added a number of its own."""
        visit.values[_LINE] = f"{self.run_id}-L{base36(self._number(self._lines)).upper()}".encode()
        self._lines += 1
