"""Decides for each event which of the faults behind the reply it has."""

from collections import Counter
from typing import Any

from harness.cdp.events import CHECKOUT, IDENTITY, ORDER_CHECKOUT
from harness.sandbox.dice import Dice
from harness.sandbox.faults import Faults
from harness.sandbox.twists import Twist

_MAKES_ORDERS = (CHECKOUT.name, ORDER_CHECKOUT.name)


class Twister:
    """Draws twists."""

    def __init__(self, faults: Faults, delay_s: float, counts: Counter[str]) -> None:
        """``delay_s`` is how long every event's effects take to be readable, unless the faults say otherwise."""
        self._faults = faults
        self._delay_s = delay_s
        names = ("drop", "duplicate_orders", "wrong_price", "ignore_currency", "merge_identities")
        self._dice = Dice(faults.seed, names, counts)

    @classmethod
    def of(cls, faults: Faults, delay_s: float, counts: Counter[str]) -> "Twister | None":
        """One that is needed, else None."""
        wanted = (
            faults.drop,
            faults.visible_after,
            faults.wrong_price,
            faults.ignore_currency,
            faults.duplicate_orders,
            faults.merge_identities,
            faults.confirm_before_add,
            delay_s,
        )
        return cls(faults, delay_s, counts) if any(wanted) else None

    def twist(self, event: dict[str, Any]) -> Twist:
        """The faults of this event."""
        faults = self._faults
        kind: str = event["type"]
        dropped = next((rule.rate for rule in faults.drop if rule.only.fits("", kind)), 0.0)
        if self._dice.comes("drop", dropped):
            return Twist(drop=True)
        later = next((rule.delay_s for rule in faults.visible_after if rule.only.fits("", kind)), self._delay_s)
        twist = Twist(delay_s=later, lax=faults.confirm_before_add)
        if (ignored := faults.ignore_currency) and self._dice.comes("ignore_currency", ignored.rate):
            twist = twist._replace(currency=ignored.currency)
        if kind == IDENTITY.name and self._dice.comes("merge_identities", faults.merge_identities):
            twist = twist._replace(stranger=True)
        if kind in _MAKES_ORDERS:
            if (wrong := faults.wrong_price) and self._dice.comes("wrong_price", wrong.rate):
                twist = twist._replace(factor=wrong.factor, addition=wrong.addition)
            if self._dice.comes("duplicate_orders", faults.duplicate_orders):
                twist = twist._replace(twice=True)
        return twist
