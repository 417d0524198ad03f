"""A guest as the Guest REST API shows and takes one. The model keeps the names of the IDENTITY event.

Source: Sitecore's public reference "Sitecore CDP Guest REST API (v2.1)": fields, their types, the guest types,
a date of birth in the past. Sandbox's choices, for these are undocumented: what is not known is left out of a
reply; a date that an event sent in another form than ISO 8601 is shown as it came; unknown fields are refused.
"""

import time
from collections.abc import Iterable
from typing import Any

from harness.cdp.guests_api import (
    DATE,
    FIELDS,
    GUEST_TYPES,
    IDENTIFIERS,
    PHONE_ATTRIBUTES,
    READ_ONLY,
    TEXT,
    TEXTS,
    GuestField,
)
from harness.sandbox.fields import moment, word
from harness.sandbox.model import Guest
from harness.sandbox.rest import RestError, iso

_MOST_TEXTS = 100


def guest_json(guest: Guest, href: str) -> dict[str, Any]:
    """The whole guest, with the data extensions as the batch format has them."""
    shown = {field.name: _shown(guest, field) for field in FIELDS.values()}
    extensions = [{"name": name, "key": "default", **each.values} for name, each in guest.extensions.items()]
    return {
        "href": href,
        "ref": guest.ref,
        "createdAt": iso(guest.first_seen),
        "modifiedAt": iso(guest.modified or guest.last_seen),
        "firstSeen": iso(guest.first_seen),
        "lastSeen": iso(guest.last_seen),
        "guestType": guest.guest_type,
        **{name: value for name, value in shown.items() if value},
        **({"extensions": extensions} if extensions else {}),
    }


def read_guest(body: dict[str, Any]) -> dict[str, Any]:
    """The attributes, by the model's names, that a POST, PUT or PATCH sends; ``guestType`` among them.

    Raises RestError (400) for an unknown field or a value of the wrong type.
    """
    attributes: dict[str, Any] = {}
    for name, value in body.items():
        if name in READ_ONLY:
            continue
        if name == "guestType":
            if value not in GUEST_TYPES:
                raise RestError(400, f"guestType: must be one of {', '.join(GUEST_TYPES)}.")
            attributes[name] = value
            continue
        field = FIELDS.get(name)
        if field is None:
            raise RestError(400, f"{name[:100]}: is not a field of a guest.")
        attributes[field.attribute or field.name] = None if value is None else _read(field, value)
    if body.get("emails") and not body.get("email"):
        attributes["email"] = attributes["emails"][0]
    return attributes


def emails_of(guest: Guest) -> list[str]:
    """Every email: as last sent, in the spelling that was sent, then those known before."""
    known = [id_ for provider, id_ in guest.identities if not provider]
    return _distinct([guest.email, *_list(guest.attributes.get("emails")), *known])


def phones_of(guest: Guest) -> list[str]:
    """Every phone number, mobile ones after the others."""
    given = [word(guest.attributes.get(name)) for name in PHONE_ATTRIBUTES]
    return _distinct([*_list(guest.attributes.get("phoneNumbers")), *given])


def _shown(guest: Guest, field: GuestField) -> Any:
    if field.name == "emails":
        return emails_of(guest)
    if field.name == "phoneNumbers":
        return phones_of(guest)
    value = guest.attributes.get(field.attribute or field.name)
    if field.kind == IDENTIFIERS:
        return [_identifier(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    if field.kind == TEXTS:
        return _list(value)
    if field.kind == DATE:
        at = moment(value)
        return word(value) if at is None else iso(at)
    # Genders are documented in lower case, whatever an event sent.
    return word(value).lower() if field.name == "gender" else word(value)


def _identifier(identifier: dict[str, Any]) -> dict[str, str]:
    pairs = (
        ("provider", word(identifier.get("provider"))),
        ("id", word(identifier.get("id"))),
        ("expiryDate", word(identifier.get("expiry_date"))),
    )
    return {name: value for name, value in pairs if value}


def _read(field: GuestField, value: Any) -> Any:
    if field.kind == TEXT and isinstance(value, str):
        return value
    if field.kind == TEXTS and isinstance(value, list) and all(isinstance(each, str) for each in value):
        if len(value) > _MOST_TEXTS:
            raise RestError(400, f"{field.name}: has more than {_MOST_TEXTS} entries.")
        return value
    if field.kind == DATE:
        at = moment(value)
        if at is None:
            raise RestError(400, f"{field.name}: is no ISO 8601 time.")
        if field.name == "dateOfBirth" and at > time.time():
            raise RestError(400, f"{field.name}: must be in the past.")
        return value
    if field.kind == IDENTIFIERS and isinstance(value, list):
        return [_read_identifier(each) for each in value[:_MOST_TEXTS]]
    wanted = {TEXT: "text", TEXTS: "a list of texts", IDENTIFIERS: "a list of objects"}[field.kind]
    raise RestError(400, f"{field.name}: must be {wanted}.")


def _read_identifier(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise RestError(400, "identifiers: must be a list of objects.")
    provider, id_ = word(value.get("provider")), word(value.get("id"))
    if not provider or not id_:
        raise RestError(400, "identifiers: provider and id may not be null.")
    expiry = {"expiry_date": word(value["expiryDate"])} if value.get("expiryDate") else {}
    return {"provider": provider, "id": id_, **expiry}


def _list(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for each in value if (text := word(each))]
    return [text] if (text := word(value)) else []


def _distinct(texts: Iterable[str]) -> list[str]:
    """In the order and spelling in which each came first."""
    first: dict[str, str] = {}
    for text in texts:
        if text:
            first.setdefault(text.casefold(), text)
    return list(first.values())
