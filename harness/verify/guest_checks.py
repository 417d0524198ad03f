"""Is the guest identified, alone, and with the attributes that were sent?"""

from __future__ import annotations

from collections.abc import Iterator

from harness.cdp import guests_api
from harness.verify import causes
from harness.verify.causes import Arrived
from harness.verify.checks import Cause, Check, Finding, check, unread
from harness.verify.expected import ExpectedGuest
from harness.verify.found import FoundGuest, ReadBack

CUSTOMER = "customer"
MOST_NAMED = 4
_DATES = frozenset(field.name for field in guests_api.FIELDS.values() if field.kind == guests_api.DATE)


def guest_check(guest: ExpectedGuest, found: ReadBack, trace: Arrived) -> Check:
    """The check of the guest."""
    if guest.strangers:
        return unread("guest", "not verified: the path sends two identities that have nothing in common", False)
    if found.guests is None:
        return unread("guest", *found.why_unread("guests"))
    if guest.deleted:
        late = Cause("not_processed", "not processed yet: a longer wait would tell; or deleting has no effect here.")
        refs = ", ".join(each.ref for each in found.guests)
        still = Finding(
            "guest_there", f"the guest {_named(guest)} is still there", "none", refs, late, True, guest.step
        )
        return check("guest", f"{_named(guest)} was deleted, and is gone", [still] if found.guests else [])
    if not found.guests:
        what = f"no guest {_named(guest)}"
        cause = causes.guest_missing(trace)
        missing = Finding("guest_missing", what, f"a customer {_named(guest)}", "none", cause, True, guest.step)
        return check("guest", "", [missing])
    findings = list(_findings(guest, found.guests, found.behind))
    shown = sum(1 for name, _ in guest.attributes if _shown(found.guests[0], name))
    if not findings and guest.attributes and not shown:
        return check("guest", f"customer {_named(guest)}; the target shows no attributes", [])
    told = f"customer {_named(guest)}, {len(guest.attributes)} attributes as sent"
    return check("guest", told, findings)


def _findings(guest: ExpectedGuest, there: tuple[FoundGuest, ...], behind: str | None) -> Iterator[Finding]:
    first = there[0]
    if len(there) > 1:
        refs = ", ".join(each.ref for each in there)
        split = Cause("identity_rules", "identity rules: the account keeps guests of one identity apart, or is late.")
        yield Finding("guest_twice", f"{len(there)} guests {_named(guest)}", "one", refs, split, True, guest.step)
    if first.guest_type and first.guest_type != CUSTOMER:
        what = f"the guest {_named(guest)} is no customer"
        cause = causes.not_identified()
        yield Finding("guest_not_customer", what, CUSTOMER, first.guest_type, cause, True, guest.step)
    strangers = [] if guest.known else _strangers(guest, first)
    if strangers:
        what = "the guest has identities of somebody else"
        mine = ", ".join(
            [guest.email, *map(_pair, guest.identifiers)] if guest.email else map(_pair, guest.identifiers)
        )
        others = ", ".join(strangers[:MOST_NAMED]) + (
            f" and {more} more" if (more := len(strangers) - MOST_NAMED) > 0 else ""
        )
        yield Finding("guest_merged", what, mine, others, causes.merged(), False, guest.step)
    if behind and behind not in {each.ref for each in there}:
        what = "the browser belongs to another guest than the identity"
        yield Finding("guest_other", what, first.ref, behind, causes.merged(), True, guest.step)
    if not strangers:  # else the attributes are anybody's
        yield from _attributes(guest, first)


def _attributes(guest: ExpectedGuest, there: FoundGuest) -> Iterator[Finding]:
    """What is shown otherwise than it was sent, or not at all although others are."""
    if not any(_shown(there, name) for name, _ in guest.attributes):
        return
    wrong = [(name, values) for name, values in guest.attributes if not _same(name, values, _shown(there, name))]
    if not wrong:
        return
    names = ", ".join(name for name, _ in wrong[:MOST_NAMED]) + (" and more" if len(wrong) > MOST_NAMED else "")
    missing = all(not _shown(there, name) for name, _ in wrong)
    cause = Cause(
        "attributes_lost" if missing else "identity_merged",
        "attributes lost: the target does not keep them, or has not yet."
        if missing
        else "identity merged into the wrong guest: the attributes are those of somebody else, or an older event's.",
    )
    yield Finding(
        "guest_attributes",
        f"the guest's {names} {'is' if len(wrong) == 1 else 'are'} not as sent",
        ", ".join(f"{name}: {', '.join(values)}" for name, values in wrong),
        ", ".join(f"{name}: {_shown(there, name) or 'none'}" for name, _ in wrong),
        cause,
        missing,
        guest.step,
    )


def _shown(there: FoundGuest, name: str) -> str:
    return there.attribute(name)


def _same(name: str, sent: tuple[str, ...], shown: str) -> bool:
    """Whether an attribute is as it was sent: case and spaces are the target's affair, of a date the day counts."""
    if name in _DATES:
        return bool(sent) and shown[:10] == sent[0][:10]
    return all(_plain(text) in _plain(shown) for text in sent)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _strangers(guest: ExpectedGuest, there: FoundGuest) -> list[str]:
    """Identities of the guest that are not the path's own, of the kinds that it sent."""
    providers = {provider for provider, _ in guest.identifiers}
    own = {email.casefold() for email in guest.emails}
    emails = [each for each in there.emails if own and each.casefold() not in own]
    pairs = [each for each in there.identifiers if each[0] in providers and each not in guest.identifiers]
    return [*emails, *map(_pair, pairs)]


def _pair(identifier: tuple[str, str]) -> str:
    return f"{identifier[0]}:{identifier[1]}"


def _named(guest: ExpectedGuest) -> str:
    return guest.email or _pair(guest.identifiers[0])
