"""What ought to be there after a path, from the events that were sent and acknowledged, by the CDP's documented rules.

Pure, and independent of the engine's own book-keeping: a cart is added up from the ADD events on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from harness.cdp import events
from harness.verify.expected import Expectation, ExpectedGuest, ExpectedItem, ExpectedPurchase, ExpectedSession
from harness.verify.guest_fields import attributes_of, fields_of, pairs_of
from harness.verify.loose import decimal, mappings, text
from harness.verify.sent import GUEST_CREATED, GUEST_DELETED, GUEST_UPDATED, SentEvent

SILENT = frozenset({events.FORCE_CLOSE.name})
"""Events of which nobody says that a timeline shows them."""
MOST_NAMED = 5
"""Items that a sentence names."""
TAKEN_BACK = ("REFUNDED", "CANCELLED")


@dataclass(slots=True)
class _Line:
    item: ExpectedItem
    currency: str
    in_order: bool
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class _Rejected:
    """A CONFIRM without effect: its step, the ids that it names, and those that were in the cart then."""

    step: str
    named: tuple[str, ...]
    in_cart: frozenset[str]


@dataclass(slots=True)
class _Session:
    channel: str
    point_of_sale: str
    events: list[str] = field(default_factory=list)
    cart: list[_Line] = field(default_factory=list)
    rejected: list[_Rejected] = field(default_factory=list)
    viewed: bool = False
    bought: bool = False
    closed: bool = False

    def empty(self) -> None:
        self.cart.clear()
        self.rejected.clear()

    def value(self) -> ExpectedSession:
        left: dict[str, Decimal] = {}
        for line in self.cart:
            left[line.currency] = left.get(line.currency, Decimal(0)) + line.item.price * line.item.quantity
        cart = "CONVERTED" if self.bought else "ABANDONED" if self.cart else "BROWSED"
        return ExpectedSession(
            self.channel, self.point_of_sale, tuple(self.events), self.closed, cart, tuple(sorted(left.items()))
        )


def expectation(sent: Sequence[SentEvent], shared: frozenset[str] = frozenset(), known: bool = False) -> Expectation:
    """What ought to be there after these events of one browser.

    ``shared``: order numbers that others use, too; ``known``: the guest may have been at the target before.
    """
    book = _Book(shared, known)
    for event in sent:
        book.take(event)
    browser = next((event.text("browser_id") for event in sent if event.text("browser_id")), "")
    return Expectation(
        browser, book.guest, tuple(each.value() for each in book.sessions), tuple(book.purchases.values())
    )


class _Book:
    """Keeps what the events come to, one after the other."""

    def __init__(self, shared: frozenset[str], known: bool) -> None:
        self._shared = shared
        self._known = known
        self._open: dict[tuple[str, str], _Session] = {}
        self._identified = False
        self.guest: ExpectedGuest | None = None
        self.sessions: list[_Session] = []
        self.purchases: dict[str, ExpectedPurchase] = {}

    def take(self, event: SentEvent) -> None:
        if event.type in (GUEST_CREATED, GUEST_UPDATED, GUEST_DELETED):
            self._guest(event)
            return
        session = self._session(event)
        if event.type not in SILENT:
            session.events.append(event.type)
        match event.type:
            case events.VIEW.name:
                session.viewed = True
            case events.IDENTITY.name:
                self._identify(event)
            case events.ADD.name:
                self._add(session, event)
            case events.CONFIRM.name:
                _confirm(session, event)
            case events.CLEAR_CART.name:
                session.empty()
            case events.CHECKOUT.name:
                self._checkout(session, event)
            case events.ORDER_CHECKOUT.name:
                self._order_checkout(session, event)
            case events.FORCE_CLOSE.name:
                session.closed = True
                del self._open[(session.channel, session.point_of_sale)]

    def _session(self, event: SentEvent) -> _Session:
        key = (event.text("channel"), event.text("pos"))
        if key not in self._open:
            self._open[key] = _Session(*key)
            self.sessions.append(self._open[key])
        return self._open[key]

    def _identify(self, event: SentEvent) -> None:
        identifiers = pairs_of(event.message)
        email = event.text("email")
        if not email and not identifiers:
            return
        self._identified = True
        there = None if self.guest is None or self.guest.deleted else self.guest
        before = there or ExpectedGuest(email, (), identifiers, (), event.step)
        known = {*before.emails, *before.identifiers}
        strangers = bool(known) and not known & {email, *identifiers}
        self.guest = ExpectedGuest(
            email=email or before.email,
            emails=tuple(dict.fromkeys((*before.emails, *([email] if email else [])))),
            identifiers=tuple(dict.fromkeys((*before.identifiers, *identifiers))),
            attributes=tuple({**dict(before.attributes), **attributes_of(event)}.items()),
            step=event.step,
            strangers=before.strangers or strangers,
            known=self._known,
        )

    def _guest(self, event: SentEvent) -> None:
        """What the Guest REST API was told of the path's own guest."""
        fields = event.message
        if event.type == GUEST_DELETED:
            # Sessions and orders go with the guest; the browser begins anew.
            self.guest = None if self.guest is None else replace(self.guest, deleted=True, step=event.step)
            self._identified = False
            self._open.clear()
            self.sessions.clear()
            self.purchases.clear()
        elif event.type == GUEST_UPDATED:
            if self.guest is not None:
                attributes = {**dict(self.guest.attributes), **fields_of(fields)}
                kept = tuple((name, values) for name, values in attributes.items() if fields.get(name, "") is not None)
                self.guest = replace(self.guest, attributes=kept)
        elif self.guest is None or self.guest.deleted:
            email, pairs = text(fields.get("email")), pairs_of(fields)
            if (email or pairs) and text(fields.get("guestType")) == "customer":
                emails = (email,) if email else ()
                known = tuple(fields_of(fields).items())
                self.guest = ExpectedGuest(email, emails, pairs, known, event.step, known=self._known)

    def _add(self, session: _Session, event: SentEvent) -> None:
        product = event.message.get("product")
        if isinstance(product, Mapping) and (item := _item(product, "item_id", "productId")):
            currency = text(product.get("currency")) or event.text("currency")
            session.cart.append(_Line(item, currency, session.viewed and self._identified))

    def _checkout(self, session: _Session, event: SentEvent) -> None:
        number, status = event.text("reference_id").upper(), event.text("status")
        if self._changed(number, status) or status != events.PURCHASED or not number:
            return
        bought = [line for line in session.cart if line.confirmed]
        flaw = _flaw(session, bought)
        wrong = _wrong_confirm(session) if session.cart and not bought else None
        total = sum((line.item.price * line.item.quantity for line in bought), Decimal(0))
        left_over = tuple(dict.fromkeys(line.item.item_id for line in session.cart if not line.confirmed))
        self._buy(
            session,
            ExpectedPurchase(
                number=number,
                status=status,
                currency=event.text("currency") or (bought[0].currency if bought else ""),
                # What becomes of items that nobody confirmed is not documented.
                price=None if left_over or flaw else total,
                items=() if left_over else tuple(line.item for line in bought),
                step=wrong[1] if wrong else event.step,
                flaw=wrong[0] if wrong else flaw,
                shared=number in self._shared,
                wrong_confirm=wrong is not None,
                unconfirmed=left_over if bought else (),
            ),
        )

    def _order_checkout(self, session: _Session, event: SentEvent) -> None:
        order = event.message.get("order")
        if not isinstance(order, Mapping):
            return
        number, status = text(order.get("referenceId")).upper(), text(order.get("status"))
        if self._changed(number, status) or status != events.PURCHASED or not number:
            return
        items = [_item(each, "item_id", "itemId", "productId") for each in mappings(order.get("orderItems"))]
        self._buy(
            session,
            ExpectedPurchase(
                number=number,
                status=status,
                currency=text(order.get("currencyCode")) or event.text("currency"),
                price=decimal(order.get("price")),
                items=tuple(item for item in items if item),
                step=event.step,
                flaw="" if self._identified else f"no {events.IDENTITY.name} came before it",
                shared=number in self._shared,
            ),
        )

    def _changed(self, number: str, status: str) -> bool:
        """Whether the event takes back an order of this path."""
        if status not in TAKEN_BACK:
            return False
        if known := self.purchases.get(number):
            self.purchases[number] = replace(known, status=status)
        return True

    def _buy(self, session: _Session, purchase: ExpectedPurchase) -> None:
        self.purchases[purchase.number] = purchase
        if not purchase.flaw:
            session.empty()
            session.bought = True


def _flaw(session: _Session, bought: Sequence[_Line]) -> str:
    """What of the documented order of events was not kept; empty when all was."""
    checkout, add, confirm = events.CHECKOUT.name, events.ADD.name, events.CONFIRM.name
    if not session.cart:
        return f"no {add} came before the {checkout}"
    if not bought:
        return f"no {confirm} came between the {add} and the {checkout}"
    if not all(line.in_order for line in bought):
        return f"{events.VIEW.name} and {events.IDENTITY.name} did not both come before the {add}"
    return ""


def _wrong_confirm(session: _Session) -> tuple[str, str] | None:
    """What is wrong with the items that the last CONFIRM names, and its step; None where none was without effect."""
    if not session.rejected:
        return None
    rejected, confirm = session.rejected[-1], events.CONFIRM.name
    added = dict.fromkeys(line.item.item_id for line in session.cart)
    never = [name for name in rejected.named if name not in added]
    if not all(rejected.named) or not rejected.named:
        told = f"{confirm} names no item_id (added: {_listed(added)})"
    elif never:
        told = f"{confirm} names {_listed(never)}, which {_was(never)} never added (added: {_listed(added)})"
    else:
        early = [name for name in rejected.named if name not in rejected.in_cart]
        told = f"{confirm} names {_listed(early)}, which {_was(early)} not added before it"
    return told, rejected.step


def _listed(names: Iterable[str]) -> str:
    each = list(names)
    return ", ".join(each[:MOST_NAMED]) + (f" and {more} more" if (more := len(each) - MOST_NAMED) > 0 else "")


def _was(names: Sequence[str]) -> str:
    return "was" if len(names) == 1 else "were"


def _confirm(session: _Session, event: SentEvent) -> None:
    """All that it names must be in the cart; else it has no effect."""
    named = dict.fromkeys(text(each.get("item_id")) for each in mappings(event.message.get("product")))
    in_cart = frozenset(line.item.item_id for line in session.cart)
    if named and named.keys() <= in_cart:
        for line in session.cart:
            line.confirmed = line.confirmed or line.item.item_id in named
    elif in_cart:
        session.rejected.append(_Rejected(event.step, tuple(named), in_cart))


def _item(found: Mapping[str, Any], *names: str) -> ExpectedItem | None:
    item_id = next((named for name in names if (named := text(found.get(name)))), "")
    price, quantity = decimal(found.get("price")), decimal(found.get("quantity", 1))
    return ExpectedItem(item_id, quantity, price) if item_id and price is not None and quantity is not None else None
