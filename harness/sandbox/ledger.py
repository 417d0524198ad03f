"""The orders and the revenue they are."""

from collections import OrderedDict

from harness.cdp.events import PURCHASED
from harness.sandbox.config import Limits
from harness.sandbox.model import Order
from harness.sandbox.money import Sums


class Ledger:
    """Orders by ref and by number. Beyond the ceiling the oldest are forgotten; the sums stay."""

    def __init__(self, limits: Limits) -> None:
        self.orders: OrderedDict[str, Order] = OrderedDict()
        self.numbers: dict[str, Order] = {}
        self.revenue = Sums(limits.currencies)
        self.count = 0
        self._most = limits.orders

    def place(self, order: Order) -> None:
        """Takes an order with a number that no other has."""
        self.orders[order.ref] = self.numbers[order.number] = order.guest.orders[order.ref] = order
        self.count += 1
        self.revenue.add(order.currency, order.price)
        if len(self.orders) > self._most:
            _, oldest = self.orders.popitem(last=False)
            del self.numbers[oldest.number]
            oldest.guest.orders.pop(oldest.ref, None)

    def take_back(self, order: Order, status: str) -> None:
        """Gives the order a status with which it is no revenue; it remains an order, and counted."""
        if order.status == PURCHASED:
            self.revenue.add(order.currency, order.price.copy_negate())
        order.status = status
