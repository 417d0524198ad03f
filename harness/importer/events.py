"""Events of the CDP as verbs, with what each needs before it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from harness.cdp import endpoints, events
from harness.importer.calls import Call, Notes
from harness.importer.writing import CLIENT_KEY, Variables
from harness.scenario import iso
from harness.scenario.blanks import blank
from harness.scenario.printer import Empty, Json, Plain

POINT_OF_SALE = "pastoral-witty-grill"
"""Where events name none: the sandbox's."""
_PERSONAL = {
    *events.IDENTITY_ATTRIBUTES, "passport_number", "passport_expiry", "birthdate", "name", "address", "zip", "postcode",
    "emails", "phone_numbers", "first_name", "last_name", "loyalty_number",
}  # fmt: skip
_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
_CODES = {
    "language": iso.is_language,
    "currency": iso.is_currency,
    "country": iso.is_country,
    "nationality": iso.is_country,
}
_FRIENDLY_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
STREAM_PATHS = (endpoints.BROWSER_CREATE, endpoints.EVENT_CREATE, endpoints.EVENTS, endpoints.CALL_FLOWS)
LONGEST_MESSAGE = 4_000
"""Characters of an event that a URL carries without trouble."""


def event_of(call: Call) -> dict[str, Any] | None:
    """The event that a call sends; None: it sends none."""
    if call.method == "GET" and call.path == endpoints.EVENT_CREATE:
        return _object(dict(call.query).get("message", ""))
    if call.method == "POST" and call.path == endpoints.EVENTS:
        return _object(call.body or "")
    return None


def is_cdp(call: Call) -> bool:
    """Whether a call is one of the Stream API's or of Personalize's."""
    return call.path.endswith(STREAM_PATHS)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class Usual:
    """What most events carry."""

    channel: str = "WEB"
    language: str = "EN"
    currency: str = "EUR"
    page: str = "home page"
    pos: str = ""

    def __getitem__(self, name: str) -> str:
        value: str = getattr(self, name)
        return value


def usual(found: Iterable[Mapping[str, Any]]) -> Usual:
    """The most frequent value of each attribute that has to have one."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("channel", "language", "currency", "page", "pos")}
    for event in found:
        for name, counter in counts.items():
            value = event.get(name)
            if not isinstance(value, str) or blank("")[0] in value or not value.isprintable():
                continue
            value = value.upper() if name in ("channel", "language", "currency") else value
            if {
                "channel": re.fullmatch(r"[A-Z][A-Z_]{0,39}", value) is not None,
                "language": iso.is_language(value),
                "currency": iso.is_currency(value),
            }.get(name, 0 < len(value) <= 1000):
                counter[value] += 1
    known = {name: counter.most_common(1)[0][0] for name, counter in counts.items() if counter}
    return Usual(**known)


@dataclass(slots=True)
class Catalog:
    """Things that were put into carts: by item_id, each with its type, name and price."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)

    def know(self, item_id: str, kind: str, name: str, price: Decimal) -> bool:
        """Whether the item is in the catalog with just this."""
        made = {"item_id": item_id, "type": kind, "name": name, "price": Plain(f"{price:f}")}
        return self.items.setdefault(item_id, made) == made


class Shop:
    """Makes steps of one journey's events."""

    def __init__(self, usual: Usual, catalog: Catalog, variables: Variables, notes: Notes) -> None:
        self._usual = usual
        self._catalog = catalog
        self._variables = variables
        self._notes = notes
        self._cart: dict[str, int] = {}
        self._viewed = False
        self._identified = False
        self._confirmed = False
        self._added: list[Any] = []

    def steps(self, event: dict[str, Any]) -> list[Any] | None:
        """The event as a step, with those before it that it needs; None: the language has no verb for it."""
        kind = event.get("type")
        if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
            return None
        self._added = []
        rest = {name: value for name, value in event.items() if name not in ("type", "browser_id", "client_key", "pos")}
        changed = self._changed(event)
        for name in events.COMMON:
            rest.pop(name, None)
        make = {
            "VIEW": self._view, "IDENTITY": self._identity, "SEARCH": self._search, "ADD": self._add,
            "CONFIRM": self._confirm, "PAYMENT": self._payment, "CHECKOUT": self._checkout,
            "ORDER_CHECKOUT": self._order_checkout, "CLEAR_CART": self._clear_cart, "FORCE_CLOSE": self._force_close,
        }.get(kind)  # fmt: skip
        step = make(rest, changed) if make else self._other(kind, rest)
        if step is None:
            return None
        attributes = self._variables.json(self._settable({**changed, **rest}))
        if attributes:
            verb, value = next(iter(step.items()))
            step = {verb: Empty("") if value is None else value, "set": Json(attributes)}
        elif next(iter(step.values())) is None:
            return [*self._added, next(iter(step))]
        return [*self._added, step]

    def personalize(self, call: Call) -> dict[str, Any] | None:
        """A call of an experience as a step; None where it is none."""
        body = _object(call.body or "")
        friendly_id = body.get("friendlyId") if body else None
        if not isinstance(friendly_id, str) or not _FRIENDLY_ID.fullmatch(friendly_id):
            return None
        params = body.get("params") if body else None
        value: dict[str, Any] = {"friendly_id": friendly_id}
        if isinstance(params, dict) and params:
            value["params"] = Json(self._variables.json(params))
        return {"personalize": value}

    def plain(self, call: Call, event: dict[str, Any]) -> dict[str, Any] | None:
        """An event without a verb as a request, sent for the guest's own browser. None where it is too large."""
        self._added = []
        sent = {**event, "browser_id": blank("browser.id")}
        is_get = call.method == "GET"
        sent.pop("client_key", None)
        if not is_get:
            sent["client_key"] = blank("CDP_CLIENT_KEY")
        text = json.dumps(_exact(sent), ensure_ascii=False, separators=(",", ":"))
        text = re.sub('"\x00(.*?)\x00"', r"\1", text.replace("\\u0000", "\0"))
        if len(text) > LONGEST_MESSAGE:
            return None
        if not is_get:
            body = Json(self._variables.json({**sent, "client_key": ""}) | {"client_key": CLIENT_KEY})
            return {"request": {"path": call.path, "method": "POST", "json": body}}
        message = self._variables.text(text)
        return {"request": {"path": call.path, "query": {"client_key": CLIENT_KEY, "message": message}}}

    def _changed(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Common attributes that are not as usual."""
        made: dict[str, Any] = {}
        for name in ("channel", "language", "currency", "page", "pos"):
            value = event.get(name)
            if value is None or not isinstance(value, str):
                continue
            same = value.upper() if name in ("channel", "language", "currency") else value
            wanted = self._usual[name]
            if same != wanted and not (name == "pos" and not wanted):
                made[name] = value
        return made

    def _settable(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        made = {}
        for name, value in attributes.items():
            if name in _CODES and isinstance(value, str) and not _CODES[name](value):
                self._notes.add("codes that do not exist", f"{name} {value[:20]}")
                continue
            made[name] = self._flat(value) if name == "ext" and isinstance(value, dict) else value
        return made

    def _flat(self, ext: Mapping[str, Any]) -> dict[str, Any]:
        """``ext`` as the CDP takes it: flat, and not too large."""
        made: dict[str, Any] = {}
        waiting = [(str(name), value) for name, value in reversed(list(ext.items()))]
        while waiting:
            name, value = waiting.pop()
            if isinstance(value, dict):
                self._notes.add("nested ext, made flat as the CDP's library does", name[:40])
                waiting.extend((f"{name}_{inner}", each) for inner, each in reversed(list(value.items())))
            elif isinstance(value, list):
                made[name] = json.dumps(value, ensure_ascii=False, default=str)
            else:
                made[name] = value
        if len(made) > events.LARGEST_EXT:
            self._notes.add(f"attributes of ext beyond {events.LARGEST_EXT}", str(len(made)))
        return dict(list(made.items())[: events.LARGEST_EXT])

    def _words(self, rest: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        """Attributes that are texts of the verb, under the verb's names for them; taken out of ``rest``."""
        return {
            key: self._variables.text(rest.pop(name))
            for name, key in names.items()
            if isinstance(rest.get(name), str) and rest[name]
        }

    # The verbs

    def _view(self, rest: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        self._viewed = True
        page = changed.pop("page", self._usual.page)
        more = self._words(rest, {"uri": "uri", "referrer": "referrer"})
        if not page:
            changed["page"] = page
            return {"browse": more or None}
        return {"browse": {"page": self._variables.text(page), **more} if more else self._variables.text(page)}

    def _identity(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        left = [name for name in rest if name.lower() in _PERSONAL]
        for name in left:
            del rest[name]
        if left:
            self._notes.add("personal data")
        self._identified = True
        return {"identify": None}

    def _search(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        attributes = self._settable(rest)
        rest.clear()
        return {"search": Json(self._variables.json(attributes)) if attributes else None}

    def _add(self, rest: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any] | None:
        product = rest.get("product")
        if not isinstance(product, dict):
            return None
        item_id, quantity, price = (product.get(name) for name in ("item_id", "quantity", "price"))
        item_id = item_id if isinstance(item_id, str) and item_id else product.get("productId")
        if not isinstance(item_id, str) or not 0 < len(item_id) <= 200 or item_id == "any" or blank("")[0] in item_id:
            return None
        amount = _amount(price)
        kind, name = (product.get(key) for key in ("type", "name"))
        known = self._catalog.know(
            item_id,
            kind if isinstance(kind, str) and kind else "ITEM",
            name if isinstance(name, str) and name else item_id,
            Decimal("1.00") if amount is None else amount,
        )
        pieces = (
            quantity if isinstance(quantity, int) and not isinstance(quantity, bool) and 0 < quantity <= 10_000 else 1
        )
        self._cart[item_id] = self._cart.get(item_id, 0) + pieces
        self._confirmed = False
        currency = changed.get("currency", self._usual.currency)
        usual = {
            "productId": item_id, "currency": self._usual.currency, "originalCurrencyCode": self._usual.currency,
            "originalPrice": price, "price": price, "quantity": pieces, "type": kind, "name": name, "item_id": item_id,
        }  # fmt: skip
        unlike = {
            key for key, value in product.items()
            if key not in ("orderedAt", "referenceId") and (key not in usual or value != usual[key])
        }  # fmt: skip
        if amount is None or not known or unlike or not currency:
            self._notes.add("products that are unlike their catalog entry, kept as they were", item_id[:40])
        else:
            del rest["product"]
        if blank("")[0] in json.dumps(self._catalog.items[item_id], default=str):
            return None
        return {"add": item_id if pieces == 1 else {"item": item_id, "quantity": Plain(str(pieces))}}

    def _need(self, said: str, step: Any) -> None:
        self._added.append(step)
        self._notes.add("steps added", said)

    def _need_item(self, item_id: str, what: str) -> None:
        self._catalog.items.setdefault(
            item_id, {"item_id": item_id, "type": "ITEM", "name": item_id, "price": Plain("1.00")}
        )
        self._cart[item_id] = 1
        for verb, is_there in (("browse", self._viewed), ("identify", self._identified)):
            if not is_there:
                self._need(f"{verb} before {what}", verb)
        self._viewed = self._identified = True
        self._need(f"add {item_id[:40]} before {what}", {"add": item_id})

    def _need_confirmed(self, what: str) -> None:
        if not self._cart:
            self._need_item(next(iter(self._catalog.items), "ITEM_1"), what)
        if not self._confirmed:
            self._need(f"confirm before {what}", "confirm")
            self._confirmed = True

    def _confirm(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
        product = rest.get("product")
        listed = product if isinstance(product, list) else [product] if isinstance(product, dict) else []
        items = [each.get("item_id") for each in listed if isinstance(each, dict)]
        names = [item for item in items if isinstance(item, str) and 0 < len(item) <= 200 and item != "any"]
        if len(names) < len(listed) or any(blank("")[0] in name for name in names):
            return None
        for name in names:
            if name not in self._cart:
                self._need_item(name, "confirm")
        if not self._cart:
            self._need_item(next(iter(self._catalog.items), "ITEM_1"), "confirm")
        self._confirmed = True
        if all(set(each) == {"item_id"} for each in listed) and isinstance(product, list):
            del rest["product"]
        if not names or names == list(self._cart):
            return {"confirm": None}
        return {"confirm": {"items": names}}

    def _payment(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        return {"payment": self._words(rest, {"pay_type": "pay_type", "card_type": "card_type"}) or None}

    def _checkout(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
        status = rest.get("status")
        if status not in events.CHECKOUT_STATUSES:
            return None
        self._need_confirmed("checkout")
        del rest["status"]
        if rest.pop("reference_id", None) is not None:
            self._notes.add("order numbers")
        self._cart.clear()
        self._confirmed = False
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
            amount = _amount(each.get("price")) if isinstance(each, dict) else None
            quantity = each.get("quantity", 1) if isinstance(each, dict) else 0
            if (
                not isinstance(item_id, str)
                or amount is None
                or not isinstance(quantity, int)
                or not 0 < quantity <= 10_000
            ):
                return None
            bought[item_id] = bought.get(item_id, 0) + quantity
            last = (item_id, quantity, each, amount)
        if not bought or set(bought) - {last[0]} != set(self._cart) - {last[0]}:
            return None
        item_id, quantity, each, amount = last
        if blank("")[0] in item_id or item_id == "any":
            return None
        kind, name = (each.get(key) if isinstance(each.get(key), str) else "" for key in ("type", "name"))
        if not self._catalog.know(item_id, kind or "ITEM", name or item_id, amount):
            return None
        if not self._identified:
            self._need("identify before order_checkout", "identify")
            self._identified = True
        del rest["order"]
        self._notes.add("order numbers")
        self._cart.clear()
        self._confirmed = False
        words = self._words(order, {"paymentType": "payment_type", "cardType": "card_type"})
        return {
            "order_checkout": {"item": item_id, "quantity": Plain(str(quantity)), "status": order["status"], **words}
        }

    def _clear_cart(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        self._cart.clear()
        self._confirmed = False
        return {"clear_cart": None}

    def _force_close(self, rest: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        if not self._identified:
            self._need("identify before force_close", "identify")
            self._identified = True
        self._cart.clear()
        self._confirmed = False
        return {"force_close": None}

    def _other(self, kind: str, rest: dict[str, Any]) -> dict[str, Any]:
        ext = rest.pop("ext", None) if isinstance(rest.get("ext"), dict) else None
        if not ext:
            return {"event": kind}
        return {"event": {"type": kind, "ext": Json(self._variables.json(self._flat(ext)))}}


def _amount(value: Any) -> Decimal | None:
    """A price that a catalog takes: four decimals at most."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    made = Decimal(value)
    exponent = made.as_tuple().exponent
    fits = made.is_finite() and 0 <= made < 10**9 and isinstance(exponent, int) and -4 <= exponent <= 0
    return made if fits else None


def _exact(value: Any) -> Any:
    """Exact numbers marked, so that they keep their digits."""
    if isinstance(value, Decimal):
        return f"\0{value:f}\0"
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    return [_exact(each) for each in value] if isinstance(value, list) else value
