"""Calls to a target beside the load, one at a time: bounded, put again while it is busy, with errors of our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import urllib3

from harness.engine import target_json
from harness.engine.held_urllib3 import held_pools
from harness.engine.target_cause import cause_of
from harness.engine.target_errors import TargetError, UnauthorizedError, UnreachableError
from harness.engine.target_json import ShapeError
from harness.engine.wire_tls import tls_context
from harness.scenario.model import Target

READERS = 4
"""Requests under way at once when orders are read back."""
TIMEOUT = urllib3.Timeout(connect=5.0, read=15.0)
BUSY = frozenset({429, 503})
MOST_TRIES = 4
LARGEST_REPLY, READ_AT_ONCE = 64 * 1024 * 1024, 256 * 1024
LONGEST_REPLY_S = 60.0
"""What a reply may take, in bytes (unpacked) and in time, however slowly it dribbles."""
LONGEST_BACK_OFF_S = 10.0

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TargetReply:
    """A whole reply."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class TargetClient:
    """One target, by its URL or at the addresses that are held for it."""

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
        context = tls_context(tls)
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


def back_offs() -> Iterable[float]:
    """How long to wait before each new try (s)."""
    return (0.5 * 2**each for each in range(MOST_TRIES - 1))


def told_to_wait(reply: TargetReply | urllib3.BaseHTTPResponse, otherwise_s: float) -> float:
    """How long a busy target asks to be left alone (s), as far as that is reasonable."""
    told = reply.headers.get("Retry-After", "")
    return min(float(told), LONGEST_BACK_OFF_S) if told.isdigit() else otherwise_s
