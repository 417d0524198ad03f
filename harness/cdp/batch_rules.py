"""What is wrong with a record of a batch file, judged by itself: pure, for the check and for the sandbox alike.

Documented are the fields, the modes by schema and what an order needs. Undocumented, and chosen: an email is something
with one @ and no white space in it; unknown fields of a guest are refused, those of orders are not looked at; of a
tracking record only the frame is judged.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from harness.cdp import batch
from harness.cdp.guests_api import DATE, EXTENSION_NAMES, FIELDS, GUEST_TYPES, IDENTIFIERS, READ_ONLY, TEXT, TEXTS
from harness.cdp.orders_api import ORDER_CHANNELS, ORDER_STATUSES

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_TAKEN = READ_ONLY | {"guestType", "extensions"}
_WANTED = {TEXT: "a text", TEXTS: "a list of texts", IDENTIFIERS: "a list of {provider, id}", DATE: "an ISO 8601 time"}


class Flaw(NamedTuple):
    """Why a record is refused: the code that the log has for it, the sort of mistake, and the reason."""

    code: int
    sort: str
    message: str


def is_uuid(text: object) -> bool:
    """Whether a ref is one."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def flaw(record: object) -> Flaw | None:
    """The first thing wrong with a record; None if there is nothing."""
    if not isinstance(record, dict):
        return Flaw(batch.INVALID, "json", "is no JSON object")
    if not is_uuid(record.get("ref")):
        return Flaw(batch.INVALID, "ref", f"ref {_shown(record, 'ref')} is no UUID")
    schema, mode, value = record.get("schema"), record.get("mode"), record.get("value")
    modes = batch.MODES.get(schema) if isinstance(schema, str) else None
    if modes is None:
        return Flaw(batch.INVALID, "schema", f"schema {_shown(record, 'schema')} is none of {', '.join(batch.MODES)}")
    if mode not in modes:
        what = f"mode {_shown(record, 'mode')} is not for {schema}s, which have {', '.join(modes)}"
        return Flaw(batch.BAD_MODE, "mode", what)
    if not isinstance(value, dict):
        return Flaw(batch.INVALID, "value", "value is no JSON object")
    if stranger := next((name for name in record if name not in batch.RECORD_FIELDS), None):
        return Flaw(
            batch.INVALID, "field", f"{stranger[:40]!r} does not belong beside {', '.join(batch.RECORD_FIELDS)}"
        )
    if schema == batch.GUEST:
        return _guest(value, str(mode))
    return _order(value, str(mode)) if schema == batch.ORDER else None


def identities(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """By what a guest can be found: (provider, id); an email is ("", the email in lower case)."""
    found = []
    emails = value.get("emails")
    for email in (value.get("email"), *(emails if isinstance(emails, list) else ())):
        if isinstance(email, str) and email.strip():
            found.append(("", email.strip().casefold()))
    given = value.get("identifiers")
    for each in given if isinstance(given, list) else ():
        if isinstance(each, dict) and each.get("provider") and each.get("id"):
            found.append((str(each["provider"]).strip(), str(each["id"]).strip()))
    return found


def _guest(value: dict[str, Any], mode: str) -> Flaw | None:
    for name, given in value.items():
        if given is None or name in _TAKEN:
            continue
        field = FIELDS.get(name)
        if field is None:
            return Flaw(batch.INVALID, "field", f"{name[:40]!r} is not a field of a guest")
        if wrong := _misfit(field.kind, given):
            return Flaw(batch.INVALID, "field", f"{name} {wrong}")
    if (email := value.get("email")) and not _EMAIL.fullmatch(email):
        return Flaw(batch.INVALID, "field", f"email {str(email)[:60]!r} is no address")
    if wrong := _date_of_birth(value.get("dateOfBirth")) or _extensions(value.get("extensions")):
        return Flaw(batch.INVALID, "field", wrong)
    if not identities(value):
        return Flaw(batch.INVALID, "identity", "identity information is missing")
    kind = value.get("guestType")
    if mode not in batch.DELETES and kind is not None and kind not in GUEST_TYPES:
        return Flaw(batch.INVALID, "field", f"guestType {str(kind)[:40]!r} is none of {', '.join(GUEST_TYPES)}")
    return None


def _order(value: dict[str, Any], mode: str) -> Flaw | None:
    needed = batch.ORDER_REQUIRED[mode]
    if mode == batch.INSERT and str(value.get("paymentType")).casefold() == "card":
        needed = (*needed, "cardType")
    if missing := next((name for name in needed if value.get(name) in (None, "")), None):
        return Flaw(batch.INVALID, "required", f"{missing} is missing: {mode} of an order needs it")
    if "orderedAt" in value and time_of(value["orderedAt"]) is None:
        return Flaw(batch.INVALID, "field", "orderedAt is no ISO 8601 time")
    for name, known in (("status", ORDER_STATUSES), ("channel", ORDER_CHANNELS)):
        if name in value and value[name] not in known:
            return Flaw(batch.INVALID, "field", f"{name} {str(value[name])[:40]!r} is none of {', '.join(known)}")
    if "price" in value and not _is_number(value["price"]):
        return Flaw(batch.INVALID, "field", "price is no number")
    contact = value.get("contact")
    if contact is not None and (not isinstance(contact, dict) or not identities(contact)):
        return Flaw(batch.INVALID, "identity", "identity information of the contact is missing")
    return _items(value.get("orderItems"))


def _items(items: object) -> Flaw | None:
    if items is None:
        return None
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        return Flaw(batch.INVALID, "field", "orderItems is no list of objects")
    for number, item in enumerate(items, 1):
        if missing := next((name for name in batch.ORDER_ITEM_REQUIRED if item.get(name) in (None, "")), None):
            return Flaw(batch.INVALID, "required", f"{missing} is missing in item {number}")
        if not _is_number(item["price"]):
            return Flaw(batch.INVALID, "field", f"price is no number in item {number}")
    return None


def _misfit(kind: str, value: object) -> str:
    if kind == TEXT:
        fits = isinstance(value, str)
    elif kind == TEXTS:
        fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
    elif kind == IDENTIFIERS:
        fits = isinstance(value, list) and all(
            isinstance(each, dict) and each.get("provider") and each.get("id") for each in value
        )
    else:
        fits = time_of(value) is not None
    return "" if fits else f"is not {_WANTED[kind]}"


def _date_of_birth(value: object) -> str:
    if value is None:
        return ""
    if "." in str(value):
        return "dateOfBirth has fractions of a second, which it must not"
    born = time_of(value)
    return "dateOfBirth is not in the past" if born is not None and born > datetime.now(UTC).timestamp() else ""


def _extensions(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return "extensions is no list of objects"
    for each in value:
        if each.get("name") not in EXTENSION_NAMES:
            return f"the extension {str(each.get('name'))[:40]!r} is none of {', '.join(EXTENSION_NAMES)}"
        if nested := next((name for name, inner in each.items() if isinstance(inner, dict | list)), None):
            return f"{nested[:40]!r} of the extension {each['name']} is not flat"
    return ""


def time_of(value: object) -> float | None:
    """An ISO 8601 time in seconds since the epoch, one without zone being UTC; None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?\d{1,18}(\.\d{1,9})?", value.strip()) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(record: Mapping[str, Any], name: str) -> str:
    return repr(str(record.get(name, ""))[:40])
