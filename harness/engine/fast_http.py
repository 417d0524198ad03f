"""The transport for journeys that follow redirects, keep cookies or go through a proxy: Locust's FastHttpSession."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import gevent.ssl
from gevent.timeout import Timeout as GeventTimeout
from geventhttpclient.response import HTTPConnectionClosed
from locust.contrib.fasthttp import FastHttpSession

from harness.engine.gate import NOT_ALLOWED, Gate, refused_reply
from harness.engine.held_pool import ForeignHostError, HeldPool
from harness.engine.http_reply import LARGEST_KEPT, Reply
from harness.engine.own_faults import own_fault
from harness.engine.wire_tls import tls_context
from harness.record.recorder import Failure
from harness.scenario.hosts import canonical_host, host_of
from harness.scenario.model import Tls

CONNECT_TIMEOUT_S = 10.0
REPLY_TIMEOUT_S = 30.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 10
DEFAULT_PORTS = {"http": 80, "https": 443}


class _Unheard:
    """Stands in for Locust's request event: what is reported, and when, is decided after the checks."""

    def fire(self, **_: Any) -> None:
        """Nothing."""


class FastHttpTransport:
    """Over Locust's FastHttpSession: slower than the wire, and able to follow redirects, keep cookies, use a proxy.

    Redirects are followed to the target's own host alone (scheme, name and port), and each is looked at before anything
    is sent; TLS is verified as ``tls`` says. ``at``: the addresses of the target or, with a ``proxy``, of that. Every
    request, those of redirects too, goes through the ``gate``.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        tls: Tls | None = None,
        *,
        redirects: bool = False,
        cookies: bool = False,
        proxy: str = "",
        at: tuple[str, ...] = (),
        gate: Gate | None = None,
    ) -> None:
        self._headers = dict(headers)
        self._base = base_url
        self._redirects = redirects
        self._cookies = cookies
        self._gate = gate
        by_way_of = urlsplit(proxy) if proxy else None
        self._session = FastHttpSession(
            base_url=base_url,
            request_event=_Unheard(),
            user=None,
            insecure=False,
            ssl_context_factory=lambda: tls_context(tls or Tls()),
            proxy_host=by_way_of.hostname if by_way_of else None,
            proxy_port=by_way_of.port if by_way_of else None,
            connection_timeout=CONNECT_TIMEOUT_S,
            network_timeout=REPLY_TIMEOUT_S,
            max_retries=0,
            concurrency=1,
        )
        agent: Any = self._session.client
        agent.clientpool = HeldPool(host_of(base_url), at, self._headers, **agent.clientpool.client_args)

    def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes | None = None) -> Reply:
        """Send and wait; with redirects, until the reply that is none. Times are those of the whole way."""
        url = self._base + target.decode("ascii")
        lines = self._headers if not headers else {**self._headers, **_named(headers)}
        begun = time.perf_counter_ns()
        reply = self._once(method, url, lines, body)
        sent, received, hops = reply.bytes_out, reply.bytes_in, 0
        while self._redirects and reply.status in REDIRECTS and (location := reply.header("location")):
            hops += 1
            there = where_to(url, location, self._base)
            if hops > MOST_REDIRECTS or there is None:
                why = "too many redirects" if hops > MOST_REDIRECTS else "redirected to another host"
                kind = "connection" if hops > MOST_REDIRECTS else NOT_ALLOWED
                reply = reply._replace(status=0, failure=Failure(kind, why))
                break
            url = there
            if reply.status in (301, 302, 303):
                method, body = "GET", None
            reply = self._once(method, url, lines, body)
            sent, received = sent + reply.bytes_out, received + reply.bytes_in
        if not self._cookies:
            self._session.cookiejar.clear()
        latency_us = (time.perf_counter_ns() - begun) // 1000
        return reply._replace(latency_us=latency_us, ttfb_us=latency_us, bytes_out=sent, bytes_in=received)

    def _once(self, method: str, url: str, lines: Mapping[str, str], body: bytes | None) -> Reply:
        if self._gate is not None:
            path = urlsplit(url)
            refused = self._gate.passed(f"{path.path}?{path.query}".encode(), body)
            if refused is not None:
                return refused_reply(refused)
        response: Any = self._session.request(method, url, data=body, headers=dict(lines), allow_redirects=False)  # type: ignore[arg-type]
        content = response.content or b""
        status = response.status_code or 0
        bytes_out = len(getattr(response, "_sent_request", None) or url)
        error = getattr(response, "error", None)
        if status or error is None:
            head = "".join(f"\r\n{name}: {value}" for name, value in (response.headers or {}).items())
            return Reply(
                status, content[:LARGEST_KEPT], 0, bytes_out, len(content), head=head.encode("latin-1", "replace")
            )
        failure, unsent = classify(error)
        return Reply(0, b"", 0, 0 if unsent else bytes_out, 0, failure, unsent)

    def close(self) -> None:
        """Close the connection."""
        self._session.client.close()


def where_to(url: str, location: str, base: str) -> str | None:
    """The URL that a redirect of ``url`` leads to; None when that is not on the target, or is no URL."""
    try:
        there = urlsplit(urljoin(url, location))
        mine = urlsplit(base)
        if "@" in there.netloc or _origin(there) != _origin(mine):
            return None
    except ValueError:
        return None
    # An empty first segment would be a request target that clients refuse, or take for a host.
    path = f"/{there.path.lstrip('/')}" if there.path.startswith("//") else there.path or "/"
    url = there._replace(netloc=mine.netloc, path=path, fragment="").geturl()
    return url if url.isascii() and url.isprintable() and " " not in url else quote(url, safe=_IN_URLS)


_IN_URLS = "%:/?#[]@!$&'()*+,;=~"


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    """Scheme, host and port as they are compared. Raises ValueError."""
    return parts.scheme, canonical_host(parts.hostname or ""), parts.port or DEFAULT_PORTS.get(parts.scheme)


def _named(lines: bytes) -> dict[str, str]:
    """Header lines as a mapping."""
    pairs = (line.partition(":") for line in lines.decode("latin-1").split("\r\n") if line)
    return {name: value.strip() for name, _, value in pairs}


def classify(error: BaseException) -> tuple[Failure, bool]:
    """An exception of the network as kind and detail, and whether the request certainly never arrived.

    Details are few and free of addresses and numbers, so that errors of one cause count as one.
    """
    if isinstance(error, ForeignHostError):
        return Failure(NOT_ALLOWED, "a request to another host"), True
    if (own := own_fault(error)) is not None:
        return own, True
    if isinstance(error, ConnectionRefusedError):
        return Failure("connection", "connection refused"), True
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return Failure("connection", "connection reset by the target"), False
    if isinstance(error, HTTPConnectionClosed):
        return Failure("connection", "connection closed before the reply"), False
    if isinstance(error, (TimeoutError, GeventTimeout)):
        return Failure("timeout", f"no reply within {REPLY_TIMEOUT_S:g} s"), False
    name = type(error).__name__
    if isinstance(error, gevent.ssl.SSLError):
        return Failure("connection", f"TLS: {getattr(error, 'reason', None) or name}"), True
    if name == "gaierror":
        return Failure("connection", "the target's name cannot be resolved"), True
    if isinstance(error, OSError) and error.errno is not None:
        return Failure("connection", error.strerror or name), False
    if "Parse" in name:
        return Failure("connection", "the reply is not HTTP"), False
    return Failure("connection", name), False
