"""Is a guest that the target holds one whom a run made? Pure. In doubt: no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from harness.verify.found import FoundGuest

COMPARED = ("title", "firstName", "lastName", "gender", "dateOfBirth")
"""Of a guest's attributes, those that say who it is; of a time the day counts."""


@dataclass(frozen=True, slots=True)
class MadeGuest:
    """A guest as a run made it. ``email`` and ``identifier`` are empty where the run sent others than the guest's own.

    ``attributes``: what it sent of COMPARED. ``own_identities``: it sent no identities but these two.
    """

    email: str
    identifier: tuple[str, str] | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    own_identities: bool = True


def why_not_ours(found: FoundGuest, made: MadeGuest, begun: datetime, ended: datetime) -> str:
    """Why a guest is not to be taken for the one whom the run made, in words; empty when it is."""
    emails = {each.casefold() for each in found.emails}
    named = (made.email.casefold() in emails if made.email else False) or made.identifier in found.identifiers
    if not named:
        return "neither email nor identifier is the run's"
    if made.own_identities:
        if made.email and emails - {made.email.casefold()}:
            return "has an email that the run did not send"
        if any(each != made.identifier for each in found.identifiers):
            return "has an identifier that the run did not send"
    seen = _moment(found.attribute("firstSeen"))
    if seen is None:
        return "the target does not say since when there is this guest"
    if seen < begun:
        return "was there before the run"
    if seen > ended:
        return "came after the run"
    for name, sent in made.attributes.items():
        shown = found.attribute(name)
        if shown and _plain(name, shown) != _plain(name, sent):
            return f"another {name} than the run sent"
    return ""


def _plain(name: str, text: str) -> str:
    return text[:10] if name == "dateOfBirth" else " ".join(text.casefold().split())


def _moment(text: str) -> datetime | None:
    """An ISO 8601 time with its zone; None when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
