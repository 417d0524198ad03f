"""Asking the target, before and after the load: is it there, does it take our keys, which orders does it hold?"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

import gevent.pool
import urllib3

from harness.cdp import endpoints
from harness.engine.wire_tls import TlsSettings, tls_context
from harness.scenario.model import Target

READERS = 4
"""Requests under way at once when orders are read back."""
TIMEOUT = urllib3.Timeout(connect=5.0, read=15.0)


class TargetError(Exception):
    """The target cannot be used; the text says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order as the target holds it."""

    number: str
    price: Decimal
    currency: str


class TargetReader:
    """Reads from one target, by its documented APIs."""

    def __init__(self, base_url: str, target: Target, headers: dict[str, str]) -> None:
        """Raises TargetError for TLS files that cannot be used."""
        self._base = base_url
        self._client_key = target.client_key
        self._api_token = target.api_token
        self._headers = headers
        tls = target.tls
        try:
            context = tls_context(TlsSettings(tls.ca, tls.cert, tls.key, tls.verify))
        except OSError as error:
            raise TargetError(f"the target's tls files cannot be used: {error.strerror or error}") from None
        settings: dict[str, Any] = {"maxsize": READERS, "timeout": TIMEOUT, "retries": False, "ssl_context": context}
        self._http: urllib3.PoolManager = (
            urllib3.ProxyManager(target.proxy, headers=headers, **settings)
            if target.proxy
            else urllib3.PoolManager(headers=headers, **settings)
        )

    def probe(self, cdp: bool) -> None:
        """See that the target is there: a CDP is asked for one browser id, anything else just answers something.

        Raises TargetError when it is not there, or refuses the client key.
        """
        if not cdp or self._client_key is None:
            self._get("/")
            return
        key = quote(self._client_key.reveal(), safe="")
        reply = self._get(f"{endpoints.BROWSER_CREATE}?client_key={key}&message=%7B%7D")
        if reply.status == 401:
            raise TargetError(
                f"{self._base} refuses the client key (401): check the key, and that the region is the account's"
            )
        if not 200 <= reply.status <= 299:
            raise TargetError(f"{self._base} answers a request for a browser id with status {reply.status}")

    def is_sandbox(self) -> bool:
        """Whether the target is a sandbox of ours."""
        try:
            reply = self._get("/_sandbox/stats")
            return reply.status == 200 and "rejected" in reply.json()
        except (TargetError, ValueError):
            return False

    def orders(self, numbers: Iterable[str], progress: Callable[[int], None]) -> dict[str, FoundOrder]:
        """Those of the order numbers that the target holds (Order REST, by reference). Raises TargetError.

        ``progress`` is called with how many have been asked for.
        """
        if self._api_token is None or self._client_key is None:
            raise TargetError("orders cannot be read back without an api_token")
        keys = f"{self._client_key.reveal()}:{self._api_token.reveal()}"
        headers = {**self._headers, **urllib3.make_headers(basic_auth=keys)}
        found: dict[str, FoundOrder] = {}

        def ask(number: str) -> FoundOrder | TargetError | None:
            try:
                reply = self._get(f"{endpoints.ORDERS}?referenceId={quote(number, safe='')}&expand=items", headers)
                if reply.status == 401:
                    return TargetError(f"{self._base} refuses client key and API token (401) when orders are read")
                if reply.status != 200:
                    return TargetError(f"{self._base} answers the question for order {number} with {reply.status}")
                return _order(number, reply.data)
            except TargetError as error:
                return error

        pool = gevent.pool.Pool(READERS)
        try:
            for asked, answer in enumerate(pool.imap_unordered(ask, numbers, maxsize=READERS * 4), 1):
                if isinstance(answer, TargetError):
                    raise answer
                if answer is not None:
                    found[answer.number] = answer
                progress(asked)
        finally:
            pool.kill(block=False)
        return found

    def _get(self, path: str, headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        try:
            return self._http.request("GET", self._base + path, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise TargetError(f"{self._base} cannot be reached: {_cause(error)}") from None


def _inner(error: BaseException) -> object:
    """What an exception was made of, whichever way it tells."""
    told = [getattr(error, "reason", None), error.__cause__, *error.args]
    return next((each for each in told if isinstance(each, BaseException)), None)


def _cause(error: BaseException) -> str:
    """The innermost reason, in few words, without addresses of objects."""
    chain = [error]
    while isinstance(inner := _inner(chain[-1]), BaseException):
        chain.append(inner)
    for each in reversed(chain):
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({each.verify_message}); its authority can be named: target.tls.ca"
        if isinstance(each, ssl.SSLError):
            return f"TLS: {each.reason or each}"
        if isinstance(each, urllib3.exceptions.NameResolutionError) or type(each).__name__ == "gaierror":
            return "its name cannot be resolved"
        if isinstance(each, OSError) and each.strerror:
            return each.strerror.lower()
    if any(isinstance(each, urllib3.exceptions.TimeoutError) for each in chain):
        return "no reply in time"
    return type(error).__name__


def _order(number: str, body: bytes) -> FoundOrder | None:
    """The order of that number in a list of orders, if it is there."""
    try:
        listed: Any = json.loads(body, parse_float=Decimal)
        for item in listed["items"]:
            if item.get("referenceId") == number:
                return FoundOrder(number, Decimal(item["price"]), str(item["currencyCode"]))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        raise TargetError(f"the reply to the question for order {number} is not a list of orders") from None
    return None
