"""A visit: one guest on one journey, and the values that its requests are made of."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from harness.compiler.cdp_requests import order_line
from harness.compiler.plan import ITEM_SLOTS, SLOT, Computed, Line, Pick, money
from harness.compiler.template import ENCODERS
from harness.record.stories import Story
from harness.scenario.expressions import Value, evaluate

if TYPE_CHECKING:  # the worker makes visits
    from harness.engine.worker import Worker

_BROWSER, _QUANTITY, _GUEST_REF = (SLOT[name] for name in ("browser_id", "quantity", "guest.ref"))
_CONFIRM, _ORDER_ITEMS, _TOTAL = (SLOT[name] for name in ("cart.confirm", "cart.order", "cart.total"))
_FIRST_ITEM_SLOT = SLOT[ITEM_SLOTS[0]]


class Visit:
    """One guest on one journey: the values for the gaps of its requests, its cart, its captures, its dice.

    ``total`` in ten-thousandths; ``unconfirmed``: items of the cart that a checkout may leave there. ``at``: the step it
    came to last. ``thinks``: the guest pauses before the next request.
    ``has_browser``: it comes with a browser id and needs no other.
    ``due_ns``: when that is to be sent (perf_counter_ns). ``story``: where all that it sends is kept, if it is.
    """

    __slots__ = (
        "_rng", "_seed", "at", "captured", "cart", "due_ns", "guest", "has_browser", "lines", "order", "quantity", "story",
        "thinks", "total", "unconfirmed", "values", "worker",
    )  # fmt: skip

    def __init__(
        self, worker: Worker, values: list[bytes], guest: int, seed: int, rng: random.Random | None = None
    ) -> None:
        self.worker = worker
        self.values = values
        self.guest = guest
        self._seed = seed
        self._rng = rng
        self.cart: dict[str, bytes] = {}
        self.unconfirmed: set[str] = set()
        self.lines: list[tuple[Line, int]] = []
        self.order = ""
        self.quantity = 0
        self.total = 0
        self.captured: dict[str, Value] = {}
        self.at: int | None = None
        self.story: Story | None = None
        self.thinks = False
        self.has_browser = False
        self.due_ns = 0

    @property
    def rng(self) -> random.Random:
        """The guest's dice. To seed them costs half a request, so not before they are thrown."""
        if self._rng is None:
            self._rng = random.Random(self._seed)
        return self._rng

    def twin(self) -> Visit:
        """The same guest with the same dice, on its own: what one does before its first step, the other will do."""
        return Visit(self.worker, self.values.copy(), self.guest, self._seed)

    def pick(self, pick: Pick) -> None:
        """Put an item into the cart."""
        line = pick.lines[0] if len(pick.lines) == 1 else self.rng.choice(pick.lines)
        quantity = pick.low if pick.low == pick.high else self.rng.randint(pick.low, pick.high)
        values = self.values
        values[_FIRST_ITEM_SLOT : _FIRST_ITEM_SLOT + len(line.values)] = line.values
        values[_QUANTITY] = b"%d" % quantity
        self.cart[line.item_id] = line.confirm
        self.unconfirmed.add(line.item_id)
        values[_CONFIRM] = line.confirm if len(self.cart) == 1 else b",".join(self.cart.values())
        self.quantity += quantity
        self.total += line.price * quantity
        self.lines.append((line, quantity))

    def confirm(self, items: tuple[str, ...]) -> None:
        """Confirm items of the cart, or all (empty). Of one that is not in it a CDP confirms nothing."""
        if not items:
            self.unconfirmed.clear()
        elif all(item in self.cart for item in items):
            self.unconfirmed.difference_update(items)

    def fill_order(self) -> None:
        """Write the whole cart into the values, for an order in one event."""
        worker = self.worker
        pieces = [order_line(line.values, quantity, worker.currency, worker.writing) for line, quantity in self.lines]
        self.values[_ORDER_ITEMS] = b",".join(pieces)
        self.values[_TOTAL] = worker.writing.encode(f"{money(self.total):f}")

    def empty_cart(self) -> None:
        """Nothing is in the cart any more."""
        self.cart.clear()
        self.unconfirmed.clear()
        self.lines.clear()
        self.values[_CONFIRM] = b""
        self.quantity = 0
        self.total = 0

    def lookup(self, parts: tuple[str, ...]) -> Value:
        """The value of a name in an expression."""
        if len(parts) == 1:
            return self.captured.get(parts[0])
        root, field = parts
        if root == "guest" and field == "ref":
            return self.values[_GUEST_REF].decode("ascii")
        if root == "guest":
            return self.worker.guest_field(self.guest, field)
        if root == "cart":
            cart: dict[str, Value] = {"count": len(self.cart), "quantity": self.quantity, "total": money(self.total)}
            return cart[field]
        if root == "order":
            return self.order
        return self.values[_BROWSER].decode("ascii")

    def compute(self, computed: tuple[Computed, ...]) -> None:
        """Work out values that a request needs."""
        for each in computed:
            self.values[each.slot] = ENCODERS[each.encoding](evaluate(each.expression, self.lookup))
