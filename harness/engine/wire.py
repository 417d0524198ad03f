"""The wire transport: pre-encoded requests over gevent's loop, one join and one send a request.

The way of nearly every request, on an open connection: join its parts; ask the kernel whether the peer has closed
or said something unasked (one poll); send; sleep in gevent's hub on the connection's own read watcher; receive;
parse. How to wait is the connection's (``wire_connection``), where to connect the site's (``wire_site``).

The first byte the kernel takes is the point of no return: from there on a request is never sent again.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from time import perf_counter_ns

from harness.engine.http_reply import BadReplyError, Reply
from harness.engine.own_faults import own_fault
from harness.engine.wire_connection import Connection, TooLateError
from harness.engine.wire_site import site_of
from harness.engine.wire_tls import TlsPipe, tls_failure
from harness.record.recorder import Failure
from harness.scenario.model import Tls

_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})


class _UnreachedError(Exception):
    """There is no connection; the text is its failure's detail."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class WireTransport:
    """One user's connection to one target. It connects with the first request, and again when it has to.

    ``reply_timeout_s`` is the time to the first byte of the reply, ``total_timeout_s`` to its last, both from just
    before sending; ``connect_timeout_s`` covers name, connection and TLS. ``at``: the host's addresses; without them it is
    asked for. Raises ValueError or OSError at once for a
    base URL or TLS files that cannot be used, and later nothing.
    """

    __slots__ = ("_connect_ns", "_connection", "_reply_ns", "_session", "_site", "_total_ns")

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        tls: Tls | None = None,
        at: tuple[str, ...] = (),
        connect_timeout_s: float = 10.0,
        reply_timeout_s: float = 30.0,
        total_timeout_s: float = 60.0,
    ) -> None:
        self._site = site_of(base_url, tuple(headers.items()), tls or Tls(), at)
        self._connect_ns = int(connect_timeout_s * 1e9)
        self._reply_ns = int(min(reply_timeout_s, total_timeout_s) * 1e9)
        self._total_ns = int(total_timeout_s * 1e9)
        self._connection: Connection | None = None
        self._session: ssl.SSLSession | None = None

    def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes | None = None) -> Reply:
        """Send and wait. ``target`` is path and query, ``headers`` further header lines, each ending in CRLF.

        Never raises for what the target or the network does. The three are sent as they are.
        """
        site = self._site
        start = site.starts.get(method) or site.start(method)
        if body or method in _WITH_LENGTH:
            body = body or b""
            length = b"Content-Length: %d\r\n\r\n" % len(body)
            request = b"".join((start, target, site.middle, headers, length, body))
        else:
            request = b"".join((start, target, site.middle, headers, b"\r\n"))
        connection = self._connection
        if connection is not None:
            if not connection.readable(0) or connection.alive():
                reply = self._exchange(connection, request, method == "HEAD", 0)
                if reply is not None:
                    return reply
            self.close()
        begun = perf_counter_ns()
        try:
            connection = self._connection = self._open()
        except _UnreachedError as error:
            waited = (perf_counter_ns() - begun) // 1000
            return Reply(0, b"", 0, 0, 0, error.failure, True, 0, waited)
        connect_us = (perf_counter_ns() - begun) // 1000
        reply = self._exchange(connection, request, method == "HEAD", connect_us)
        if reply is not None:
            return reply
        self.close()
        reset = Failure("connection", "connection reset by the target")
        return Reply(0, b"", 0, 0, 0, reset, True, 0, connect_us)

    def close(self) -> None:
        """Close the connection. A request another greenlet is waiting for ends as failed."""
        if (connection := self._connection) is not None:
            self._connection = None
            if connection.tls is not None:
                self._session = connection.tls.session
            connection.close()

    def _exchange(self, connection: Connection, request: bytes, head_only: bool, connect_us: int) -> Reply | None:
        """One request and its reply. None: the connection broke before a byte of the request was taken."""
        tls = connection.tls
        reader = connection.reader
        reader.head_only = head_only
        written = received = ttfb = 0
        begun = now = perf_counter_ns()
        try:
            try:
                wire = request if tls is None else tls.encrypt(request)
                begun = perf_counter_ns()
                written = connection.sock.send(wire)
            except BlockingIOError:
                pass
            except OSError:
                return None
            deadline = begun + self._reply_ns
            if written != len(wire):
                connection.unsent = memoryview(wire)[written:]
            while True:
                raw = connection.receive(deadline)
                now = perf_counter_ns()
                data = raw if tls is None else connection.decrypt(raw)
                if data:
                    if not received:
                        ttfb = now - begun
                        deadline = begun + self._total_ns
                    received += len(data)
                    if reader.feed(data):
                        break
                if not raw or (tls is not None and tls.closed):
                    if (tls is None or tls.closed) and reader.end():
                        break
                    return self._failed(None, request, begun, received, ttfb, connect_us)
        except (OSError, BadReplyError, TooLateError) as error:
            return self._failed(error, request, begun, received, ttfb, connect_us)
        except BaseException:  # the user is killed
            self.close()
            raise
        reply = Reply(
            reader.status, reader.body, (now - begun) // 1000, len(request), received, None, False, ttfb // 1000,
            connect_us, reader.head,
        )  # fmt: skip
        reader.head = reader.body = b""
        if not reader.reusable or connection.unsent or (tls is not None and tls.closed):
            self.close()
        return reply

    def _failed(
        self, error: Exception | None, request: bytes, begun: int, received: int, ttfb: int, connect_us: int
    ) -> Reply:
        """No reply, or not a whole one: why. None for an error means the peer closed."""
        self.close()
        latency_us = (perf_counter_ns() - begun) // 1000
        kind = "connection"
        if isinstance(error, TooLateError):
            kind = "timeout"
            if received or self._total_ns <= self._reply_ns:
                detail = f"reply not complete within {self._total_ns / 1e9:g} s"
            else:
                detail = f"no reply within {self._reply_ns / 1e9:g} s"
        elif isinstance(error, BadReplyError):
            detail = str(error)
        elif error is None or isinstance(error, ConnectionError):
            if not received:
                detail = "connection closed before the reply"
            else:
                detail = "connection closed in mid-reply" if error is None else "connection reset by the target"
        else:
            detail = _detail(error)
        failure = Failure(kind, detail)
        return Reply(0, b"", latency_us, len(request), received, failure, False, ttfb // 1000, connect_us)

    def _open(self) -> Connection:
        """Resolve, connect and agree on TLS. Raises _UnreachedError."""
        site = self._site
        deadline = perf_counter_ns() + self._connect_ns
        connection: Connection | None = None
        try:
            connection = site.addresses.connect(deadline)
            if site.tls is not None:
                connection.shake(TlsPipe(site.tls, site.host, self._session), deadline)
            return connection
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, TooLateError):
                late = Failure("timeout", f"no connection within {self._connect_ns / 1e9:g} s")
                raise _UnreachedError(late) from None
            if isinstance(error, OSError):
                raise _UnreachedError(own_fault(error) or Failure("connection", _detail(error))) from None
            raise


def _detail(error: Exception) -> str:
    """An error of the network in a few words, without names, addresses and numbers."""
    if isinstance(error, ssl.SSLError):
        return tls_failure(error)
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionError):
        return "connection reset by the target"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
