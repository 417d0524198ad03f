"""Replies of every kind, whole and in every split, without a socket."""

from __future__ import annotations

import gzip
import itertools
import tracemalloc
import zlib
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engine.http_reply import LARGEST_HEAD, LARGEST_KEPT, BadReplyError, Reply, ReplyReader

H11 = b"HTTP/1.1 200 OK\r\n"
CHUNKED = H11 + b"Transfer-Encoding: chunked\r\n\r\n"


class Read(NamedTuple):
    status: int
    body: bytes
    reusable: bool


def read(pieces: list[bytes], *, head_only: bool = False, closes: bool = False) -> Read | str:
    """What a reader makes of the pieces of one reply."""
    reader = ReplyReader()
    reader.head_only = head_only
    try:
        done = False
        for number, piece in enumerate(pieces):
            if done := reader.feed(piece):
                assert number == len(pieces) - 1, "complete before its last piece"
        if not done:
            if not closes:
                return "incomplete"
            if not reader.end():
                return "cut off"
    except BadReplyError as error:
        return str(error)
    return Read(reader.status, reader.body, reader.reusable)


def splits(data: bytes) -> list[list[bytes]]:
    """Whole, in two at every byte, and byte by byte."""
    halves = [[data[:at], data[at:]] for at in range(1, len(data))]
    return [[data], *halves, [data[at : at + 1] for at in range(len(data))]]


WHOLE = {
    "length": (H11 + b"Content-Length: 3\r\n\r\nabc", Read(200, b"abc", True)),
    "no body": (H11 + b"Content-Length: 0\r\n\r\n", Read(200, b"", True)),
    "no reason": (b"HTTP/1.1 201\r\nContent-Length: 3\r\n\r\nabc", Read(201, b"abc", True)),
    "line ends before": (b"\r\n\r\n" + H11 + b"Content-Length: 3\r\n\r\nabc", Read(200, b"abc", True)),
    "close": (H11 + b"Connection: close\r\nContent-Length: 3\r\n\r\nabc", Read(200, b"abc", False)),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", Read(200, b"abc", False)),
    "1.0 stays": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
        Read(200, b"abc", True),
    ),
    "chunked": (CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", Read(200, b"abcde", True)),
    "extensions": (CHUNKED + b'3;a;b="c d"\r\nabc\r\n0;last\r\n\r\n', Read(200, b"abc", True)),
    "trailers": (CHUNKED + b"A\r\n0123456789\r\n0\r\nDigest: x\r\nMore: y\r\n\r\n", Read(200, b"0123456789", True)),
    "chunked empty": (CHUNKED + b"0\r\n\r\n", Read(200, b"", True)),
    "chunked in capitals": (H11 + b"TRANSFER-ENCODING: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", Read(200, b"a", True)),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", Read(204, b"", True)),
    "304 with a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Read(304, b"", True)),
    "100": (b"HTTP/1.1 100 Continue\r\n\r\n" + H11 + b"Content-Length: 1\r\n\r\na", Read(200, b"a", True)),
    "100 and 103": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + CHUNKED + b"0\r\n\r\n",
        Read(200, b"", True),
    ),
    "offer of h2c": (H11 + b"Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\na", Read(200, b"a", True)),
    "500": (b"HTTP/1.1 500 Oops\r\nContent-Length: 1\r\n\r\na", Read(500, b"a", True)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_reply_is_read_the_same_in_every_split(name: str) -> None:
    data, expected = WHOLE[name]
    for pieces in splits(data):
        assert read(pieces) == expected, pieces


@pytest.mark.parametrize("name", WHOLE)
def test_a_reply_cut_off_anywhere_is_not_taken_for_whole(name: str) -> None:
    data, _ = WHOLE[name]
    for at in range(1, len(data)):
        assert read([data[:at]], closes=True) == "cut off"


@pytest.mark.parametrize("name", WHOLE)
def test_what_comes_behind_a_reply_leaves_it_as_it_is_but_ends_the_connection(name: str) -> None:
    data, expected = WHOLE[name]
    for surplus in (b"X", b"\r\n", H11, data, b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"):
        for at in range(1, len(data) + 1):
            pieces = [data[:at], data[at:] + surplus] if at < len(data) else [data + surplus]
            assert read(pieces) == Read(expected.status, expected.body, False), pieces


@pytest.mark.parametrize("name", [name for name, (_, expected) in WHOLE.items() if expected.reusable])
def test_many_replies_on_one_reader(name: str) -> None:
    data, expected = WHOLE[name]
    reader = ReplyReader()
    for _ in range(3):
        for pieces in (*splits(data)[:3], splits(data)[-1]):
            assert [reader.feed(piece) for piece in pieces][-1]
            assert Read(reader.status, reader.body, reader.reusable) == expected


UNTIL_CLOSE = {
    "nothing said": (H11 + b"\r\nabc", b"abc"),
    "empty": (H11 + b"\r\n", b""),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Type: a\r\n\r\nabc", b"abc"),
    "another coding": (H11 + b"Transfer-Encoding: foo\r\n\r\nabc", b"abc"),
    "gzip": (H11 + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"hello" * 9, mtime=0), b"hello" * 9),
}


@pytest.mark.parametrize("name", UNTIL_CLOSE)
def test_a_body_can_end_with_the_connection(name: str) -> None:
    data, body = UNTIL_CLOSE[name]
    for pieces in splits(data):
        assert read(pieces) == "incomplete"
        assert read(pieces, closes=True) == Read(200, body, False)


HEADS = {
    "length": (H11 + b"Content-Length: 500\r\n\r\n", True),
    "chunked": (H11 + b"Transfer-Encoding: chunked\r\n\r\n", True),
    "nothing": (H11 + b"\r\n", True),
    "gzip": (H11 + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\n", True),
    "close": (H11 + b"Connection: close\r\nContent-Length: 500\r\n\r\n", False),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\n", False),
    "interim": (b"HTTP/1.1 100 Continue\r\n\r\n" + H11 + b"Content-Length: 7\r\n\r\n", True),
    "no body": (H11 + b"Content-Length: 0\r\n\r\n", True),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_reply_to_head_ends_with_its_headers(name: str) -> None:
    data, reusable = HEADS[name]
    for pieces in splits(data):
        assert read(pieces, head_only=True) == Read(200, b"", reusable)
    assert read([data + b"body"], head_only=True) == Read(200, b"", False)


def test_the_reader_goes_on_after_a_reply_to_head() -> None:
    reader = ReplyReader()
    reader.head_only = True
    assert reader.feed(HEADS["length"][0])
    reader.head_only = False
    assert reader.feed(WHOLE["chunked"][0])
    assert reader.body == b"abcde"


NOT_HTTP = "the reply is not HTTP"
BAD = {
    "garbage": (b"SSH-2.0-OpenSSH_9.2\r\n", NOT_HTTP),
    "HTTP/2 preface": (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", NOT_HTTP),
    "html": (b"<html>\r\n\r\n", NOT_HTTP),
    "status 000": (b"HTTP/1.1 000 x\r\n\r\n", NOT_HTTP),
    "version": (b"HTTP/9.1 200 OK\r\n\r\n", "framing error: Invalid HTTP version"),
    "two lengths": (
        H11 + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "framing error: Duplicate Content-Length",
    ),
    "length and chunks": (
        H11 + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "framing error: Transfer-Encoding can't be present with Content-Length",
    ),
    "chunks and length": (
        H11 + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "framing error: Content-Length can't be present with Transfer-Encoding",
    ),
    "negative length": (H11 + b"Content-Length: -3\r\n\r\n", "framing error: Invalid character in Content-Length"),
    "huge length": (H11 + b"Content-Length: 99999999999999999999\r\n\r\n", "framing error: Content-Length overflow"),
    "space in a name": (H11 + b"Bad Name: 3\r\n\r\n", "framing error: Invalid header token"),
    "folded": (H11 + b"A: b\r\n c\r\n\r\n", "framing error: Unexpected whitespace after header value"),
    "chunk size": (CHUNKED + b"xyz\r\n", "framing error: Invalid character in chunk size"),
    "switch": (
        b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        "framing error: a change of protocol nobody asked for",
    ),
    "interim for ever": (b"HTTP/1.1 102 Wait\r\n\r\n" * 33, "framing error: interim replies without end"),
    "many headers": (H11 + b"".join(b"A%d: b\r\n" % n for n in range(300)) + b"\r\n", "header too large"),
    "long header": (H11 + b"A: " + b"b" * LARGEST_HEAD + b"\r\n\r\n", "header too large"),
    "endless header": (H11 + b"A: " + b"b" * LARGEST_HEAD, "header too large"),
    "broken gzip": (
        H11 + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!",
        "framing error: the compressed body is broken",
    ),
    "cut gzip": (
        H11 + b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + gzip.compress(b"abcdefgh" * 9)[:20],
        "framing error: the compressed body is broken",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_in_few_words(name: str) -> None:
    data, detail = BAD[name]
    assert read([data]) == detail
    if len(data) < 1000:
        # In parts, an error may show before the line that tells HTTP from anything else is complete.
        assert read([data[at : at + 1] for at in range(len(data))]) in {detail, NOT_HTTP}


def test_bare_line_feeds_are_no_line_ends() -> None:
    assert read([b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"]) == NOT_HTTP


@pytest.mark.parametrize("split", [1_000, 65_536, 3_000_000])
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_large_body_is_read_to_its_end_and_its_beginning_kept(framing: str, split: int) -> None:
    body = bytes(range(256)) * 8000
    data = {
        "length": H11 + b"Content-Length: %d\r\n\r\n" % len(body) + body,
        "chunked": CHUNKED + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n",
        "close": H11 + b"\r\n" + body,
    }[framing]
    pieces = [data[at : at + split] for at in range(0, len(data), split)]
    expected = Read(200, body[:LARGEST_KEPT], framing != "close")
    assert read(pieces, closes=framing == "close") == expected


def test_an_endless_body_costs_no_memory() -> None:
    reader = ReplyReader()
    reader.feed(H11 + b"Content-Length: 999999999999\r\n\r\n")
    piece = b"x" * 65536
    tracemalloc.start()
    for _ in range(500):
        assert not reader.feed(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def coded(name: bytes, body: bytes) -> list[bytes]:
    return [H11 + b"content-ENCODING: %s\r\nContent-Length: %d\r\n\r\n" % (name, len(body)) + body]


def test_bodies_are_inflated() -> None:
    text = b'{"status":"OK"}' * 20
    raw = zlib.compressobj(wbits=-15)
    deflated = raw.compress(text) + raw.flush()
    halves = gzip.compress(text[:100]) + gzip.compress(text[100:])
    expected = Read(200, text, True)
    assert read(coded(b"gzip", gzip.compress(text))) == expected
    assert read(coded(b"X-GZip", gzip.compress(text))) == expected
    assert read(coded(b"gzip", halves)) == expected
    assert read(coded(b"deflate", zlib.compress(text))) == expected
    assert read(coded(b"deflate", deflated)) == expected
    assert read(coded(b"deflate, gzip", gzip.compress(zlib.compress(text)))) == expected
    assert read(coded(b"identity", text)) == expected
    assert read(coded(b"br", text)) == expected, "what is not known stays as it is"
    assert read(coded(b"gzip", b"")) == Read(200, b"", True)
    body = gzip.compress(text, mtime=0)
    chunked = H11 + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    chunked += b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    for pieces in splits(chunked):
        assert read(pieces) == expected


def test_a_bomb_does_not_go_off() -> None:
    bomb = gzip.compress(gzip.compress(bytes(200_000_000), 9, mtime=0), 9, mtime=0)
    single = gzip.compress(bytes(20_000_000), 9)
    tracemalloc.start()
    assert read(coded(b"gzip, gzip", bomb)) == Read(200, bytes(LARGEST_KEPT), True)
    assert read(coded(b"gzip", single)) == Read(200, bytes(LARGEST_KEPT), True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
    assert read(coded(b",".join([b"gzip"] * 5000), single[:10])) == Read(200, single[:10], True)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.lists(st.integers(1, 400), max_size=6))
def test_chunks_and_splits_of_any_kind(chunks: list[bytes], cuts: list[int]) -> None:
    data = CHUNKED + b"".join(b"%X\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    assert read(pieces) == Read(200, b"".join(chunks), True)


def test_headers_are_read_when_asked_for() -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Empty:\r\nSET-COOKIE:  b=2 \r\nVia: 1.1 \xe9\r\n\r\n"
    assert Reply(200, b"", 1, 2, 3, head=head).headers == {"set-cookie": "a=1, b=2", "x-empty": "", "via": "1.1 é"}
    assert Reply(200, b"", 1, 2, 3, head=head).header("set-cookie") == "a=1, b=2"
    assert Reply(0, b"", 1, 2, 3).headers == {}
    assert Reply(0, b"", 1, 2, 3).header("via") is None
