"""A guest as people keep one in a file, as the Guest REST API takes one; or what is wrong with it. Pure.

Fields go by the names of the Guest REST API (``firstName``) or by those of an IDENTITY event (``firstname``). What a list
is in JSON is in CSV text with ``;`` between. ``identifiers.provider`` and ``identifiers.id`` make one identifier, and a
bare ``id`` is one of the harness's own guests.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from harness.cdp.guests_api import FIELDS, GUEST_TYPES, IDENTIFIERS, OWN_PROVIDER, PHONE_ATTRIBUTES, READ_ONLY, TEXTS

GUEST_TYPE = "guestType"
PROVIDER, ID, OWN_ID = "identifiers.provider", "identifiers.id", "id"
IGNORED = READ_ONLY | {"locale", "mailbox"}
"""What may stand in a record and says nothing about a guest."""
NAMES = MappingProxyType(
    {
        **{field.attribute: name for name, field in FIELDS.items() if field.attribute},
        **dict.fromkeys(PHONE_ATTRIBUTES, "phoneNumbers"),
        **{name: name for name in FIELDS},
    }
)
"""A field of the Guest REST API by each of its names."""


def guest_of(record: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields of a guest, and what is wrong with the record, in words."""
    fields: dict[str, Any] = {}
    wrong: list[str] = []
    for name, value in record.items():
        if value is None or value in ("", []) or name in IGNORED or name in (PROVIDER, ID, OWN_ID):
            continue
        if name == GUEST_TYPE:
            fields[GUEST_TYPE] = value
            if value not in GUEST_TYPES:
                wrong.append(f"guestType is not one of {', '.join(GUEST_TYPES)}")
        elif name not in NAMES:
            wrong.append(f"unknown field {name[:60]}")
        else:
            _take(NAMES[name], value, fields, wrong)
    _identifier(record, fields, wrong)
    if not fields:
        wrong.append("nothing is said about the guest")
    return {GUEST_TYPE: "customer", **fields}, wrong


def _take(name: str, value: Any, fields: dict[str, Any], wrong: list[str]) -> None:
    kind = FIELDS[name].kind
    if kind == IDENTIFIERS:
        pairs = value if isinstance(value, list) else [value]
        if not all(
            isinstance(each, Mapping) and _text(each.get("provider")) and _text(each.get("id")) for each in pairs
        ):
            wrong.append("identifiers are not a list of {provider, id}")
            return
        fields.setdefault(name, []).extend(pairs)
    elif kind == TEXTS:
        texts = [part.strip() for part in value.split(";")] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(map(_text, texts)):
            wrong.append(f"{name} is no list of texts")
            return
        fields.setdefault(name, []).extend(texts)
    elif _text(value):
        fields[name] = value
    else:
        wrong.append(f"{name} is no text")


def _identifier(record: Mapping[str, Any], fields: dict[str, Any], wrong: list[str]) -> None:
    provider, given = record.get(PROVIDER) or "", record.get(ID) or ""
    if own := record.get(OWN_ID):
        provider, given = provider or OWN_PROVIDER, given or own
    if not provider and not given:
        return
    if not _text(provider) or not _text(given):
        wrong.append(f"{PROVIDER} and {ID} go together, both texts")
        return
    fields.setdefault("identifiers", []).append({"provider": provider, "id": given})


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
