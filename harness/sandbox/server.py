"""Runs the sandbox in this process until a signal ends it."""

import asyncio
import errno
import gc
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from harness.sandbox.app import create_app, open_store
from harness.sandbox.config import SandboxConfig, SandboxError
from harness.sandbox.wire_faults import RESET

MAX_URL = 64 * 1024
"""Bytes. A full IDENTITY event of non-Latin text, percent-encoded, takes 8 KiB."""

MAX_HEADERS = 64 * 1024
"""Bytes, names and values."""

_TICKS_A_SECOND = 10
"""uvicorn's."""

KEEP_ALIVE_S = 120
"""Longer than guests think: a connection that closes between two events is the client's trouble."""


def serve(config: SandboxConfig, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM, then returns.

    Port 0 is any free one. ``on_ready`` gets the URL, like ``http://127.0.0.1:8080``, once connections
    are accepted. Raises SandboxError when it cannot listen there, or cannot use its experiences, faults or data
    file. Signals reach the main thread only.
    """
    listener = _listen(host, port)
    # What the store keeps, it keeps: looking through all of it again and again for garbage would stop the
    # world for 0.2 s with 20,000 guests, and more with more. Young garbage is still collected.
    gc.set_threshold(10_000, 10, 1_000_000)
    with listener, closing(open_store(config)) as store:
        _serve(create_app(config, store), listener, on_ready, config.limits.slow_client_s)


def _serve(app: ASGIApp, listener: socket.socket, on_ready: Callable[[str], None], slow_s: int) -> None:
    settings = uvicorn.Config(
        app,
        http=_Protocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )
    _Server(settings, on_ready, _url(listener), slow_s).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it is ready, cuts slow clients off, and takes the signals without raising them again at the end."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[str], None], url: str, slow_s: int) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._url = url
        self._slow_s = slow_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready(self._url)

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_A_SECOND == 0:
            _Protocol.second += 1
            for protocol in list(self.server_state.connections):
                cast(_Protocol, protocol).cut_off_if_slow(self._slow_s)
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


class _OneWrite:
    """A transport that holds a reply's head until its body comes; "100 Continue" has none.

    uvicorn writes them one by one: twice the system calls, and at times two packets a reply.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._write = transport.write
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            self._write(self._head + data)
            self._head = b""
        elif data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 1"):
            self._head = data
        else:
            self._write(data)

    def flush(self) -> None:
        if self._head:
            self._write(self._head)
            self._head = b""

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Protocol(HttpToolsProtocol):
    """uvicorn's, with bounds: its own would collect an endless URL or endless headers, and wait for ever."""

    second = 1
    """Of the server, counted up by it: cheaper than asking for the time with each request."""

    _header_bytes = 0
    _too_long = ""
    _begun = 0
    """The second in which a request began to arrive that is not all there yet; 0 if none is."""
    _unread = 0
    _unread_since = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport = cast(asyncio.Transport, _OneWrite(transport))
        self._begun = _Protocol.second

    def cut_off_if_slow(self, most_s: int) -> None:
        """Ends the connection of a client who takes longer to send a request, or to take any of a reply."""
        has_sent = self.scope is not None
        if self._begun and _Protocol.second - self._begun > (most_s if has_sent else max(most_s, KEEP_ALIVE_S)):
            if has_sent:
                self.transport.write(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
            return
        unread = self.transport.get_write_buffer_size()
        if not self._unread or unread < self._unread:
            self._unread_since = _Protocol.second
        elif _Protocol.second - self._unread_since > most_s:
            self.transport.abort()
        self._unread = unread

    def reset(self) -> None:
        """Cuts the connection off with a TCP reset, whatever is under way."""
        linger = struct.pack("ii", 1, 0)
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    def on_response_complete(self) -> None:
        cast(_OneWrite, self.transport).flush()
        super().on_response_complete()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = 0
        self._begun = _Protocol.second
        self.scope[RESET] = self.reset  # type: ignore[literal-required]

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._begun = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_URL:
            self._too_long = "414 URI Too Long"
            raise ValueError(self._too_long)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADERS:
            self._too_long = "431 Request Header Fields Too Large"
            raise ValueError(self._too_long)

    def send_400_response(self, msg: str) -> None:
        if not self._too_long:
            super().send_400_response(msg)
            return
        head = f"HTTP/1.1 {self._too_long}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode())
        self.transport.close()


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        # getaddrinfo would take it modulo 65536.
        raise SandboxError(f"Port {port} does not exist: choose one up to 65535, or 0 for any free one.")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError, OverflowError) as error:
        raise SandboxError(f"The sandbox cannot listen on {host!r}: there is no such address.") from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} on {host} is in use: choose another, or 0 for any free one."
        else:
            message = f"The sandbox cannot listen on {host} port {port}: {error.strerror}."
        raise SandboxError(message) from error
    return listener


def _url(listener: socket.socket) -> str:
    """Where to reach it: for "every address", the loopback."""
    host, port = listener.getsockname()[:2]
    if listener.family == socket.AF_INET6:
        return f"http://[{'::1' if host == '::' else host}]:{port}"
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - compared, not bound
