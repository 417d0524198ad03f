"""What ADD, CONFIRM and CHECKOUT do to a session's cart. No HTTP, no clock.

Source: Sitecore's developer page "Stream API". Documented: CONFIRM needs every item to be ADDed before,
and for an order to exist the events come in the order VIEW, IDENTITY, ADD, CONFIRM, CHECKOUT. What happens
otherwise is undocumented; sandbox's choice: the event is accepted and stands on the timeline with a note
that says what was missing, without its effect.
"""

from collections.abc import Container
from decimal import Decimal
from typing import Any, NamedTuple

from harness.cdp.events import ADD, CHECKOUT_STATUSES, CONFIRM, IDENTITY, PURCHASED, VIEW
from harness.sandbox.model import CUSTOMER, Line, Session
from harness.sandbox.money import ZERO, amount


class Effect(NamedTuple):
    """What an event came to: a title for the timeline, or a note why there is none."""

    title: str = ""
    note: str = ""


class Purchase(NamedTuple):
    """A CHECKOUT weighed: the order's number and lines, or a note why there is no order."""

    number: str = ""
    lines: tuple[Line, ...] = ()
    note: str = ""


def add(session: Session, event: dict[str, Any], max_lines: int) -> Effect:
    """Puts ``product`` into the cart. Undocumented: a quantity left out is 1, a price left out 0."""
    product = event.get("product")
    item_id = word(product.get("item_id")) if isinstance(product, dict) else ""
    if not isinstance(product, dict) or not item_id:
        return Effect(note="Nothing added: product.item_id is missing.")
    if len(session.cart) >= max_lines:
        return Effect(note=f"Nothing added: the sandbox keeps {max_lines} lines a cart.")
    price, quantity = amount(product.get("price")), amount(product.get("quantity", 1))
    notes = []
    if price is None:
        notes.append("price is missing or no number, taken as 0")
    if quantity is None:
        notes.append("quantity is no number, taken as 1")
    session.cart.append(
        Line(
            item_id=item_id,
            name=word(product.get("name")),
            type=word(product.get("type")),
            quantity=Decimal(1) if quantity is None else quantity,
            price=ZERO if price is None else price,
            currency=word(product.get("currency")) or word(event.get("currency")),
            reference_id=word(product.get("referenceId")),
            in_order=session.viewed and session.guest.guest_type == CUSTOMER,
        )
    )
    return Effect(note="; ".join(notes).capitalize())


def confirm(session: Session, event: dict[str, Any]) -> Effect:
    """Confirms the cart's lines that ``product`` names; all of them must be in the cart."""
    product = event.get("product")
    named = product if isinstance(product, list) else [product]
    ids = [word(each.get("item_id")) if isinstance(each, dict) else "" for each in named]
    if not all(ids) or not ids:
        return Effect(note="Not confirmed: product names no item_id.")
    in_cart = {line.item_id for line in session.cart}
    if strangers := [item_id for item_id in ids if item_id not in in_cart]:
        return Effect(note=f"Not confirmed: no {ADD.name} before of {', '.join(strangers[:5])}.")
    for line in session.cart:
        if line.item_id in ids:
            line.confirmed = True
    return Effect(title=CONFIRM.title)


def weigh(session: Session, event: dict[str, Any], taken: Container[str]) -> Purchase:
    """What a CHECKOUT buys: the confirmed lines, under an order number that is not ``taken`` yet."""
    status = event.get("status")
    if status != PURCHASED:
        known = status if isinstance(status, str) and status in CHECKOUT_STATUSES else "unknown"
        return Purchase(note=f"No order: the status is {known}, not {PURCHASED}.")
    number = word(event.get("reference_id")).upper()
    lines = tuple(line for line in session.cart if line.confirmed)
    note = ""
    if not number:
        note = "No order: reference_id is missing."
    elif number in taken:
        note = f"No order: {number} is the number of an order already."
    elif not session.cart:
        note = f"No order: the cart is empty, no {ADD.name} came before."
    elif not lines:
        note = f"No order: no {CONFIRM.name} came before."
    elif not all(line.in_order for line in lines):
        note = f"No order: {ADD.name} came before {VIEW.name} and {IDENTITY.name}."
    return Purchase(note=note) if note else Purchase(number, lines)


def word(value: object) -> str:
    """Text or a number as text, anything else as ""."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
