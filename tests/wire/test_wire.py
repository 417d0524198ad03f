"""The wire transport against targets that do what a script says."""

from __future__ import annotations

import _socket
import gc
import socket
from typing import Any

import gevent
import gevent.socket
import pytest
from gevent.event import Event

from harness.engine import wire
from harness.engine.http_reply import Reply
from harness.engine.wire import WireTransport
from harness.engine.wire_connection import Sweeper
from harness.record.recorder import Failure
from tests.wire.target import OK, Peer, once, replies, target

CLOSED = Failure("connection", "connection closed before the reply")
NOWHERE = "http://127.0.0.1:1"


def fresh(url: str, **settings: Any) -> WireTransport:
    return WireTransport(url, {"X-Run": "1"}, **settings)


def test_the_bytes_of_a_request() -> None:
    with target(replies(OK)) as there:
        transport = fresh(f"{there.url}/base/")
        first = transport.send("GET", b"/a?b=c")
        transport.send("POST", b"/p", b"Content-Type: text/plain\r\nX: y\r\n", b"body")
        transport.send("PUT", b"/e")
        transport.send("DELETE", b"/d")
        transport.close()
    host = there.url.removeprefix("http://").encode()
    common = b" HTTP/1.1\r\nHost: %s\r\nX-Run: 1\r\n" % host
    assert there.requests == [
        b"GET /base/a?b=c" + common + b"\r\n",
        b"POST /base/p" + common + b"Content-Type: text/plain\r\nX: y\r\nContent-Length: 4\r\n\r\nbody",
        b"PUT /base/e" + common + b"Content-Length: 0\r\n\r\n",
        b"DELETE /base/d" + common + b"\r\n",
    ]
    assert (first.bytes_out, first.bytes_in) == (len(there.requests[0]), len(OK))


def test_a_host_header_of_ones_own() -> None:
    with target(replies(OK)) as there:
        WireTransport(there.url, {"host": "shop.example"}).send("GET", b"/")
    assert there.requests == [b"GET / HTTP/1.1\r\nhost: shop.example\r\n\r\n"]


def test_one_connection_carries_many_requests() -> None:
    with target(replies(OK)) as there:
        transport = fresh(there.url)
        answers = [transport.send("GET", b"/") for _ in range(20)]
        transport.close()
    assert there.connections == 1
    assert len(there.requests) == 20
    assert answers[0].connect_us > 0
    assert [answer.connect_us for answer in answers[1:]] == [0] * 19
    for answer in answers:
        assert (answer.status, answer.body, answer.failure, answer.unsent) == (200, b"ok", None, False)
        assert 0 < answer.ttfb_us <= answer.latency_us < 5_000_000
        assert answer.headers == {"content-length": "2"}


def test_latency_is_without_connecting_and_with_the_body() -> None:
    def slowly(peer: Peer) -> None:
        peer.request()
        gevent.sleep(0.05)
        peer.send(OK[:-1])
        gevent.sleep(0.1)
        peer.send(OK[-1:])

    with target(slowly) as there:
        answer = fresh(there.url).send("GET", b"/")
    assert answer.status == 200
    assert 50_000 <= answer.ttfb_us <= answer.latency_us - 90_000


@pytest.mark.parametrize(
    "reply",
    [OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"), OK.replace(b"1.1", b"1.0"), OK + b"surplus"],
    ids=["close", "1.0", "surplus"],
)
def test_a_connection_that_is_done_is_not_used_again(reply: bytes) -> None:
    with target(replies(reply)) as there:
        transport = fresh(there.url)
        for number in range(1, 4):
            answer = transport.send("GET", b"/")
            assert (answer.status, answer.body, answer.failure) == (200, b"ok", None)
            assert there.connections == number
            assert answer.connect_us > 0


def test_replies_to_head_and_until_close() -> None:
    with target(
        replies(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", OK), once(b"HTTP/1.1 200 OK\r\n\r\nall")
    ) as there:
        transport = fresh(there.url)
        assert transport.send("HEAD", b"/")[:2] == (200, b"")
        assert transport.send("GET", b"/")[:2] == (200, b"ok")
        assert there.connections == 1
        transport.close()
        assert transport.send("GET", b"/")[:2] == (200, b"all")


def test_an_idle_connection_that_the_target_ended_is_opened_anew() -> None:
    with target(once(OK), replies(OK)) as there:
        transport = fresh(there.url)
        assert transport.send("GET", b"/").status == 200
        there.peers.join(2)
        answer = transport.send("GET", b"/")
        assert answer.status == 200
        assert answer.connect_us > 0
    assert there.connections == 2
    assert len(there.requests) == 2


def test_a_connection_closed_in_one_direction_is_not_used_again() -> None:
    def half(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.sock.shutdown(socket.SHUT_WR)
        assert peer.request() == b""

    def mute(peer: Peer) -> None:
        peer.request()
        peer.sock.shutdown(socket.SHUT_WR)
        assert peer.request() == b""

    with target(half, mute, replies(OK)) as there:
        transport = fresh(there.url)
        assert transport.send("GET", b"/").status == 200
        gevent.sleep(0.02)
        assert transport.send("GET", b"/").failure == CLOSED
        assert transport.send("GET", b"/").status == 200
    assert (there.connections, len(there.requests)) == (3, 3)


def test_words_nobody_asked_for_are_not_taken_for_a_reply() -> None:
    said = Event()

    def chatty(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        gevent.sleep(0.05)
        peer.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        said.set()
        peer.request()

    with target(chatty, replies(OK)) as there:
        transport = fresh(there.url)
        assert transport.send("GET", b"/").status == 200
        said.wait(2)
        assert transport.send("GET", b"/").status == 200
    assert there.connections == 2
    assert len(there.requests) == 2


def leave(peer: Peer) -> None:
    peer.request()


def reset(peer: Peer) -> None:
    peer.request()
    peer.reset()


@pytest.mark.parametrize("script", [leave, reset])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_may_have_arrived_is_not_sent_again(script: Any, method: str) -> None:
    with target(script, replies(OK)) as there:
        transport = fresh(there.url)
        answer = transport.send(method, b"/")
        assert answer.failure == CLOSED
        assert not answer.unsent
        assert answer.status == answer.bytes_in == 0
        assert len(there.requests) == 1
        assert transport.send(method, b"/").status == 200
    assert there.connections == 2


def test_nor_on_a_connection_that_served_before() -> None:
    def twice(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.request()

    with target(twice, replies(OK)) as there:
        transport = fresh(there.url)
        assert transport.send("GET", b"/").status == 200
        assert transport.send("GET", b"/").failure == CLOSED
        assert (there.connections, len(there.requests)) == (1, 2)


class BrokenSocket:
    """A socket whose peer is found gone when the first byte is to go out."""

    def __init__(self, sock: _socket.socket) -> None:
        self._sock = sock

    def send(self, data: bytes) -> int:
        raise BrokenPipeError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def test_a_request_of_which_nothing_was_written_is_sent_on_a_new_connection_once() -> None:
    with target(replies(OK)) as there:
        transport = fresh(there.url)
        transport.send("GET", b"/")
        connection = transport._connection
        assert connection is not None
        connection.sock = BrokenSocket(connection.sock)  # type: ignore[assignment]
        assert transport.send("GET", b"/").status == 200
    assert there.connections == 2
    assert len(there.requests) == 2


def test_and_fails_as_unsent_when_that_breaks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = wire.WireTransport._open

    def broken(self: WireTransport) -> Any:
        connection = opened(self)
        connection.sock = BrokenSocket(connection.sock)  # type: ignore[assignment]
        return connection

    monkeypatch.setattr(wire.WireTransport, "_open", broken)
    with target(replies(OK)) as there:
        answer = fresh(there.url).send("GET", b"/")
    assert answer.failure == Failure("connection", "connection reset by the target")
    assert answer.unsent
    assert not there.requests


def test_a_reply_cut_off() -> None:
    def cut(peer: Peer) -> None:
        peer.request()
        peer.send(OK[:-1])

    def torn(peer: Peer) -> None:
        cut(peer)
        gevent.sleep(0.05)
        peer.reset()

    with target(cut, torn) as there:
        transport = fresh(there.url)
        answer = transport.send("GET", b"/")
        assert answer.failure == Failure("connection", "connection closed in mid-reply")
        assert (answer.status, answer.bytes_in, answer.unsent) == (0, len(OK) - 1, False)
        assert transport.send("GET", b"/").failure == Failure("connection", "connection reset by the target")
    assert there.connections == 2


@pytest.mark.parametrize(
    ("reply", "detail"),
    [
        (b"220 mail.example ESMTP\r\n", "the reply is not HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "framing error: Duplicate Content-Length",
        ),
        (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000, "header too large"),
    ],
)
def test_what_is_no_reply_ends_the_connection(reply: bytes, detail: str) -> None:
    with target(replies(reply), replies(OK)) as there:
        transport = fresh(there.url)
        answer = transport.send("GET", b"/")
        assert answer.failure == Failure("connection", detail)
        assert (answer.status, answer.unsent) == (0, False)
        assert transport.send("GET", b"/").status == 200
    assert there.connections == 2


def test_refused() -> None:
    answer = fresh(NOWHERE).send("GET", b"/")
    assert answer.failure == Failure("connection", "connection refused")
    assert answer.unsent
    assert (answer.bytes_out, answer.latency_us) == (0, 0)


def test_a_body_larger_than_all_buffers_arrives_whole() -> None:
    body = bytes(range(256)) * 40_000
    with target(replies(OK)) as there:
        answer = fresh(there.url).send("POST", b"/", b"", body)
        assert answer.status == 200
    assert there.requests[0].endswith(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    assert answer.bytes_out == len(there.requests[0])


@pytest.mark.parametrize("interim", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_reply_that_comes_before_the_request_is_through(interim: bytes) -> None:
    def impatient(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.send(interim)
        gevent.sleep(0.02)
        peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        gevent.sleep(1)

    with target(impatient, replies(OK)) as there:
        transport = fresh(there.url)
        answer = transport.send("POST", b"/", b"", bytes(20_000_000))
        assert (answer.status, answer.failure) == (413, None)
        assert transport.send("GET", b"/").status == 200
    assert there.connections == 2


def test_a_killed_user_leaves_the_transport_ready() -> None:
    def silent(peer: Peer) -> None:
        peer.request()
        peer.request()

    with target(silent, replies(OK)) as there:
        transport = fresh(there.url)
        user = gevent.spawn(transport.send, "GET", b"/")
        while not there.requests:
            gevent.sleep(0.01)
        user.kill()
        assert transport._connection is None
        assert transport.send("GET", b"/").status == 200
    assert there.connections == 2


def test_closing_ends_a_request_under_way() -> None:
    def silent(peer: Peer) -> None:
        peer.request()
        peer.request()

    with target(silent) as there:
        transport = fresh(there.url)
        user = gevent.spawn(transport.send, "GET", b"/")
        while not there.requests:
            gevent.sleep(0.01)
        transport.close()
        answer: Reply = user.get(timeout=5)
    assert answer.failure == Failure("connection", "closed by this side")
    transport.close()


def test_ipv6() -> None:
    with target(replies(OK), host="::1") as there:
        assert fresh(there.url).send("GET", b"/").status == 200
    assert b"\r\nHost: [::1]:%d\r\n" % there.port in there.requests[0]


def test_an_address_that_cannot_be_reached_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with target(replies(OK)) as there:
        found = [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", there.port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", there.port)),
        ]
        asked = []

        def resolve(*question: Any, **_: Any) -> Any:
            asked.append(question)
            return found

        monkeypatch.setattr(gevent.socket, "getaddrinfo", resolve)
        first, second = (fresh(f"http://two.test:{there.port}") for _ in range(2))
        assert first.send("GET", b"/").status == 200
        assert second.send("GET", b"/").status == 200
        assert asked == [("two.test", there.port)]
        assert first._site.addresses._found[0][0] == socket.AF_INET


def test_a_name_is_asked_for_once_by_all_users(monkeypatch: pytest.MonkeyPatch) -> None:
    with target(replies(OK)) as there:
        asked = []

        def slowly(host: str, port: int, **_: Any) -> Any:
            asked.append(host)
            gevent.sleep(0.05)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(gevent.socket, "getaddrinfo", slowly)
        users = [gevent.spawn(fresh(f"http://once.test:{there.port}").send, "GET", b"/") for _ in range(20)]
        assert {user.get(timeout=5).status for user in users} == {200}
    assert asked == ["once.test"]


def test_a_name_that_does_not_resolve_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    with target(replies(OK)) as there:
        transport = fresh(f"http://later.test:{there.port}")
        with monkeypatch.context() as patched:
            patched.setattr(gevent.socket, "getaddrinfo", unknown)
            answer = transport.send("GET", b"/")
            assert answer.failure == Failure("connection", "the target's name cannot be resolved")
            assert answer.unsent
        known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", there.port))]
        monkeypatch.setattr(gevent.socket, "getaddrinfo", lambda *_, **__: known)
        assert transport.send("GET", b"/").status == 200


@pytest.mark.parametrize(
    "url", ["ftp://a", "http://", "http://user:secret@a", "http://a/?b", "127.0.0.1:80", "http://a:b"]
)
def test_base_urls_that_are_none(url: str) -> None:
    with pytest.raises(ValueError):
        fresh(url)


def test_what_was_sent_is_what_arrived() -> None:
    def moody(peer: Peer) -> None:
        for _ in range(7):
            peer.request()
            peer.send(OK)

    users, each = 20, 100
    with target(moody) as there:
        answers: list[Reply] = []

        def user(number: int) -> None:
            transport = fresh(there.url)
            for count in range(each):
                answers.append(transport.send("GET", b"/%d/%d" % (number, count)))
                gevent.sleep(0)
            transport.close()

        gevent.joinall([gevent.spawn(user, number) for number in range(users)], raise_error=True)
        there.peers.join(5)
    assert len(answers) == users * each
    assert sum(not answer.unsent for answer in answers) == len(there.requests)
    assert sum(answer.bytes_out for answer in answers) == sum(map(len, there.requests))
    assert len(set(there.requests)) == len(there.requests)
    assert {answer.failure for answer in answers} <= {None, CLOSED}


def test_a_connection_nobody_closed_goes_with_its_transport() -> None:
    with target(replies(OK)) as there:
        transport = fresh(there.url)
        assert transport.send("GET", b"/").status == 200
        connections = Sweeper.of(gevent.get_hub())._connections
        gc.collect()  # those of other tests
        before = len(connections)
        del transport
        gc.collect()
        assert len(connections) == before - 1
