"""What the records of orders in a batch do.

Source: Sitecore's developer pages "Order data model", "Order item data model" and "Using order delete": two orders of one
number are the same when they were ordered within a day. Sandbox's choices, for these are undocumented: insert puts the
record in the place of such an order; upsert takes over what is sent, and makes an order where there is none, for which it
needs a price and its currency; an order without contact is nobody's; consumers are not kept.
"""

from typing import TYPE_CHECKING, Any

from harness.cdp import batch
from harness.cdp.batch_rules import Flaw, time_of
from harness.cdp.events import PURCHASED
from harness.sandbox import money
from harness.sandbox.fields import word
from harness.sandbox.guest_fields import read_guest
from harness.sandbox.model import Order
from harness.sandbox.rest import RestError
from harness.sandbox.writes import line_of

if TYPE_CHECKING:
    from harness.sandbox.store import Store

Fields = dict[str, Any]
_TEXTS = (
    ("status", "status"),
    ("currencyCode", "currency"),
    ("paymentType", "payment_type"),
    ("cardType", "card_type"),
    ("channel", "channel"),
    ("pointOfSale", "pos"),
)


def apply(store: "Store", now: float, mode: str, value: Fields) -> Flaw | None:
    """Does a record; gives what is wrong with it, if it cannot be done."""
    number = word(value["referenceId"]).upper()
    at = time_of(value.get("orderedAt"))
    alike = [
        order
        for order in store.ledger.of_number(number)
        if at is None or abs(order.ordered_at - at) <= batch.SAME_ORDER_S
    ]
    if mode == batch.DELETE:
        return _delete(store, alike, value, at)
    if len(value.get("orderItems") or ()) > store.limits.cart_lines:
        return Flaw(batch.INVALID, "field", f"The sandbox keeps {store.limits.cart_lines} items an order.")
    contact = value.get("contact")
    try:
        person = None if contact is None else read_guest({k: v for k, v in contact.items() if k != "guestType"})
    except RestError as error:
        return Flaw(batch.INVALID, "field", f"contact: {error.message}")
    order = alike[0] if alike else None
    if order is None and (missing := next((n for n in ("currencyCode", "price") if n not in value), None)):
        return Flaw(batch.INVALID, "required", f"{missing} is missing: there is no such order to update.")
    if order is None:
        order = _made(store.refs.new(), number, at or now, value, now)
        store.ledger.place(order)
    else:
        base = order if mode == batch.UPSERT else None
        store.ledger.replace(order, _made(order.ref, number, at or order.ordered_at, value, now, base))
        order.lines = _lines(value) if "orderItems" in value or base is None else order.lines
    if person is not None:
        store.ledger.belong(order, store.people.known_as(person, now))
    return None


def _delete(store: "Store", alike: list[Order], value: Fields, at: float | None) -> Flaw | None:
    if ref := value.get("orderRef"):
        alike = [order for order in alike if order.ref == ref]
    if not alike:
        message = "No order found for the provided referenceId and orderedAt attributes."
        return Flaw(batch.NOT_THERE, "missing", message)
    if len(alike) > 1:
        more = "orderedAt date for" if at is None else "orderRef of"
        message = (
            f"More than one order exists with that referenceId, please supply the {more} the order you wish to delete."
        )
        return Flaw(batch.INVALID, "ambiguous", message)
    store.ledger.delete(alike[0])
    return None


def _made(ref: str, number: str, at: float, value: Fields, now: float, base: Order | None = None) -> Order:
    texts = {to: word(value.get(name)) or (getattr(base, to) if base else "") for name, to in _TEXTS}
    price = money.amount(value.get("price"))
    if price is None:
        price = base.price if base else money.ZERO
    texts["status"] = texts["status"] or PURCHASED
    lines = _lines(value)
    return Order(ref, number, None, at, price=price, lines=lines, created=now, modified=now, **texts)


def _lines(value: Fields) -> tuple[Any, ...]:
    return tuple(line_of({"quantity": 1, **item}) for item in value.get("orderItems") or ())
