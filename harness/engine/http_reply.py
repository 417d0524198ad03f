"""A reply of HTTP/1.1, read from bytes as they come: no sockets here, so every case can be tested by hand.

The parsing is llhttp's (httptools). This adds what a client needs beyond it: interim replies are skipped,
replies to HEAD, bodies that end with the connection, limits, content codings, and bytes behind the reply.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from harness.engine.http_coding import decoded
from harness.record.recorder import Failure

LARGEST_KEPT = 64 * 1024
"""Bytes of a body that are kept (before and after decoding); all are counted."""
LARGEST_HEAD = 64 * 1024
"""Bytes of one reply's status line and headers."""
MOST_HEADERS = 256
MOST_INTERIM = 32
"""Interim replies (1xx) before the one that counts."""

NOT_HTTP = "the reply is not HTTP"

_HEAD_END = b"\r\n\r\n"


class BadReplyError(Exception):
    """What came is no reply, or nobody can say where it ends. The text is the failure's detail."""


class Reply(NamedTuple):
    """What came back. Without a reply ``status`` is 0 and ``failure`` says why; ``body`` is cut to LARGEST_KEPT.

    ``latency_us`` runs from just before sending, on an open connection, to the last byte, ``ttfb_us`` to the
    first; ``connect_us`` is what it took before that to connect, 0 when the connection was open.
    ``bytes_out`` and ``bytes_in`` are the bytes of the request and the reply with their headers, before TLS.
    ``unsent``: the target certainly never saw the request.
    """

    status: int
    body: bytes
    latency_us: int
    bytes_out: int
    bytes_in: int
    failure: Failure | None = None
    unsent: bool = False
    ttfb_us: int = 0
    connect_us: int = 0
    head: bytes = b""

    @property
    def headers(self) -> dict[str, str]:
        """Header values by lower-case name; values of one name are joined by a comma. Read from ``head`` each time."""
        found: dict[str, str] = {}
        for name, value in header_fields(self.head):
            found[name] = f"{found[name]}, {value}" if name in found else value
        return found

    def header(self, name: str) -> str | None:
        """The value of a header, by its name in lower case."""
        return self.headers.get(name)


def header_fields(head: bytes) -> Iterator[tuple[str, str]]:
    """Names (lower-case) and values of a header block the parser took (which takes no folded lines)."""
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            yield name.decode("latin-1").lower(), value.strip(b" \t").decode("latin-1")


class ReplyReader:
    """Reads the replies of one connection. After ``feed`` or ``end`` said True, the public attributes hold.

    ``head_only`` is set before the reply to a HEAD request is read. ``reusable``: the connection can carry the
    next request. Bytes behind a complete reply belong to nothing: the reply counts, the connection is done with.
    After a BadReplyError neither the reader nor the connection is used again.
    """

    __slots__ = (
        "_before", "_coded", "_complete", "_headed", "_in_body", "_interim", "_parser", "_pieces", "_size",
        "body", "head", "head_only", "reusable", "status",
    )  # fmt: skip

    def __init__(self) -> None:
        self._before = b""  # what came of a header block that is not complete
        self._coded = False  # there is a Transfer-Encoding or a Content-Encoding
        self._complete = False
        self._headed = False
        self._in_body = False
        self._interim = 0
        self._pieces: list[bytes] = []
        self._size = 0
        self.status = 0
        self.head = b""
        self.body = b""
        self.head_only = False
        self.reusable = False
        self._parser = HttpResponseParser(self)

    def on_headers_complete(self) -> None:
        """Called by the parser, which is asked here because it forgets once it goes on to what is behind the reply."""
        if not self._complete:
            self._headed = True
            self.status = self._parser.get_status_code()
            self.reusable = self._parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        """Called by the parser with a part of the body, without the chunks around it."""
        if not self._complete:
            if not self._size:
                self.body = piece
            elif self._size < LARGEST_KEPT:
                self._pieces.append(piece)
            self._size += len(piece)

    def on_message_complete(self) -> None:
        """Called by the parser when the reply, or an interim one, is complete."""
        self._complete = True

    def feed(self, data: bytes) -> bool:
        """Take what came (at least a byte); True when the reply is complete. Raises BadReplyError."""
        if self._in_body:
            return self._feed_body(data)
        end = data.find(_HEAD_END) + 4
        if end < 4 or self._before or data[0] in b"\r\n":
            return self._feed_part(data)
        head = data[:end]
        if (
            self.head_only
            or data[9:10] == b"1"  # an interim reply
            or b"-encoding" in head.lower()
            or end > LARGEST_HEAD
            or head.count(b"\n") > MOST_HEADERS
        ):
            return self._feed_head(head, head, data[end:])
        # Nearly every reply: the parser can have all of it at once.
        self._in_body = True
        self.head = head
        self.body = b""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._judge(error, head)
        if not self._headed or self.status < 200:
            raise BadReplyError(NOT_HTTP)
        if self._complete:
            if self._size != len(data) - end:
                self.reusable = False
            return self._done()
        return False

    def end(self) -> bool:
        """The peer has closed; True when that makes the reply complete. Raises BadReplyError."""
        if not self._in_body:
            return False
        fields = dict(header_fields(self.head))
        coding = fields.get("transfer-encoding")
        counted = "content-length" in fields if coding is None else "chunked" in coding.lower()
        return not counted and self._done()

    def _feed_part(self, data: bytes) -> bool:
        """A header block that comes in parts. Line ends before a status line are skipped, as the parser does."""
        before = self._before
        if not before and not (data := data.lstrip(b"\r\n")):
            return False
        last = before[-3:]
        end = (last + data).find(_HEAD_END)
        if end >= 0:
            end += 4 - len(last)
            return self._feed_head(before + data[:end], data[:end], data[end:])
        self._before = before + data
        if len(self._before) > LARGEST_HEAD:
            raise BadReplyError("header too large")
        self._parse(data, self._before)
        return False

    def _feed_head(self, head: bytes, part: bytes, rest: bytes) -> bool:
        """A header block is complete: ``head`` is all of it, ``part`` its last part, ``rest`` came behind it."""
        self._before = self.body = b""
        if len(head) > LARGEST_HEAD or head.count(b"\n") > MOST_HEADERS + 2:
            raise BadReplyError("header too large")
        self._parse(part, head)
        if not self._headed or self.status < 100:
            raise BadReplyError(NOT_HTTP)
        if self.status < 200:
            return self._skip_interim(rest)
        self.head = head
        if self.head_only:
            return self._end_without_body(rest)
        self._in_body = True
        self._coded = b"-encoding" in head.lower()
        return self._feed_body(rest) if rest else self._complete and self._done()

    def _skip_interim(self, rest: bytes) -> bool:
        self._interim += 1
        if not self._complete or self._interim > MOST_INTERIM:
            raise BadReplyError("framing error: interim replies without end")
        self._complete = self._headed = False
        return self.feed(rest) if rest else False

    def _end_without_body(self, rest: bytes) -> bool:
        """The reply to a HEAD request: its headers tell of a body that does not come."""
        if not self._complete:  # the parser waits for that body
            self._parser = HttpResponseParser(self)
            connection = dict(header_fields(self.head)).get("connection", "").lower()
            old = self.head.startswith(b"HTTP/1.0")
            self.reusable = "keep-alive" in connection if old else "close" not in connection
        if rest:
            self.reusable = False
        return self._done()

    def _feed_body(self, data: bytes) -> bool:
        if self._complete:  # the reply ended with its headers, and this is surplus
            self.reusable = False
            return self._done()
        if self._coded:
            # Chunks hide where a reply ends. If it was complete before the last byte, there is surplus.
            if self._parse(data[:-1], self.head):
                self.reusable = False
                return self._done()
            return self._parse(data[-1:], self.head) and self._done()
        size = self._size + len(data)
        if not self._parse(data, self.head):
            return False
        if self._size != size:
            self.reusable = False
        return self._done()

    def _parse(self, data: bytes, head: bytes) -> bool:
        """Give the parser what came; whether the reply is complete."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._judge(error, head)
        return self._complete

    def _judge(self, error: Exception, head: bytes) -> None:
        """What the parser did not like is no matter when the reply was complete before it."""
        if self._complete and self._in_body:
            return
        if isinstance(error, HttpParserUpgrade):
            raise BadReplyError("framing error: a change of protocol nobody asked for")
        known = head.startswith(b"HTTP/") and b"\r\n" in head
        raise BadReplyError(f"framing error: {error}" if known else NOT_HTTP)

    def _done(self) -> bool:
        """Hand over the reply and be ready for the next."""
        if self._pieces:
            self.body = b"".join((self.body, *self._pieces))
            self._pieces.clear()
        if self._size > LARGEST_KEPT:
            self.body = self.body[:LARGEST_KEPT]
        if self._coded:
            self._coded = False
            if self.body:
                self._decode()
        self._size = self._interim = 0
        self._complete = self._headed = self._in_body = False
        return True

    def _decode(self) -> None:
        codings = ",".join(value for name, value in header_fields(self.head) if name == "content-encoding")
        try:
            self.body = decoded(codings, self.body, LARGEST_KEPT, whole=self._size <= LARGEST_KEPT)
        except zlib.error:
            raise BadReplyError("framing error: the compressed body is broken") from None
