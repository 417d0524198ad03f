"""What ADD, CONFIRM, PAYMENT and CLEAR_CART do to a session's cart. No HTTP, no clock.

Source: Sitecore's developer page "Stream API". Documented: CONFIRM needs every item to be ADDed before.
What happens otherwise is undocumented; sandbox's choice: the event is accepted and stands on the timeline
with a note that says what was missing, without its effect.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from harness.cdp.events import ADD, CLEAR_CART, CONFIRM
from harness.sandbox import money
from harness.sandbox.fields import word
from harness.sandbox.model import CUSTOMER, NO_EFFECT, Effect, Line, Session

_LONGEST_PAYMENT = 100
_MOST_EARLY = 50
_CONFIRMED = Effect(CONFIRM.title)
_CLEARED = Effect(CLEAR_CART.title)


def add(session: Session, event: dict[str, Any], max_lines: int, lax: bool = False) -> Effect:
    """Puts ``product`` into the cart. Undocumented: a quantity left out is 1, a price left out 0.

    ``lax`` is a fault: a line that was confirmed before is confirmed.
    """
    product = event.get("product")
    item_id = word(product.get("item_id")) if isinstance(product, dict) else ""
    if not isinstance(product, dict) or not item_id:
        return Effect(note="Nothing added: product.item_id is missing.")
    if len(session.cart) >= max_lines:
        return Effect(note=f"Nothing added: the sandbox keeps {max_lines} lines a cart.")
    price, quantity, note = price_and_quantity(product)
    others = [line for line in session.cart if not (line.is_placeholder and line.item_id == item_id)] if lax else []
    was_confirmed = lax and len(others) < len(session.cart)
    if was_confirmed:
        session.cart = others
    session.cart.append(
        Line(
            item_id=item_id,
            name=word(product.get("name")),
            type=word(product.get("type")),
            quantity=quantity,
            price=price,
            currency=word(product.get("currency")) or word(event.get("currency")),
            reference_id=word(product.get("referenceId")),
            in_order=session.viewed and session.guest.guest_type == CUSTOMER,
            confirmed=was_confirmed,
            product_id=word(product.get("productId")),
        )
    )
    return Effect(note=note) if note else NO_EFFECT


def price_and_quantity(product: dict[str, Any]) -> tuple[Decimal, Decimal, str]:
    """Both, and a note on what was taken for one that is no number."""
    price, quantity = money.amount(product.get("price")), money.amount(product.get("quantity", 1))
    notes = []
    if price is None:
        notes.append("price is missing or no number, taken as 0")
    if quantity is None:
        notes.append("quantity is no number, taken as 1")
    return (
        money.ZERO if price is None else price,
        Decimal(1) if quantity is None else quantity,
        "; ".join(notes).capitalize(),
    )


def confirm(session: Session, event: dict[str, Any], lax: bool = False) -> Effect:
    """Confirms the cart's lines that ``product`` names; all of them must be in the cart.

    ``lax`` is a fault: those that are not are confirmed all the same, at no price.
    """
    product = event.get("product")
    named = product if isinstance(product, list) else [product]
    ids = [word(each.get("item_id")) if isinstance(each, dict) else "" for each in named]
    if not all(ids) or not ids:
        return Effect(note="Not confirmed: product names no item_id.")
    in_cart = {line.item_id for line in session.cart}
    strangers = [item_id for item_id in ids if item_id not in in_cart]
    if strangers and lax:
        currency = word(event.get("currency"))
        session.cart += [_placeholder(item_id, currency) for item_id in strangers[:_MOST_EARLY]]
    elif strangers:
        return Effect(note=f"Not confirmed: no {ADD.name} before of {', '.join(strangers[:5])}.")
    for line in session.cart:
        if line.item_id in ids:
            line.confirmed = True
    return _CONFIRMED


def _placeholder(item_id: str, currency: str) -> Line:
    one, free = Decimal(1), money.ZERO
    return Line(item_id, "", "", one, free, currency, "", in_order=True, confirmed=True, is_placeholder=True)


def pay(session: Session, event: dict[str, Any]) -> Effect:
    """Keeps how the guest pays: orders made in this session from now on show it.

    Undocumented, sandbox's choice: the last PAYMENT counts, for every order that follows, and one that
    says nothing changes nothing. Whether an order exists never depends on it.
    """
    paid = payment(event.get("pay_type"), event.get("card_type"))
    if not any(paid):
        return Effect(note="No payment kept: neither pay_type nor card_type is given.")
    session.payment = paid
    return NO_EFFECT


def payment(pay_type: object, card_type: object) -> tuple[str, str]:
    """Both as text of a bounded length, "" for what is missing."""
    return word(pay_type)[:_LONGEST_PAYMENT], word(card_type)[:_LONGEST_PAYMENT]


def clear(session: Session) -> Effect:
    """Empties the cart, and so there is nothing to abandon until something is added again."""
    if not session.cart:
        return Effect(note="Nothing cleared: the cart is empty.")
    session.cart = []
    return _CLEARED


def total(lines: Iterable[Line]) -> Decimal:
    """Prices times quantities, whatever their currencies."""
    result = money.ZERO
    for line in lines:
        result = money.add(result, money.multiply(line.price, line.quantity))
    return result


def value(lines: Iterable[Line]) -> dict[str, Decimal]:
    """What the lines are worth, by currency."""
    result: dict[str, Decimal] = {}
    for line in lines:
        currency = line.currency or money.NO_CURRENCY
        price = money.multiply(line.price, line.quantity)
        result[currency] = money.add(result.get(currency, money.ZERO), price)
    return result
