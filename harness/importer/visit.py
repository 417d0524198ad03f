"""How far a guest has come, and the steps that have to stand before the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from harness.importer.calls import Notes
from harness.scenario.yaml_writer import Commented, Plain


@dataclass(slots=True)
class Catalog:
    """Things that were put into carts: by item_id, each with its type, name and price."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)

    def know(self, item_id: str, kind: str, name: str, price: Decimal) -> bool:
        """Whether the item is in the catalog with just this."""
        made = {"item_id": item_id, "type": kind, "name": name, "price": Plain(f"{price:f}")}
        return self.items.setdefault(item_id, made) == made


class Visit:
    """One guest's visit. ``cart``: pieces by item_id. ``added``: steps that the next one needs before it.

    Nothing is added unless the visit is to be made ``complete``: a step that is not there may be the mistake.
    """

    def __init__(self, catalog: Catalog, notes: Notes, complete: bool) -> None:
        self.cart: dict[str, int] = {}
        self.viewed = False
        self.identified = False
        self.confirmed = False
        self.added: list[Any] = []
        self._catalog = catalog
        self._notes = notes
        self._complete = complete

    def put(self, item_id: str, pieces: int) -> None:
        """So many more of an item are in the cart, which has to be confirmed anew."""
        self.cart[item_id] = self.cart.get(item_id, 0) + pieces
        self.confirmed = False

    def empty(self) -> None:
        """The cart is empty: bought, cleared or abandoned."""
        self.cart.clear()
        self.confirmed = False

    def need_identity(self, what: str) -> None:
        """``what`` comes next, and is for identified guests."""
        if self._complete and not self.identified:
            self._add("identify", what)
            self.identified = True

    def need_item(self, item_id: str, what: str) -> None:
        """``what`` comes next, and needs the item in the cart."""
        if not self._complete:
            return
        made_up = Commented.by("item_id", f"made up by --complete, because {what} needs it")
        self._catalog.items.setdefault(
            item_id, {made_up: item_id, "type": "ITEM", "name": item_id, "price": Plain("1.00")}
        )
        self.cart[item_id] = 1
        if not self.viewed:
            self._add("browse", what)
            self.viewed = True
        self.need_identity(what)
        self._add("add", what, item_id)

    def need_cart(self, what: str) -> None:
        """``what`` comes next, and needs something in the cart."""
        if self._complete and not self.cart:
            self.need_item(next(iter(self._catalog.items), "ITEM_1"), what)

    def need_confirmed(self, what: str) -> None:
        """``what`` comes next, and needs a cart that is confirmed."""
        self.need_cart(what)
        if self._complete and not self.confirmed:
            self._add("confirm", what)
            self.confirmed = True

    def _add(self, verb: str, what: str, value: str = "") -> None:
        word = Commented.by(verb, f"added by --complete, because {what} needs it")
        self.added.append({word: value} if value else word)
        self._notes.add("steps added", f"{verb}{f' {value[:40]}' if value else ''} before {what}")
