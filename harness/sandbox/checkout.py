"""What CHECKOUT and ORDER_CHECKOUT come to, by their status. No HTTP, no clock.

Source: Sitecore's developer page "Stream API". Documented: PURCHASED makes the order; for that to work with
CHECKOUT, the events come in the order VIEW, IDENTITY, ADD, CONFIRM, CHECKOUT, and ORDER_CHECKOUT is for
identified guests only. Sandbox's choices, for these are undocumented:

- An event that lacks something is accepted and stands on the timeline with a note, without its effect.
- An order number is used once, whoever sends it, in upper case.
- REFUNDED and CANCELLED change the status of the order of that number, whoever sends them, and take its
  price out of the revenue; the order stays. PAYMENT_PENDING and CONFIRMED stand on the timeline only.
- ORDER_CHECKOUT empties the cart, as CHECKOUT does: the order in it is the whole one.
- ORDER_CHECKOUT has a price that goes before the sum of its items; a time that cannot be read is now.
"""

from decimal import Decimal
from typing import Any

from harness.cdp.events import (
    ADD,
    CHECKOUT,
    CHECKOUT_STATUSES,
    CONFIRM,
    IDENTITY,
    ORDER_CHECKOUT,
    PURCHASED,
    VIEW,
)
from harness.sandbox import cart, money
from harness.sandbox.fields import moment, word
from harness.sandbox.ledger import Ledger
from harness.sandbox.model import CUSTOMER, Effect, Line, Order, Session

TAKEN_BACK = ("REFUNDED", "CANCELLED")
"""The statuses after which an order is no revenue."""


def checkout(session: Session, event: dict[str, Any], ledger: Ledger, now: float) -> Effect:
    """CHECKOUT: buys the confirmed lines of the cart."""
    number = word(event.get("reference_id")).upper()
    if settled := _without_purchase(event.get("status"), number, "reference_id", ledger, now):
        return settled
    lines = tuple(line for line in session.cart if line.confirmed)
    note = ""
    if not session.cart:
        note = f"No order: the cart is empty, no {ADD.name} came before."
    elif not lines:
        note = f"No order: no {CONFIRM.name} came before."
    elif not all(line.in_order for line in lines):
        note = f"No order: {ADD.name} came before {VIEW.name} and {IDENTITY.name}."
    if note:
        return Effect(note=note)
    left = len(session.cart) - len(lines)
    currency = word(event.get("currency")) or lines[0].currency
    _place(session, ledger, number, now, now, currency, cart.total(lines), lines, session.payment)
    return Effect(CHECKOUT.title, f"{left} unconfirmed in the cart, not bought." if left else "", number)


def order_checkout(session: Session, event: dict[str, Any], ledger: Ledger, now: float, max_lines: int) -> Effect:
    """ORDER_CHECKOUT: the whole order is in the event."""
    order = event.get("order")
    if not isinstance(order, dict):
        return Effect(note="No order: order is missing, or is no JSON object.")
    if session.guest.guest_type != CUSTOMER:
        return Effect(note=f"No order: no {IDENTITY.name} came before, the guest is a visitor.")
    number = word(order.get("referenceId")).upper()
    if settled := _without_purchase(order.get("status"), number, "order.referenceId", ledger, now):
        return settled

    currency = word(order.get("currencyCode")) or word(event.get("currency"))
    lines, notes = _items(order.get("orderItems"), currency)
    price = money.amount(order.get("price"))
    if price is None:
        if order.get("price") is not None:
            notes.append("Its price is no number, taken as the sum of its items.")
        elif not lines:
            notes.append("Neither price nor orderItems, its price is taken as 0.")
        price = cart.total(lines)
    at = moment(order.get("orderedAt"))
    if at is None and order.get("orderedAt") is not None:
        notes.append("orderedAt is no ISO 8601 time, taken as now.")
    if len(lines) > max_lines:
        notes.append(f"{len(lines)} items, of which the sandbox keeps {max_lines}.")
    paid = cart.payment(order.get("paymentType"), order.get("cardType"))
    _place(
        session,
        ledger,
        number,
        now,
        now if at is None else at,
        currency or (lines[0].currency if lines else ""),
        price,
        tuple(lines[:max_lines]),
        paid if any(paid) else session.payment,
    )
    return Effect(ORDER_CHECKOUT.title, " ".join(notes), number)


def _without_purchase(status: object, number: str, name: str, ledger: Ledger, now: float) -> Effect | None:
    """What the event comes to when it can buy nothing; None when it may."""
    known = status if isinstance(status, str) and status in CHECKOUT_STATUSES else "unknown"
    if known in TAKEN_BACK:
        order = ledger.numbers.get(number)
        if order is None:
            what = f"{number} is the number of no order" if number else f"{name} is missing"
            return Effect(note=f"Nothing {known.lower()}: {what}.")
        if order.status == known:
            return Effect(note=f"Nothing changed: {number} is {known} already.")
        ledger.change(order, known, now)
        return Effect(f"Order {known.capitalize()}", order_number=number)
    if known != PURCHASED:
        return Effect(note=f"No order: the status is {known}, not {PURCHASED}.")
    if not number:
        return Effect(note=f"No order: {name} is missing.")
    if number in ledger.numbers:
        return Effect(note=f"No order: {number} is the number of an order already.")
    return None


def _items(items: object, currency: str) -> tuple[list[Line], list[str]]:
    """The lines of ``orderItems``, and notes. Without an id of its own, an item goes by its productId."""
    lines: list[Line] = []
    notes: list[str] = []
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            notes = ["orderItems has one that is no JSON object, left out."]
            continue
        price, quantity, _ = cart.price_and_quantity(item)
        names = ("item_id", "itemId", "productId", "referenceId")
        lines.append(
            Line(
                item_id=next((found for name in names if (found := word(item.get(name)))), ""),
                name=word(item.get("name")),
                type=word(item.get("type")),
                quantity=quantity,
                price=price,
                currency=word(item.get("currencyCode")) or word(item.get("currency")) or currency,
                reference_id=word(item.get("referenceId")),
                in_order=True,
                confirmed=True,
                product_id=word(item.get("productId")),
            )
        )
    return lines, notes


def _place(
    session: Session,
    ledger: Ledger,
    number: str,
    now: float,
    at: float,
    currency: str,
    price: Decimal,
    lines: tuple[Line, ...],
    payment: tuple[str, str],
) -> None:
    ledger.sell(
        Order(
            ledger.refs.new(),
            number,
            session.guest,
            at,
            PURCHASED,
            currency or money.NO_CURRENCY,
            price,
            lines,
            *payment,
            channel=session.channel,
            pos=session.pos,
            created=now,
            modified=now,
        )
    )
    session.cart = []
    session.has_purchase = True
