"""Transports: how a request gets to the target and what came back. One a user, so one connection a user."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import certifi
import gevent.ssl
from gevent.timeout import Timeout as GeventTimeout
from geventhttpclient.response import HTTPConnectionClosed
from locust.contrib.fasthttp import FastHttpSession

from harness.record.recorder import Failure

CONNECT_TIMEOUT_S = 10.0
REPLY_TIMEOUT_S = 30.0
LARGEST_KEPT = 64 * 1024
"""Bytes of a body that are kept for checks and samples; all are counted."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Without a reply ``status`` is 0 and ``failure`` says why; ``body`` is cut to LARGEST_KEPT.

    ``latency_us`` runs from just before sending to the last byte. ``unsent``: the target certainly never saw it.
    """

    status: int
    body: bytes
    latency_us: int
    bytes_out: int
    bytes_in: int
    failure: Failure | None = None
    unsent: bool = False


class Transport(Protocol):
    """Sends one request at a time."""

    def send(self, method: str, target: bytes) -> Reply:
        """Send and wait. Never raises for what the target or the network does."""

    def close(self) -> None:
        """Close the connection."""


class _Unheard:
    """Stands in for Locust's request event: what is reported, and when, is decided after the checks."""

    def fire(self, **_: Any) -> None:
        """Nothing."""


class FastHttpTransport:
    """Over Locust's FastHttpSession, with TLS verified, no redirects and no retries."""

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)
        self._session = FastHttpSession(
            base_url=base_url,
            request_event=_Unheard(),
            user=None,
            insecure=False,
            ssl_context_factory=_tls_context,
            connection_timeout=CONNECT_TIMEOUT_S,
            network_timeout=REPLY_TIMEOUT_S,
            max_retries=0,
            concurrency=1,
        )

    def send(self, method: str, target: bytes) -> Reply:
        """Send and wait."""
        url = target.decode("ascii")
        begun = time.perf_counter_ns()
        response = self._session.request(method, url, headers=self._headers, allow_redirects=False)
        latency_us = (time.perf_counter_ns() - begun) // 1000
        body = response.content or b""
        status = response.status_code or 0
        bytes_out = len(getattr(response, "_sent_request", None) or url)
        error = getattr(response, "error", None)
        if status or error is None:
            return Reply(status, body[:LARGEST_KEPT], latency_us, bytes_out, len(body))
        failure, unsent = classify(error)
        return Reply(0, b"", latency_us, 0 if unsent else bytes_out, 0, failure, unsent)

    def close(self) -> None:
        """Close the connection."""
        self._session.client.close()


def _tls_context() -> Any:
    return gevent.ssl.create_default_context(cafile=certifi.where())


def classify(error: BaseException) -> tuple[Failure, bool]:
    """An exception of the network as kind and detail, and whether the request certainly never arrived.

    Details are few and free of addresses and numbers, so that errors of one cause count as one.
    """
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
