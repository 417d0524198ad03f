"""How sessions open and close, and what is left behind in them.

Source: Sitecore's developer page "Stream API". Documented: a session groups the events of one browser id,
channel and point of sale; it closes after a time without an event, or at once with FORCE_CLOSE; closed with
a cart and without a purchase it is abandoned, with FORCE_CLOSE if the guest is identified. Sandbox's
choices, for these are undocumented:

- A session with a purchase is never abandoned, whatever was added after it.
- A session that runs out is abandoned even if its guest is a visitor; one that FORCE_CLOSE ends is not.
- FORCE_CLOSE without an open session opens one and closes it.
- An event without channel, as the SDK sends FORM, joins the browser's latest open session there.
"""

from collections import OrderedDict

from harness.cdp.events import ABANDONED_REVENUE, FORCE_CLOSE
from harness.sandbox import cart, money
from harness.sandbox.config import Limits
from harness.sandbox.model import CUSTOMER, Effect, Guest, Session
from harness.sandbox.refs import Refs


class Sessions:
    """The open sessions, and the counts of those that were closed and abandoned."""

    def __init__(self, timeout_s: float, limits: Limits, refs: Refs) -> None:
        # The one that closes next first.
        self.open: OrderedDict[tuple[str, str, str], Session] = OrderedDict()
        self.closed_count = self.abandoned_count = 0
        self.abandoned_revenue = money.Sums(limits.currencies)
        self.timeout_s = timeout_s
        self._refs = refs
        self._limits = limits

    def continued(self, guest: Guest, browser_id: str, channel: str, pos: str, now: float) -> Session:
        """The session that an event belongs to, opened if necessary, in the hands of ``guest``."""
        key = (browser_id, channel or _latest_channel(guest, browser_id, pos), pos)
        session = self.open.get(key)
        if session is None:
            session = Session(self._refs.new(), *key, guest, started=now, last_event=now)
            self.open[key] = session
            self._give(guest, session)
        else:
            self.open.move_to_end(key)
            session.last_event = now
            if session.guest is not guest:
                # The session belongs to whoever was identified in it last.
                session.guest.sessions = [s for s in session.guest.sessions if s is not session]
                session.guest.session_count -= 1
                self._give(guest, session)
        return session

    def close_idle(self, now: float) -> None:
        """Closes the sessions that had no event for the session timeout."""
        deadline = now - self.timeout_s
        while self.open:
            session = next(iter(self.open.values()))
            if session.last_event > deadline and len(self.open) <= self._limits.open_sessions:
                return
            self.close(session)

    def close(self, session: Session, may_abandon: bool = True) -> None:
        """Ends a session that is open; with something in the cart and no purchase it is abandoned."""
        session.is_open = False
        del self.open[session.key]
        self.closed_count += 1
        if may_abandon and session.cart and not session.has_purchase:
            session.abandoned = cart.value(session.cart)
            self.abandoned_count += 1
            for currency, worth in session.abandoned.items():
                self.abandoned_revenue.add(currency, worth)

    def delete(self, guest: Guest) -> None:
        """The guest's sessions are gone, as far as they are still known also from the counts."""
        self.closed_count -= guest.session_count
        for session in guest.sessions:
            if session.is_open:
                del self.open[session.key]
                self.closed_count += 1
            if session.abandoned:
                self.abandoned_count -= 1
                for currency, worth in session.abandoned.items():
                    self.abandoned_revenue.add(currency, worth.copy_negate())
        guest.sessions.clear()
        guest.session_count = 0

    def force_close(self, session: Session) -> Effect:
        """FORCE_CLOSE: ends the session now; the next event of the same browser opens another."""
        is_known = session.guest.guest_type == CUSTOMER
        self.close(session, may_abandon=is_known)
        if session.abandoned:
            worth = " · ".join(f"{currency} {text}" for currency, text in money.texts(session.abandoned).items())
            return Effect(ABANDONED_REVENUE, value=worth)
        note = ""
        if not session.cart:
            note = "Nothing abandoned: the cart is empty."
        elif session.has_purchase:
            note = "Nothing abandoned: there is a purchase in this session."
        elif not is_known:
            note = "Nothing abandoned: the guest is not identified."
        return Effect(FORCE_CLOSE.title, note)

    def _give(self, guest: Guest, session: Session) -> None:
        session.guest = guest
        guest.sessions.append(session)
        guest.session_count += 1
        if len(guest.sessions) > self._limits.sessions_per_guest:
            del guest.sessions[0]


def _latest_channel(guest: Guest, browser_id: str, pos: str) -> str:
    for session in reversed(guest.sessions):
        if session.is_open and session.browser_id == browser_id and session.pos == pos:
            return session.channel
    return ""
