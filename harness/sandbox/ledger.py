"""The orders and the revenue they are."""

from collections import OrderedDict
from dataclasses import replace

from harness.cdp.events import PURCHASED
from harness.sandbox.config import Limits
from harness.sandbox.model import Guest, Order
from harness.sandbox.money import Sums
from harness.sandbox.refs import Refs
from harness.sandbox.twists import NO_TWIST


class Ledger:
    """Orders by ref and by number. Beyond the ceiling the oldest are forgotten; the sums stay.

    A number is used once by events; the Order REST API, which does not look for duplicates, may use it again.
    """

    def __init__(self, limits: Limits, refs: Refs) -> None:
        self.orders: OrderedDict[str, Order] = OrderedDict()
        self.numbers: dict[str, Order] = {}
        self.revenue = Sums(limits.currencies)
        self.count = 0
        self._again: dict[str, list[Order]] = {}
        self.refs = refs
        self.twist = NO_TWIST
        self._most = limits.orders

    def place(self, order: Order) -> None:
        """Takes an order."""
        self.orders[order.ref] = order
        if order.guest is not None:
            order.guest.orders[order.ref] = order
        if order.number in self.numbers:
            self._again.setdefault(order.number, []).append(order)
        else:
            self.numbers[order.number] = order
        self.count += 1
        if order.status == PURCHASED:
            self.revenue.add(order.currency, order.price)
        if len(self.orders) > self._most:
            self._forget(next(iter(self.orders.values())))

    def sell(self, order: Order) -> None:
        """Takes an order that an event makes, with what is to go wrong with it."""
        if self.twist is not NO_TWIST:
            order.price = self.twist.price(order.price)
        self.place(order)
        if self.twist.twice:
            self.place(replace(order, ref=self.refs.new()))

    def of_number(self, number: str) -> list[Order]:
        """Every order of that number, the first one first."""
        first = self.numbers.get(number)
        return [] if first is None else [first, *self._again.get(number, ())]

    def change(self, order: Order, status: str, now: float) -> None:
        """Gives the order another status: it is revenue while that is PURCHASED, an order in any case."""
        self._count_revenue(order, -1)
        order.status = status
        order.modified = now
        self._count_revenue(order, 1)

    def replace(self, order: Order, by: Order) -> None:
        """Puts an order in the place of one with the same ref, number and guest."""
        self._count_revenue(order, -1)
        for field in ("ordered_at", "status", "currency", "price", "payment_type", "card_type", "channel", "pos"):
            setattr(order, field, getattr(by, field))
        order.modified = by.modified
        self._count_revenue(order, 1)

    def belong(self, order: Order, guest: Guest) -> None:
        """The order is that guest's from now on."""
        if order.guest is not None:
            order.guest.orders.pop(order.ref, None)
        order.guest = guest
        guest.orders[order.ref] = order

    def delete(self, order: Order) -> None:
        """The order is gone, and with it its revenue."""
        self._count_revenue(order, -1)
        self.count -= 1
        self._forget(order)

    def _forget(self, order: Order) -> None:
        del self.orders[order.ref]
        again = self._again.get(order.number, [])
        if self.numbers[order.number] is not order:
            again.remove(order)
        elif again:
            self.numbers[order.number] = again.pop(0)
        else:
            del self.numbers[order.number]
        if not again:
            self._again.pop(order.number, None)
        if order.guest is not None:
            order.guest.orders.pop(order.ref, None)

    def _count_revenue(self, order: Order, sign: int) -> None:
        if order.status == PURCHASED:
            self.revenue.add(order.currency, order.price if sign > 0 else order.price.copy_negate())
