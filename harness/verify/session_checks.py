"""Is every event on the timeline, once; is the session closed that was to be, and its cart abandoned?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.verify import causes
from harness.verify.causes import Arrived
from harness.verify.checks import Cause, Check, Finding, check, unread
from harness.verify.expected import Expectation, ExpectedSession
from harness.verify.found import FoundSession, ReadBack

LONGEST_COMPARED = 100
"""Events of a session. Targets show so many at least; of longer timelines only the types are compared."""
MIXED = "not verified: the path sends two identities that have nothing in common"


def session_checks(expected: Expectation, found: ReadBack, trace: Arrived) -> list[Check]:
    """The checks of timeline and cart."""
    closed = [session for session in expected.sessions if session.closed]
    mixed = expected.guest is not None and expected.guest.strangers
    if found.sessions is None or mixed:
        why = (MIXED, False) if mixed else found.why_unread("sessions")
        return [unread("timeline", *why), *([unread("cart", *why)] if closed else [])]
    mine = [each for each in found.sessions if each.browser_id in ("", expected.browser_id)]
    pairs = _paired(expected.sessions, mine)
    findings = [finding for session, there in pairs for finding in _events(session, there, trace)]
    count = sum(len(session.events) for session in expected.sessions)
    sessions = len(expected.sessions)
    told = f"{_counted(count, 'event')}" + (f" in {_counted(sessions, 'session')}" if sessions > 1 else "")
    return [check("timeline", told, findings), *(_cart(session, there) for session, there in pairs if session.closed)]


def _paired(
    expected: Sequence[ExpectedSession], found: Sequence[FoundSession]
) -> list[tuple[ExpectedSession, FoundSession | None]]:
    """Each expected session with the one that was found for it: the latest of its channel and point of sale."""
    pairs: list[tuple[ExpectedSession, FoundSession | None]] = []
    # Sessions that began in the same instant keep the order in which they are shown, which is the latest first or last.
    shown = [each.started for each in found]
    latest = sorted(reversed(found) if shown == sorted(shown, reverse=True) else found, key=lambda each: each.started)
    for key in dict.fromkeys((each.channel, each.point_of_sale) for each in expected):
        wanted = [each for each in expected if (each.channel, each.point_of_sale) == key]
        there: Sequence[FoundSession | None] = [each for each in latest if _fits(each, key)][-len(wanted) :]
        pairs += zip(wanted, [*there, *[None] * (len(wanted) - len(there))], strict=True)
    return pairs


def _fits(found: FoundSession, key: tuple[str, str]) -> bool:
    """Whether a session is of a channel and a point of sale; what is not shown fits."""
    return all(
        not shown or shown == wanted for shown, wanted in zip((found.channel, found.point_of_sale), key, strict=True)
    )


def _events(session: ExpectedSession, there: FoundSession | None, trace: Arrived) -> list[Finding]:
    wanted = Counter(session.events)
    found = Counter(there.events if there else ())
    if sum(wanted.values()) > LONGEST_COMPARED:
        wanted, found = Counter(set(wanted)), Counter(set(found))
    missing, surplus = wanted - found, Counter({kind: found[kind] for kind in wanted}) - wanted
    shown = _listed({kind: found[kind] for kind in wanted if found[kind]}) or "none"
    findings = []
    if missing:
        what = f"{sum(missing.values())} of {_counted(sum(wanted.values()), 'event')} not on the timeline: {_listed(missing)}"
        cause = causes.events_missing(trace)
        findings.append(Finding("events_missing", what, _listed(wanted), shown, cause, True))
    if surplus:
        what = f"more on the timeline than was sent: {_listed(surplus)}"
        twice = causes.written_twice("an event")
        findings.append(Finding("events_twice", what, _listed(wanted), shown, twice))
    return findings


def _cart(session: ExpectedSession, there: FoundSession | None) -> Check:
    """The session was closed: is it, and what became of its cart?"""
    late = Cause("not_processed", "not processed yet: a longer wait would tell; or FORCE_CLOSE has no effect here.")
    if there is None:
        return unread("cart", "there is no session to look at", False)
    if there.is_open:
        return check("cart", "", [Finding("session_open", "the session is still open", "closed", "open", late, True)])
    if not there.cart:
        return unread("cart", "not verified: the target does not show what became of carts", False)
    left = ", ".join(f"{value:f} {currency}".rstrip() for currency, value in session.abandoned)
    if there.cart != session.cart:
        what = f"the cart counts as {there.cart}"
        return check("cart", "", [Finding("cart", what, f"{session.cart} {left}".rstrip(), there.cart, late, True)])
    return check("cart", f"session closed, {left} abandoned" if left else f"session closed, {there.cart.lower()}", [])


def _listed(types: Counter[str] | dict[str, int]) -> str:
    return ", ".join(f"{kind} × {count}" if count > 1 else kind for kind, count in types.items())


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
