"""One connection of the sandbox: uvicorn's, with bounds on what a client may make it keep, and for how long."""

import asyncio
import socket
import struct
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from harness.sandbox.wire_faults import RESET

MAX_URL = 64 * 1024
"""Bytes. A full IDENTITY event of non-Latin text, percent-encoded, takes 8 KiB."""

MAX_HEADERS = 64 * 1024
"""Bytes, names and values."""

MAX_SILENT = 128 * 1024
"""Bytes that may come without completing a header, or anything else of a request; one read may bring more."""

MOST_PIPELINED = 256
"""Requests that may wait on a connection behind one that is not answered."""

MOST_DROPPED = 16 * 1024 * 1024
"""Bytes of a body that are taken off the wire after its request was refused; the connection ends then."""

KEEP_ALIVE_S = 120
"""Longer than guests think: a connection that closes between two events is the client's trouble."""


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


class Connection(HttpToolsProtocol):
    """uvicorn's, with bounds: its own would collect an endless URL or endless headers, and wait for ever."""

    second = 1
    """Of the server, counted up by it: cheaper than asking for the time with each request."""

    since = 0
    """The second in which the connection was made, or its last request was complete."""
    _header_bytes = 0
    _silent_bytes = 0
    _dropped_bytes = 0
    _too_long = ""
    _begun = 0
    """The second in which a request began to arrive that is not all there yet; 0 if none is."""
    _unread = 0
    _unread_since = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self.transport = cast(asyncio.Transport, _OneWrite(transport))
        self._begun = self.since = Connection.second

    @property
    def has_asked(self) -> bool:
        """Whether there was a whole request ever."""
        return self.cycle is not None and (not self._begun or self.cycle.response_complete)

    @property
    def is_at_work(self) -> bool:
        """Whether there is a request that has arrived and is not answered."""
        return not self._begun and self.cycle is not None and not self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._silent_bytes += len(data)
        super().data_received(data)
        if self._silent_bytes > MAX_SILENT and not self.transport.is_closing():
            # The parser keeps what is not complete, a header without end for example.
            self._too_long = "431 Request Header Fields Too Large"
            self.send_400_response("")

    def cut_off_if_slow(self, most_s: int) -> None:
        """Ends the connection of a client who takes longer to send a request, or to take any of a reply."""
        has_sent = self.scope is not None
        if self._begun and Connection.second - self._begun > (most_s if has_sent else max(most_s, KEEP_ALIVE_S)):
            if has_sent:
                self.transport.write(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
            return
        unread = self.transport.get_write_buffer_size()
        if not self._unread or unread < self._unread:
            self._unread_since = Connection.second
        elif Connection.second - self._unread_since > most_s:
            self.transport.abort()
        self._unread = unread

    def reset(self) -> None:
        """Cuts the connection off with a TCP reset, whatever is under way."""
        linger = struct.pack("ii", 1, 0)
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    def on_response_complete(self) -> None:
        """A reply is written."""
        cast(_OneWrite, self.transport).flush()
        super().on_response_complete()

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.pipeline) > MOST_PIPELINED:
            raise ValueError("Too many requests at once.")
        super().on_message_begin()
        self._header_bytes = self._silent_bytes = self._dropped_bytes = 0
        self._begun = Connection.second
        self.scope[RESET] = self.reset  # type: ignore[literal-required]

    def on_message_complete(self) -> None:
        """A request is all there."""
        super().on_message_complete()
        self._begun = self._silent_bytes = 0
        self.since = Connection.second

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        self._silent_bytes = 0
        super().on_body(body)
        if self.cycle.response_complete:
            self._dropped_bytes += len(body)
            if self._dropped_bytes > MOST_DROPPED:
                self.transport.abort()

    def on_url(self, url: bytes) -> None:
        """A piece of the request line."""
        super().on_url(url)
        self._silent_bytes = 0
        if len(self.url) > MAX_URL:
            self._too_long = "414 URI Too Long"
            raise ValueError(self._too_long)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        super().on_header(name, value)
        self._silent_bytes = 0
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADERS:
            self._too_long = "431 Request Header Fields Too Large"
            raise ValueError(self._too_long)

    def send_400_response(self, msg: str) -> None:
        """The request is refused, and the connection ends."""
        if not self._too_long:
            super().send_400_response(msg)
            return
        head = f"HTTP/1.1 {self._too_long}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode())
        self.transport.close()
