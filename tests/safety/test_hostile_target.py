"""A target that answers questions with more than anybody can take."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from harness.engine import target_client
from harness.engine.target_errors import TargetError
from harness.engine.target_reader import TargetReader
from harness.scenario.model import CDP, Target
from harness.scenario.values import Secret

MB = 1 << 20
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def answering(send: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads a request and answers as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        connection.recv(65536)
                        send(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def reader(url: str) -> TargetReader:
    return TargetReader(
        url, Target(CDP, url, "test", Secret("key"), Secret("token"), "shop"), {"Accept-Encoding": "identity"}
    )


def endless(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b" " * MB)


def endless_chunks(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"100000\r\n" + b" " * MB + b"\r\n")


BOMB = gzip.compress(bytes(400 * MB), 9)


def bomb(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB)


@pytest.mark.parametrize("send", [endless, endless_chunks, bomb])
def test_a_reply_without_end(send: Callable[[socket.socket], None]) -> None:
    before = psutil.Process().memory_info().rss
    with answering(send) as url, pytest.raises(TargetError, match="more than 64 MB"):
        reader(url).orders_with("A")
    assert psutil.Process().memory_info().rss - before < 200 * MB


def test_a_reply_that_dribbles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_client, "LONGEST_REPLY_S", 0.3)
    going_on = threading.Event()

    def dribble(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"\r\n")
        while not going_on.wait(0.02):
            connection.sendall(b" ")

    with answering(dribble) as url, pytest.raises(TargetError, match="for one reply"):
        reader(url).orders_with("A")
    going_on.set()


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"items": [{"price": 1e999999999}]}', b"9" * 100_000, b"\xff\xfe", b'{"items": {}}']
)
def test_a_reply_that_is_not_what_it_ought_to_be(body: bytes) -> None:
    def send(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    with answering(send) as url:
        asked = reader(url)
        try:
            assert asked.orders_with("A") == ()
        except TargetError as error:
            assert len(str(error)) < 300
        assert not asked.is_sandbox()
