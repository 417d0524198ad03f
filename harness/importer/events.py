"""Events of the CDP as verbs; where a visit is to be made complete, with what each needs before it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from harness.cdp import events
from harness.importer.attributes import amount, changed, flat, settable
from harness.importer.calls import Notes
from harness.importer.usual import Usual
from harness.importer.visit import Catalog, Visit
from harness.importer.writing import Variables
from harness.scenario.blanks import blank
from harness.scenario.yaml_writer import Empty, Json, Plain

_PERSONAL = {
    *events.IDENTITY_ATTRIBUTES, "passport_number", "passport_expiry", "birthdate", "name", "address", "zip", "postcode",
    "emails", "phone_numbers", "first_name", "last_name", "loyalty_number",
}  # fmt: skip
_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,79}")


class Shop:
    """Makes steps of one journey's events."""

    def __init__(self, usual: Usual, catalog: Catalog, variables: Variables, notes: Notes, complete: bool) -> None:
        self._usual = usual
        self._catalog = catalog
        self._variables = variables
        self._notes = notes
        self._visit = Visit(catalog, notes, complete)

    def steps(self, event: dict[str, Any]) -> list[Any] | None:
        """The event as a step, with those before it that are added; None: the language has no verb for it."""
        kind = event.get("type")
        if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
            return None
        self._visit.added = []
        rest = {name: value for name, value in event.items() if name not in ("type", "browser_id", "client_key", "pos")}
        unusual = changed(event, self._usual)
        for name in events.COMMON:
            rest.pop(name, None)
        make = {
            "VIEW": self._view, "IDENTITY": self._identity, "SEARCH": self._search, "ADD": self._add,
            "CONFIRM": self._confirm, "PAYMENT": self._payment, "CHECKOUT": self._checkout,
            "ORDER_CHECKOUT": self._order_checkout, "CLEAR_CART": self._clear_cart, "FORCE_CLOSE": self._force_close,
        }.get(kind)  # fmt: skip
        step = make(rest, unusual) if make else self._other(kind, rest)
        if step is None:
            return None
        attributes = self._variables.json(settable({**unusual, **rest}, self._notes))
        if attributes:
            verb, value = next(iter(step.items()))
            step = {verb: Empty("") if value is None else value, "set": Json(attributes)}
        elif next(iter(step.values())) is None:
            return [*self._visit.added, next(iter(step))]
        return [*self._visit.added, step]

    def _words(self, rest: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        """Attributes that are texts of the verb, under the verb's names for them; taken out of ``rest``."""
        return {
            key: self._variables.text(rest.pop(name))
            for name, key in names.items()
            if isinstance(rest.get(name), str) and rest[name]
        }

    # The verbs

    def _view(self, rest: dict[str, Any], unusual: dict[str, Any]) -> dict[str, Any]:
        self._visit.viewed = True
        page = unusual.pop("page", self._usual.page)
        more = self._words(rest, {"uri": "uri", "referrer": "referrer"})
        if not page:
            unusual["page"] = page
            return {"browse": more or None}
        return {"browse": {"page": self._variables.text(page), **more} if more else self._variables.text(page)}

    def _identity(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        left = [name for name in rest if name.lower() in _PERSONAL]
        for name in left:
            del rest[name]
        if left:
            self._notes.add("personal data")
        self._visit.identified = True
        return {"identify": None}

    def _search(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        attributes = settable(rest, self._notes)
        rest.clear()
        return {"search": Json(self._variables.json(attributes)) if attributes else None}

    def _add(self, rest: dict[str, Any], unusual: dict[str, Any]) -> dict[str, Any] | None:
        product = rest.get("product")
        if not isinstance(product, dict):
            return None
        item_id, quantity, price = (product.get(name) for name in ("item_id", "quantity", "price"))
        item_id = item_id if isinstance(item_id, str) and item_id else product.get("productId")
        if not isinstance(item_id, str) or not 0 < len(item_id) <= 200 or item_id == "any" or blank("")[0] in item_id:
            return None
        cost = amount(price)
        kind, name = (product.get(key) for key in ("type", "name"))
        known = self._catalog.know(
            item_id,
            kind if isinstance(kind, str) and kind else "ITEM",
            name if isinstance(name, str) and name else item_id,
            Decimal("1.00") if cost is None else cost,
        )
        pieces = (
            quantity if isinstance(quantity, int) and not isinstance(quantity, bool) and 0 < quantity <= 10_000 else 1
        )
        self._visit.put(item_id, pieces)
        currency = unusual.get("currency", self._usual.currency)
        usual = {
            "productId": item_id, "currency": self._usual.currency, "originalCurrencyCode": self._usual.currency,
            "originalPrice": price, "price": price, "quantity": pieces, "type": kind, "name": name, "item_id": item_id,
        }  # fmt: skip
        unlike = {
            key for key, value in product.items()
            if key not in ("orderedAt", "referenceId") and (key not in usual or value != usual[key])
        }  # fmt: skip
        if cost is None or not known or unlike or not currency:
            self._notes.add("own products", item_id[:40])
            if "orderedAt" in product:
                self._notes.add("order dates", item_id[:40])
                rest["product"] = {key: value for key, value in product.items() if key != "orderedAt"}
        else:
            del rest["product"]
        if blank("")[0] in json.dumps(self._catalog.items[item_id], default=str):
            return None
        return {"add": item_id if pieces == 1 else {"item": item_id, "quantity": Plain(str(pieces))}}

    def _confirm(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
        product = rest.get("product")
        listed = product if isinstance(product, list) else [product] if isinstance(product, dict) else []
        items = [each.get("item_id") for each in listed if isinstance(each, dict)]
        names = [item for item in items if isinstance(item, str) and 0 < len(item) <= 200 and item != "any"]
        if len(names) < len(listed) or any(blank("")[0] in name for name in names):
            return None
        for name in names:
            if name not in self._visit.cart:
                self._visit.need_item(name, "confirm")
        self._visit.need_cart("confirm")
        self._visit.confirmed = True
        if all(set(each) == {"item_id"} for each in listed) and isinstance(product, list):
            del rest["product"]
        if not names or names == list(self._visit.cart):
            return {"confirm": None}
        return {"confirm": {"items": names}}

    def _payment(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        return {"payment": self._words(rest, {"pay_type": "pay_type", "card_type": "card_type"}) or None}

    def _checkout(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
        status = rest.get("status")
        if status not in events.CHECKOUT_STATUSES:
            return None
        self._visit.need_confirmed("checkout")
        del rest["status"]
        if rest.pop("reference_id", None) is not None:
            self._notes.add("order numbers")
        self._visit.empty()
        return {"checkout": {"status": status}}

    def _order_checkout(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
        order = rest.get("order")
        lines = order.get("orderItems") if isinstance(order, dict) else None
        if (
            not isinstance(order, dict)
            or not isinstance(lines, list)
            or order.get("status") not in events.CHECKOUT_STATUSES
        ):
            return None
        bought: dict[str, int] = {}
        for each in lines:
            item_id = each.get("item_id") or each.get("productId") if isinstance(each, dict) else None
            cost = amount(each.get("price")) if isinstance(each, dict) else None
            quantity = each.get("quantity", 1) if isinstance(each, dict) else 0
            if (
                not isinstance(item_id, str)
                or cost is None
                or not isinstance(quantity, int)
                or not 0 < quantity <= 10_000
            ):
                return None
            bought[item_id] = bought.get(item_id, 0) + quantity
            last = (item_id, quantity, each, cost)
        if not bought or set(bought) - {last[0]} != set(self._visit.cart) - {last[0]}:
            return None
        item_id, quantity, each, cost = last
        if blank("")[0] in item_id or item_id == "any":
            return None
        kind, name = (each.get(key) if isinstance(each.get(key), str) else "" for key in ("type", "name"))
        if not self._catalog.know(item_id, kind or "ITEM", name or item_id, cost):
            return None
        self._visit.need_identity("order_checkout")
        del rest["order"]
        self._notes.add("order numbers")
        self._visit.empty()
        words = self._words(order, {"paymentType": "payment_type", "cardType": "card_type"})
        return {
            "order_checkout": {"item": item_id, "quantity": Plain(str(quantity)), "status": order["status"], **words}
        }

    def _clear_cart(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        self._visit.empty()
        return {"clear_cart": None}

    def _force_close(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        self._visit.need_identity("force_close")
        self._visit.empty()
        return {"force_close": None}

    def _other(self, kind: str, rest: dict[str, Any]) -> dict[str, Any]:
        ext = rest.pop("ext", None) if isinstance(rest.get("ext"), dict) else None
        if not ext:
            return {"event": kind}
        return {"event": {"type": kind, "ext": Json(self._variables.json(flat(ext, self._notes)))}}
