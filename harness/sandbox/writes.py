"""What the REST calls write, once it is known to be possible: one function each, by its name.

Each gets the store, the time and plain JSON. The store can therefore keep what was written in a file, and do it
again from there.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from harness.cdp.events import PURCHASED
from harness.sandbox import money
from harness.sandbox.fields import moment, word
from harness.sandbox.model import Extension, Guest, Line, Order

if TYPE_CHECKING:
    from harness.sandbox.store import Store

Fields = dict[str, Any]


def create_guest(store: "Store", now: float, attributes: Fields) -> Guest:
    """A guest with these attributes, ``guestType`` among them."""
    own = {name: value for name, value in attributes.items() if name != "guestType"}
    return store.people.create(attributes["guestType"], own, now)


def update_guest(store: "Store", now: float, ref: str, attributes: Fields, whole: bool) -> None:
    """The guest's attributes: these and, unless they are the ``whole``, those from before."""
    guest = store.guests[ref]
    guest.guest_type = attributes.get("guestType", guest.guest_type)
    own = {name: value for name, value in attributes.items() if name != "guestType"}
    store.people.rewrite(guest, own if whole else {**guest.attributes, **own}, now)


def delete_guest(store: "Store", now: float, ref: str) -> None:
    """The guest is gone, and so are their orders and sessions."""
    guest = store.guests[ref]
    for order in list(guest.orders.values()):
        store.ledger.delete(order)
    store.people.delete(guest)


def put_extension(store: "Store", now: float, ref: str, name: str, values: Fields) -> None:
    """A data extension of the guest has these pairs."""
    extensions = store.guests[ref].extensions
    if name in extensions:
        extensions[name].values = values
        extensions[name].modified = now
    else:
        extensions[name] = Extension(store.refs.new(), values, now, now)


def delete_extension(store: "Store", now: float, ref: str, name: str) -> None:
    """The guest has no such data extension any more."""
    del store.guests[ref].extensions[name]


def create_order(store: "Store", now: float, fields: Fields) -> Order:
    """An order that is nobody's yet."""
    order = _order(store.refs.new(), now, fields)
    store.ledger.place(order)
    return order


def replace_order(store: "Store", now: float, ref: str, fields: Fields) -> None:
    """The order has these fields, and its items and guest from before."""
    store.ledger.replace(store.orders[ref], _order(ref, now, fields))


def delete_order(store: "Store", now: float, ref: str) -> None:
    """The order is gone."""
    store.ledger.delete(store.orders[ref])


def add_item(store: "Store", now: float, ref: str, fields: Fields) -> None:
    """The order has one item more."""
    order = store.orders[ref]
    order.lines = (*order.lines, line_of(fields))
    order.modified = now


def line_of(fields: Fields) -> Line:
    """An order's item as it is sent."""
    return Line(
        item_id=word(fields.get("itemId")) or word(fields["productId"]),
        name=word(fields["name"]),
        type=word(fields["type"]),
        quantity=money.amount(fields["quantity"]) or money.ZERO,
        price=money.amount(fields["price"]) or money.ZERO,
        currency=word(fields["currencyCode"]),
        reference_id=word(fields.get("referenceId")),
        in_order=True,
        confirmed=True,
        product_id=word(fields["productId"]),
    )


def set_contact(store: "Store", now: float, ref: str, attributes: Fields) -> None:
    """The order is that of the guest with these identities, who is made if there is none."""
    order = store.orders[ref]
    store.ledger.belong(order, store.people.known_as(attributes, now))
    order.modified = now


def _order(ref: str, now: float, fields: Fields) -> Order:
    at = moment(fields["orderedAt"])
    return Order(
        ref=ref,
        number=word(fields["referenceId"]).upper(),
        guest=None,
        ordered_at=now if at is None else at,
        status=fields.get("status", PURCHASED),
        currency=fields["currencyCode"],
        price=money.amount(fields["price"]) or money.ZERO,
        lines=(),
        payment_type=fields.get("paymentType", ""),
        card_type=fields.get("cardType", ""),
        channel=fields.get("channel", ""),
        pos=fields.get("pointOfSale", ""),
        created=now,
        modified=now,
    )


WRITES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "guest.create": create_guest,
        "guest.update": update_guest,
        "guest.delete": delete_guest,
        "extension.put": put_extension,
        "extension.delete": delete_extension,
        "order.create": create_order,
        "order.replace": replace_order,
        "order.delete": delete_order,
        "order.item": add_item,
        "order.contact": set_contact,
    }
)
"""By the name under which the store keeps them. A name, once used, keeps its meaning: files are read by it."""
