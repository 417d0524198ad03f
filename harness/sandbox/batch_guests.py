"""What the records of guests in a batch do.

Source: Sitecore's developer pages "Batch file formatting requirements", "Using guest delete", "Guest delete data model";
"Sitecore CDP batch file format requirements (data model 2.1)" for insert and merge. A guest is found by any identity
that the record has, the first one's owner first. Sandbox's choices, for these are undocumented:

- insert puts the record in the place of all that is known of a guest, who keeps sessions and orders.
- upsert takes over fields that are sent, identifiers in addition to those known, and pairs of data extensions.
- merge does the same, and adds to every list.
- With delete the orders stay, and are nobody's.
"""

from typing import TYPE_CHECKING, Any

from harness.cdp import batch
from harness.cdp.batch_rules import Flaw, time_of
from harness.cdp.guests_api import LARGEST_EXTENSION
from harness.sandbox.guest_fields import read_guest
from harness.sandbox.identity import identities_of
from harness.sandbox.model import CUSTOMER, Guest
from harness.sandbox.rest import RestError
from harness.sandbox.writes import delete_guest, put_extension

if TYPE_CHECKING:
    from harness.sandbox.store import Store

Fields = dict[str, Any]
_NOT_ENOUGH = Flaw(batch.INVALID, "identity", "Not enough identifying information.")


def apply(store: "Store", now: float, mode: str, value: Fields) -> Flaw | None:
    """Does a record; gives what is wrong with it, if it cannot be done."""
    try:
        attributes = read_guest(value)
    except RestError as error:
        return Flaw(batch.INVALID, "field", error.message)
    attributes.pop("guestType", None)
    wanted = identities_of(attributes)
    if not wanted:
        return _NOT_ENOUGH
    found = next((guest for each in wanted for guest in store.people.find([each], None)), None)
    if mode in batch.DELETES:
        return _delete(store, now, mode, found)
    extensions = _extensions(value)
    if any(len(pairs) > LARGEST_EXTENSION for pairs in extensions.values()):
        return Flaw(batch.INVALID, "field", f"A data extension has more than {LARGEST_EXTENSION} pairs.")
    if found is None:
        found = store.people.create(CUSTOMER, attributes, now)
    elif mode == batch.CREATE:
        return Flaw(batch.EXISTS, "exists", "A guest with this identity exists.")
    elif mode == batch.INSERT:
        found.extensions.clear()
        store.people.rewrite(found, attributes, now)
    else:
        store.people.rewrite(found, _united(found.attributes, attributes, mode == batch.MERGE), now)
    found.guest_type = CUSTOMER
    _seen(found, value)
    for name, pairs in extensions.items():
        known = found.extensions[name].values if name in found.extensions else {}
        put_extension(store, now, found.ref, name, {**known, **pairs})
    return None


def _delete(store: "Store", now: float, mode: str, guest: Guest | None) -> Flaw | None:
    if guest is None:
        return Flaw(batch.NOT_THERE, "missing", "Guest not found.")
    if any(session.is_open for session in guest.sessions):
        return Flaw(batch.NOT_ALLOWED, "open session", "Unable to delete Guest with open session.")
    if mode == batch.GDPR_DELETE:
        delete_guest(store, now, guest.ref)
        return None
    for order in guest.orders.values():
        order.guest = None
    guest.orders.clear()
    store.people.delete(guest)
    return None


def _united(known: Fields, given: Fields, lists: bool) -> Fields:
    both = {**known, **given}
    for name, value in given.items():
        before = known.get(name)
        if isinstance(value, list) and isinstance(before, list) and (lists or name == "identifiers"):
            both[name] = [*(each for each in before if each not in value), *value]
    return both


def _extensions(value: Fields) -> dict[str, Fields]:
    given = value.get("extensions") or ()
    return {each["name"]: {k: v for k, v in each.items() if k not in ("name", "key")} for each in given}


def _seen(guest: Guest, value: Fields) -> None:
    if (first := time_of(value.get("firstSeen"))) is not None:
        guest.first_seen = first
    if (last := time_of(value.get("lastSeen"))) is not None:
        guest.last_seen = last
