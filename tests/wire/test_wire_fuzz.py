"""Ten thousand spoiled replies: each ends as a reply or as one classified failure, and never stays on a bad connection."""

from __future__ import annotations

import _socket
import gzip
import random
import re
import socket
import zlib

import gevent
import pytest

from harness.engine.http_reply import LARGEST_KEPT, Reply
from harness.engine.wire import WireTransport
from harness.engine.wire_connection import Connection

CASES = 10_000
SEEDS = [
    b"HTTP/1.1 201 Created\r\nServer: x\r\nContent-Length: 15\r\nConnection: keep-alive\r\n\r\n{\"status\":\"OK\"}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nT: v\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 9\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
    % (len(gzip.compress(b"hello", mtime=0)), gzip.compress(b"hello", mtime=0)),
    b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nConnection: close\r\n\r\n" + zlib.compress(b"hello"),
]  # fmt: skip
WORDS = [
    b"\r\n", b"\r\n\r\n", b"\n", b"\x00", b" ", b":", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"-1",
    b"99999999999999999999", b"HTTP/1.1 ", b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", b"0\r\n\r\n",
    b"Content-Encoding: gzip\r\n", b"Connection: close\r\n", b"\xff", b"A: b\r\n" * 300, b"x" * 70_000,
]  # fmt: skip
DETAILS = re.compile(
    r"the reply is not HTTP|header too large|framing error: [\w '`:/.-]+"
    r"|connection closed (before the |in mid-)reply|connection reset by the target"
)


def spoiled(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(0, 3)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randint(1, 12)]
            case 2:
                data[at:at] = rng.choice(WORDS)
            case 3:
                del data[at:]
            case 4:
                data += rng.choice(SEEDS)
            case _:
                data[at:at] = data[at : at + rng.randint(1, 40)]
    return bytes(data)


def ready() -> tuple[WireTransport, socket.socket]:
    """A transport on an open connection, and the other end of it."""
    near, far = socket.socketpair()
    transport = WireTransport("http://127.0.0.1:1", {}, reply_timeout_s=0.1, total_timeout_s=0.1)
    transport._connection = Connection(_socket.socket(fileno=near.detach()))
    transport._connection.readable = lambda _: []  # the reply is there before the request
    return transport, far


def judge(transport: WireTransport, answer: Reply, data: bytes) -> None:
    if answer.failure is None:
        assert 200 <= answer.status <= 999, data
        assert len(answer.body) <= LARGEST_KEPT
    else:
        assert answer.failure.kind == "timeout" or DETAILS.fullmatch(answer.failure.detail), (answer.failure, data)
        assert answer.status == 0
        assert not answer.unsent
        assert transport._connection is None, data


@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_spoiled_replies(part: int) -> None:
    rng = random.Random(part)
    kinds = set()
    for _ in range(CASES // 4):
        data = spoiled(rng)
        transport, far = ready()
        far.setblocking(False)
        sent = far.send(data) if data else 0
        far.shutdown(socket.SHUT_WR)
        with gevent.Timeout(10):
            answer = transport.send(rng.choice(("GET", "GET", "GET", "HEAD")), b"/")
        judge(transport, answer, data)
        assert answer.bytes_in <= sent
        kinds.add(answer.failure)
        transport.close()
        far.close()
    assert None in kinds
    assert 8 < len(kinds) < 60, "details are few"


def test_spoiled_replies_after_which_the_target_stays() -> None:
    rng = random.Random(99)

    def case() -> None:
        data = spoiled(rng)
        transport, far = ready()
        far.setblocking(False)
        for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
            if piece:
                far.send(piece)
        judge(transport, transport.send("GET", b"/"), data)
        transport.close()
        far.close()

    with gevent.Timeout(20):
        for _ in range(4):
            gevent.joinall([gevent.spawn(case) for _ in range(100)], raise_error=True)
