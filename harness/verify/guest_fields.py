"""What a message tells of a guest: identifiers and attributes, by the names under which the Guest REST API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.cdp import events, guests_api
from harness.verify.loose import mappings, text, texts
from harness.verify.sent import SentEvent


def pairs_of(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Provider and id of the identifiers."""
    pairs = [(text(i.get("provider")), text(i.get("id"))) for i in mappings(message.get("identifiers"))]
    return tuple(pair for pair in pairs if all(pair))


def fields_of(fields: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """A guest's own fields, as the Guest REST API was given them: those that identify nobody."""
    own = [
        field.name
        for field in guests_api.FIELDS.values()
        if field.kind != guests_api.IDENTIFIERS and field.name not in ("email", "emails", "language")
    ]
    return {name: values for name in own if (values := texts(fields.get(name)))}


def attributes_of(event: SentEvent) -> dict[str, tuple[str, ...]]:
    """The guest's own attributes of an IDENTITY event, by the names under which the Guest REST API shows them."""
    found: dict[str, tuple[str, ...]] = {}
    for known in guests_api.FIELDS.values():
        if known.kind != guests_api.IDENTIFIERS and known.attribute not in ("", "email", *events.COMMON):
            values = texts(event.message.get(known.attribute))
            if values:
                found[known.name] = values
    phones = tuple(text for name in guests_api.PHONE_ATTRIBUTES for text in texts(event.message.get(name)))
    return {**found, "phoneNumbers": phones} if phones else found
