"""Asking the target, before and after the load: is it there, does it take our keys, what does it hold?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from harness.cdp import endpoints
from harness.engine import target_json
from harness.engine.by_hand import browser_of, browser_path
from harness.engine.target_client import TargetClient
from harness.engine.target_errors import NotOfferedError, TargetError, UnauthorizedError
from harness.engine.target_json import ShapeError
from harness.verify.found import FoundGuest, FoundOrder, FoundSession

MOST_ALIKE = 20
"""Orders of one number, or guests of one identity, that are looked at."""
NOT_OFFERED = frozenset({400, 403, 404, 405, 410, 501})
"""How a target says that it has no such call, or nothing there."""
MOST_OF_FIRST = 64 * 1024
"""Bytes of the first reply that are looked at."""


@dataclass(frozen=True, slots=True)
class FirstReply:
    """A reply to the first request: its status, the browser id and the Date header in it (empty: none).

    ``asked`` and ``answered`` are when, by our clock (s since the epoch).
    """

    status: int
    browser: str
    date: str
    asked: float
    answered: float


class TargetReader(TargetClient):
    """Reads from one target, by its documented APIs."""

    def probe(self, cdp: bool) -> None:
        """See that the target is there: a CDP is asked for one browser id, anything else just answers something.

        Raises TargetError when it is not there, or refuses the client key.
        """
        if cdp and self._client_key is not None:
            self.new_browser_id()
        else:
            self.look(cdp)

    def new_browser_id(self) -> str:
        """A browser id that the target has just made. Raises TargetError."""
        if self._client_key is None:
            raise TargetError("a browser id cannot be made without a client_key")
        first = self.look(cdp=True)
        if first.status == 401:
            raise UnauthorizedError(
                f"{self._base} refuses the client key (401): check the key, and that the region is the account's"
            )
        if not 200 <= first.status <= 299:
            raise TargetError(f"{self._base} answers a request for a browser id with status {first.status}")
        if not first.browser:
            raise TargetError(f"{self._base} answers a request for a browser id without one: is it a CDP?")
        return first.browser

    def look(self, cdp: bool) -> FirstReply:
        """What the target answers to the request that ``probe`` makes. Raises UnreachableError."""
        asked = "/" if not cdp or self._client_key is None else browser_path(self._client_key.reveal())
        began = time.time()
        reply = self._get(asked)
        return FirstReply(
            reply.status, browser_of(reply.data[:MOST_OF_FIRST]), reply.headers.get("Date", ""), began, time.time()
        )

    def send_event(self, path: str) -> int:
        """Send one event that ``by_hand`` made; the status of the reply. Raises UnreachableError."""
        return self._get(path).status

    def is_sandbox(self) -> bool:
        """Whether the target is a sandbox of ours."""
        try:
            reply = self._get("/_sandbox/stats")
            return reply.status == 200 and "rejected" in target_json.document(reply.data)
        except (TargetError, ShapeError, TypeError):
            return False

    def orders_with(self, number: str, *, items: bool = True) -> tuple[FoundOrder, ...]:
        """Every order of that number, so that one written twice shows (Order REST, by reference). Raises TargetError.

        Without ``items`` neither those nor the guest are asked for where that would take another request.
        """
        asked = f"order {number}"
        query = urlencode({"referenceId": number, "expand": "items", "limit": MOST_ALIKE})
        found = []
        for each in self._whole(f"{endpoints.ORDERS}?{query}", asked):
            if str(each.get("referenceId")).upper() == number.upper():
                lines = self._items(each, asked) if items else target_json.inline_items(each)
                made = self._shaped(asked, target_json.order, each, lines)
                found.append(replace(made, guest=self._contact(each, asked)) if items and not made.guest else made)
        return tuple(found)

    def guests(self, *, email: str = "", identifier: tuple[str, str] | None = None) -> tuple[FoundGuest, ...]:
        """Every guest of an email, or of an identifier (provider, id): Guest REST. Raises TargetError."""
        if identifier is None:
            asked, query = "a guest by email", {"email": email}
        else:
            asked = "a guest by identifier"
            query = {"identifiers.provider": identifier[0], "identifiers.id": identifier[1]}
        path = f"{endpoints.GUESTS}?{urlencode({**query, 'expand': 'items', 'limit': MOST_ALIKE})}"
        return tuple(target_json.guest(each) for each in self._whole(path, asked))

    def guest(self, ref: str) -> FoundGuest | None:
        """The guest of a ref (Guest REST); None when there is none. Raises TargetError."""
        asked = "a guest"
        reply = self._ask(f"{endpoints.GUESTS}/{quote(ref, safe='')}", asked, missing=(404,))
        return None if reply is None else target_json.guest(self._shaped(asked, _mapping, reply))

    def guest_behind(self, browser_id: str) -> str | None:
        """The ref of the guest behind a browser id; None when the target knows of none. Raises TargetError."""
        if self._client_key is None:
            raise TargetError("a browser id cannot be looked up without a client_key")
        key = quote(self._client_key.reveal(), safe="")
        path = endpoints.BROWSER_SHOW.format(browser_id=quote(browser_id, safe=""))
        reply = self._get(f"{path}?client_key={key}&api_token={key}")
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise TargetError(f"{self._base} answers the question for a browser id with {reply.status}")
        shown = self._shaped("a browser id", target_json.document, reply.data)
        shown = shown.get("customer") if isinstance(shown, Mapping) else None
        ref = shown.get("ref") if isinstance(shown, Mapping) else None
        return ref if isinstance(ref, str) and ref else None

    def sessions(self, guest_ref: str) -> tuple[FoundSession, ...] | None:
        """The sessions of a guest with their timelines (guest context); None when the target shows none.

        Raises TargetError.
        """
        asked = "the sessions of a guest"
        path = f"{endpoints.GUEST_CONTEXTS}/{quote(guest_ref, safe='')}?{endpoints.EXPAND_SESSIONS}"
        found = self._ask(path, asked, missing=NOT_OFFERED)
        return None if found is None else self._shaped(asked, target_json.sessions, found)

    # What a document points to

    def _whole(self, path: str, asked: str) -> list[Mapping[str, Any]]:
        """The items of a list, each in full: one that is only an href is asked for by itself."""
        listed = self._ask(path, asked, missing=NOT_OFFERED)
        if listed is None:
            raise NotOfferedError(f"{self._base} does not answer the question for {asked}")
        whole = []
        for each in self._shaped(asked, target_json.listed, listed)[:MOST_ALIKE]:
            if set(each) - {"href", "ref"}:
                whole.append(each)
            elif (found := self._ask(target_json.path_of(each.get("href")), asked, missing=(404,))) is not None:
                whole.append(self._shaped(asked, _mapping, found))
        return whole

    def _items(self, order: Mapping[str, Any], asked: str) -> list[Mapping[str, Any]] | None:
        """The items of an order, from within it or from where it points; None where the target shows none."""
        inline = target_json.inline_items(order)
        held = order.get("orderItems")
        if inline is not None or not isinstance(held, Mapping) or "href" not in held:
            return inline
        path = target_json.path_of(held["href"])
        try:
            return self._whole(path, f"the items of {asked}") if path else None
        except TargetError:
            return None

    def _contact(self, order: Mapping[str, Any], asked: str) -> str:
        """The ref of the guest who is the order's contact; empty where the target shows none."""
        held = order.get("contacts")
        path = target_json.path_of(held.get("href")) if isinstance(held, Mapping) else ""
        try:
            found = self._whole(path, f"the contact of {asked}") if path else []
        except TargetError:
            return ""
        return next((ref for each in found if (ref := target_json.guest_of(each))), "")


def _mapping(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise ShapeError("no JSON object")
    return found
