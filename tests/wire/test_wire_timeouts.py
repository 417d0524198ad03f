"""What takes too long ends as a timeout, a little late at most."""

from __future__ import annotations

import socket
import time
from typing import Any

import gevent
import gevent.socket
import pytest

from harness.engine.wire import WireTransport
from harness.record.recorder import Failure
from tests.wire.target import OK, Peer, replies, target


def silent(peer: Peer) -> None:
    while peer.sock.recv(65536):
        pass


def deaf(peer: Peer) -> None:
    gevent.sleep(10)


def drip(peer: Peer) -> None:
    peer.request()
    for at in range(len(OK)):
        peer.send(OK[at : at + 1])
        gevent.sleep(0.05)


def drip_body(peer: Peer) -> None:
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        peer.send(b"x")
        gevent.sleep(0.05)


def seconds(**settings: float) -> Any:
    return {"connect_timeout_s": 0.3, "reply_timeout_s": 0.3, "total_timeout_s": 0.6} | settings


@pytest.mark.parametrize(
    ("script", "body", "detail"),
    [
        (silent, b"", "no reply within 0.3 s"),
        (deaf, bytes(20_000_000), "no reply within 0.3 s"),
        (drip, b"", "reply not complete within 0.6 s"),
        (drip_body, b"", "reply not complete within 0.6 s"),
    ],
)
def test_a_reply_that_is_late(script: Any, body: bytes, detail: str) -> None:
    with target(script, replies(OK)) as there:
        transport = WireTransport(there.url, {}, **seconds())
        begun = time.monotonic()
        answer = transport.send("GET", b"/", b"", body)
        took = time.monotonic() - begun
        assert answer.failure == Failure("timeout", detail)
        assert (answer.status, answer.unsent) == (0, False)
        assert 0.29 <= took < 5
        assert answer.latency_us >= 290_000
        assert transport.send("GET", b"/").status == 200
    assert there.connections == 2


def test_a_total_shorter_than_the_wait_for_a_reply() -> None:
    with target(silent) as there:
        answer = WireTransport(there.url, {}, **seconds(total_timeout_s=0.2)).send("GET", b"/")
    assert answer.failure == Failure("timeout", "reply not complete within 0.2 s")


def test_no_connection_through_a_full_queue() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    transport = WireTransport(f"http://127.0.0.1:{listener.getsockname()[1]}", {}, **seconds())
    with gevent.Timeout(10):
        answer = transport.send("GET", b"/")
    assert answer.failure == Failure("timeout", "no connection within 0.3 s")
    assert answer.unsent
    assert answer.connect_us >= 290_000
    for each in (listener, *fillers):
        each.close()


def test_no_connection_when_the_target_never_speaks_tls() -> None:
    with target(silent) as there:
        answer = WireTransport(there.url.replace("http", "https"), {}, **seconds()).send("GET", b"/")
    assert answer.failure == Failure("timeout", "no connection within 0.3 s")
    assert answer.unsent


def test_no_connection_when_the_name_is_never_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gevent.socket, "getaddrinfo", lambda *_, **__: gevent.sleep(3) or [])
    answer = WireTransport("http://never.test:1", {}, **seconds()).send("GET", b"/")
    assert answer.failure == Failure("timeout", "no connection within 0.3 s")
    assert answer.unsent


def test_many_wait_and_each_ends_by_itself() -> None:
    with target(silent) as there:
        transports = [WireTransport(there.url, {}, **seconds(reply_timeout_s=0.2 + n / 50)) for n in range(10)]
        waits = [gevent.spawn(transport.send, "GET", b"/") for transport in transports]
        gevent.joinall(waits, timeout=5, raise_error=True)
        failures = [wait.get(timeout=0).failure for wait in waits]
    assert [failure.kind for failure in failures] == ["timeout"] * 10
    assert failures[3].detail == "no reply within 0.26 s"
