"""Asking the target, before and after the load: is it there, does it take our keys, what does it hold?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

import urllib3

from harness.cdp import endpoints
from harness.engine import target_json
from harness.engine.by_hand import browser_of, browser_path
from harness.engine.held_urllib3 import held_pools
from harness.engine.target_cause import cause_of
from harness.engine.target_json import ShapeError
from harness.engine.wire_tls import TlsSettings, tls_context
from harness.scenario.model import Target
from harness.verify.found import FoundGuest, FoundItem, FoundOrder, FoundSession

__all__ = ["FoundGuest", "FoundItem", "FoundOrder", "FoundSession", "TargetError", "TargetReader"]

READERS = 4
"""Requests under way at once when orders are read back."""
TIMEOUT = urllib3.Timeout(connect=5.0, read=15.0)
MOST_ALIKE = 20
"""Orders of one number, or guests of one identity, that are looked at."""
NOT_OFFERED = frozenset({400, 403, 404, 405, 410, 501})
"""How a target says that it has no such call, or nothing there."""
BUSY = frozenset({429, 503})
MOST_TRIES = 4
LARGEST_REPLY, READ_AT_ONCE = 64 * 1024 * 1024, 256 * 1024
LONGEST_REPLY_S = 60.0
"""What a reply may take, in bytes (unpacked) and in time, however slowly it dribbles."""
MOST_OF_FIRST = 64 * 1024
"""Bytes of the first reply that are looked at."""
LONGEST_BACK_OFF_S = 10.0

P = ParamSpec("P")
T = TypeVar("T")


class TargetError(Exception):
    """The target cannot be used; the text says why, in a sentence. ``may_pass``: it is worth another try."""

    may_pass = False


class UnreachableError(TargetError):
    """No reply came. It may come when the question is put again."""

    may_pass = True


class UnauthorizedError(TargetError):
    """The target does not take our credentials."""


class NotOfferedError(TargetError):
    """The target has no such call, or not for us; nothing can be said by it."""


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


@dataclass(frozen=True, slots=True)
class TargetReply:
    """A whole reply."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class TargetReader:
    """Reads from one target, by its documented APIs."""

    def __init__(self, base_url: str, target: Target, headers: dict[str, str], at: tuple[str, ...] = ()) -> None:
        """``at``: the addresses of the target or, where there is one, of its proxy; without them it is asked for.

        Raises TargetError for TLS files that cannot be used.
        """
        self._base = base_url
        self._client_key = target.client_key
        self._api_token = target.api_token
        self._headers = headers
        self._http = http_pool(target, headers, at)

    @property
    def can_read(self) -> bool:
        """Whether there are the credentials with which guests and orders are read."""
        return self._api_token is not None and self._client_key is not None

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

    # How it is asked

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

    def _ask(self, path: str, asked: str, missing: Iterable[int] = ()) -> Any:
        """A document of the reading APIs; None for a status of ``missing``. Raises TargetError."""
        reply = self._answer("GET", path, asked)
        if reply.status in frozenset(missing):
            return None
        if reply.status != 200:
            raise TargetError(f"{self._base} answers the question for {asked} with {reply.status}")
        return self._shaped(asked, target_json.document, reply.data)

    def _answer(
        self, method: str, path: str, asked: str, body: bytes | None = None, busy: frozenset[int] = BUSY
    ) -> TargetReply:
        """The reply of an API behind HTTP Basic; while the target is ``busy`` it is asked again. Raises TargetError."""
        if self._api_token is None or self._client_key is None:
            raise TargetError(f"{asked}: the Guest and Order REST APIs take an api_token, and there is none")
        keys = f"{self._client_key.reveal()}:{self._api_token.reveal()}"
        headers = {**self._headers, "Accept": "application/json", **urllib3.make_headers(basic_auth=keys)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        reply = self._request(method, path, headers, body)
        for wait_s in back_offs():
            if reply.status not in busy:
                break
            time.sleep(told_to_wait(reply, wait_s))
            reply = self._request(method, path, headers, body)
        if reply.status == 401:
            raise UnauthorizedError(f"{self._base} refuses client key and API token (401) when asked for {asked}")
        return reply

    def _shaped(self, asked: str, read: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        try:
            return read(*args, **named)
        except ShapeError as error:
            raise TargetError(f"the reply to the question for {asked} cannot be read: {error}") from None

    def _get(self, path: str) -> TargetReply:
        return self._request("GET", path)

    def _request(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> TargetReply:
        if not path.startswith("/"):  # behind the host's name anything else would make another host of it
            raise TargetError(f"{self._base} names a place that is no path of its own")
        try:
            reply = self._http.request(
                method, self._base + path, headers=headers, body=body, redirect=False, preload_content=False
            )
            try:
                data = self._bounded(reply)
            except BaseException:
                reply.close()  # with what was not read in it, the connection is no good for another
                raise
            reply.release_conn()
            return TargetReply(reply.status, reply.headers, data)
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(f"{self._base} cannot be reached: {cause_of(error)}") from None

    def _bounded(self, reply: urllib3.BaseHTTPResponse) -> bytes:
        """The body, as far as there is memory and time for it. Raises TargetError."""
        data = bytearray()
        deadline = time.monotonic() + LONGEST_REPLY_S
        while piece := reply.read1(READ_AT_ONCE, decode_content=True):
            data += piece
            if len(data) > LARGEST_REPLY:
                raise TargetError(f"{self._base} sends a reply of more than {LARGEST_REPLY >> 20} MB")
            if time.monotonic() > deadline:
                raise UnreachableError(f"{self._base} takes more than {LONGEST_REPLY_S:.0f} s for one reply")
        return bytes(data)


def http_pool(target: Target, headers: Mapping[str, str], at: tuple[str, ...] = ()) -> urllib3.PoolManager:
    """Connections to a target, by way of its proxy if it has one. Raises TargetError for TLS files that cannot be used.

    ``at``: the addresses that they go to; without them names are asked for.
    """
    tls = target.tls
    try:
        context = tls_context(TlsSettings(tls.ca, tls.cert, tls.key, tls.verify))
    except OSError as error:
        raise TargetError(f"the target's tls files cannot be used: {error.strerror or error}") from None
    if not tls.verify:
        # The scenario says so, and whoever wrote it knows.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    settings: dict[str, Any] = {"maxsize": READERS, "timeout": TIMEOUT, "retries": False, "ssl_context": context}
    made: urllib3.PoolManager = (
        urllib3.ProxyManager(target.proxy, headers=dict(headers), proxy_headers=dict(headers), **settings)
        if target.proxy
        else urllib3.PoolManager(headers=headers, **settings)
    )
    made.pool_classes_by_scheme = held_pools(at)
    return made


def _mapping(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise ShapeError("no JSON object")
    return found


def back_offs() -> Iterable[float]:
    """How long to wait before each new try (s)."""
    return (0.5 * 2**each for each in range(MOST_TRIES - 1))


def told_to_wait(reply: TargetReply | urllib3.BaseHTTPResponse, otherwise_s: float) -> float:
    """How long a busy target asks to be left alone (s), as far as that is reasonable."""
    told = reply.headers.get("Retry-After", "")
    return min(float(told), LONGEST_BACK_OFF_S) if told.isdigit() else otherwise_s
