"""Who an IDENTITY event is about, and what it says about them.

Source: Sitecore's developer page "Stream API" (IDENTITY) and the default identity rules: an email, or a
provider with an id.
"""

from typing import Any

from harness.cdp.events import IDENTITY_ATTRIBUTES
from harness.sandbox.model import Guest

Identity = tuple[str, str]
"""(provider, id); an email is ("", the email in lower case)."""


def identities(event: dict[str, Any]) -> list[Identity]:
    """Every identity in the event, none if the identity rules are not met."""
    found: list[Identity] = []
    email = event.get("email")
    if isinstance(email, str) and email.strip():
        found.append(("", email.strip().casefold()))
    for each in _identifiers(event):
        provider, id_ = _word(each.get("provider")), _word(each.get("id"))
        if provider and id_:
            found.append((provider, id_))
    return found


def identities_of(attributes: dict[str, Any]) -> list[Identity]:
    """Every identity in a guest's attributes, which may have ``emails``, unlike an event."""
    emails = attributes.get("emails")
    further = [("", each.strip().casefold()) for each in emails if each.strip()] if isinstance(emails, list) else []
    return list(dict.fromkeys([*identities(attributes), *further]))


def update(guest: Guest, event: dict[str, Any], now: float) -> None:
    """Takes over the event's attributes. Absent and empty ones leave what is known (sandbox's choice).

    The language of an IDENTITY event is the guest's.
    """
    guest.modified = now
    for name in (*IDENTITY_ATTRIBUTES, "language"):
        value = event.get(name)
        if value in (None, "", []):
            continue
        if name == "identifiers":
            # By their identity, so that a repeated one is renewed, not listed twice.
            known = {(_word(i.get("provider")), _word(i.get("id"))): i for i in _identifiers(guest.attributes)}
            known |= {(_word(i.get("provider")), _word(i.get("id"))): i for i in _identifiers(event)}
            value = list(known.values())[-100:]
        guest.attributes[name] = value
    guest.index()


def _identifiers(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    value = attributes.get("identifiers")
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _word(value: object) -> str:
    """Ids are often numbers; they mean the same as text."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
