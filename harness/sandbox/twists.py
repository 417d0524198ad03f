"""What goes wrong with one event behind a reply that says all is well. A value: it can be kept, and done again."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from harness.sandbox import money


class Twist(NamedTuple):
    """Faults of one event, none by default. ``delay_s`` is how long its effects cannot be read."""

    drop: bool = False
    delay_s: float = 0.0
    twice: bool = False
    """An order that it makes is written twice."""
    factor: Decimal = Decimal(1)
    addition: Decimal = money.ZERO
    """An order that it makes has its price times the factor, plus the addition."""
    currency: str = ""
    """Everything in it is stored under this currency."""
    stranger: bool = False
    """The guest whom it identifies becomes part of another one."""
    lax: bool = False
    """CONFIRM does not ask for an ADD before it."""

    def price(self, price: Decimal) -> Decimal:
        """What is stored in the place of a price."""
        return money.add(money.multiply(price, self.factor), self.addition)

    def as_json(self) -> dict[str, Any]:
        """What differs from no fault."""
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in self._asdict().items()
            if value != _DEFAULTS[name]
        }


NO_TWIST = Twist()
_DEFAULTS = Twist._field_defaults


def from_json(value: Mapping[str, Any]) -> Twist:
    """The twist whose JSON it is."""
    given: dict[str, Any] = {
        name: Decimal(each) if name in ("factor", "addition") else each for name, each in value.items()
    }
    return Twist(**given)


def in_currency(event: dict[str, Any], currency: str) -> dict[str, Any]:
    """The event with every currency in it replaced."""
    changed = {**event, "currency": currency}
    if isinstance(product := event.get("product"), dict):
        changed["product"] = {**product, "currency": currency}
    if isinstance(order := event.get("order"), dict):
        items = order.get("orderItems")
        whole = [{**each, "currencyCode": currency} if isinstance(each, dict) else each for each in items or []]
        changed["order"] = {**order, "currencyCode": currency, **({"orderItems": whole} if items else {})}
    return changed
