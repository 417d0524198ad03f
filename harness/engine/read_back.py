"""Reading back the outcome of a path: everything that its expectation asks about, by the documented APIs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from harness.engine.target_errors import NotOfferedError, TargetError
from harness.engine.target_reader import TargetReader
from harness.verify.expected import Expectation
from harness.verify.found import FoundGuest, FoundOrder, FoundSession, ReadBack

T = TypeVar("T")
NO_TOKEN = "not verified: the scenario's target has no api_token"  # noqa: S105 - a sentence


def read_back(expected: Expectation, reader: TargetReader) -> ReadBack:
    """What is there now. What cannot be read is None, with a reason; raises nothing."""
    if not reader.can_read:
        return ReadBack(unread=tuple((subject, NO_TOKEN) for subject in ("guests", "sessions", "orders")))
    reading = _Reading()
    behind = reading.of("browser", lambda: reader.guest_behind(expected.browser_id) or "")
    guests = reading.of("guests", lambda: _guests(expected, reader))
    sessions = reading.of("sessions", lambda: _sessions(guests[0].ref if guests else "", behind, reader))
    orders = reading.of("orders", lambda: _orders(expected, reader))
    return ReadBack(behind, guests, sessions, orders, tuple(reading.unread.items()), frozenset(reading.broken))


class _Reading:
    """Asks, and keeps why something could not be read."""

    def __init__(self) -> None:
        self.unread: dict[str, str] = {}
        self.broken: set[str] = set()

    def of(self, subject: str, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except NotOfferedError as error:
            self.unread[subject] = f"not verified: {error}"
        except TargetError as error:
            self.unread[subject] = f"cannot be read: {error}"
            self.broken.add(subject)
        return None


def _sessions(identified: str, behind: str | None, reader: TargetReader) -> tuple[FoundSession, ...]:
    """The sessions of the identified guest, or else of whoever is behind the browser. Raises TargetError."""
    ref = identified or behind
    if not ref or (not identified and reader.guest(ref) is None):
        return ()  # nobody is there: nothing has arrived
    found = reader.sessions(ref)
    if found is None:
        raise NotOfferedError("the target shows no timelines (guest contexts)")
    return found


def _guests(expected: Expectation, reader: TargetReader) -> tuple[FoundGuest, ...]:
    guest = expected.guest
    if guest is None:
        return ()
    if guest.email:
        return reader.guests(email=guest.email)
    return reader.guests(identifier=guest.identifiers[0])


def _orders(expected: Expectation, reader: TargetReader) -> dict[str, tuple[FoundOrder, ...]]:
    return {purchase.number: reader.orders_with(purchase.number) for purchase in expected.purchases}
