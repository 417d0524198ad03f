"""Clients who mean harm: whatever they send, others are answered and the memory stays where it was."""

import contextlib
import itertools
import socket
import time
from collections.abc import Iterator
from threading import Event, Thread

import psutil
import pytest

from harness.sandbox.config import Limits, SandboxConfig
from harness.sandbox.connection import MOST_DROPPED
from harness.sandbox.process import SandboxProcess
from tests.watching import wait_for

from .client import BASIC, VIEW, Client, event
from .test_slow_clients import until_closed

pytestmark = pytest.mark.timeout(100)

MB = 1 << 20
LORIS = 400
IN_FLIGHT = 24 * MB
"""What the kernel may hold between two ends of a connection, and then some."""


class Target:
    """A sandbox and what can be seen of it from outside."""

    def __init__(self, process: SandboxProcess) -> None:
        self.client = Client(process.url)
        self.address = self.client.address
        self._process = psutil.Process(process.pid)

    @property
    def memory(self) -> int:
        return int(self._process.memory_info().rss)

    @property
    def connections(self) -> int:
        return sum(each.status == psutil.CONN_ESTABLISHED for each in self._process.net_connections("tcp"))

    @contextlib.contextmanager
    def others_are_answered(self, grows_by: int) -> Iterator[None]:
        """Somebody else asks all the while; the memory is looked at with each reply."""
        before, answered, over = self.memory, [0], Event()
        most, failures = [before], []

        def ask() -> None:
            other = Client(f"http://{self.address[0]}:{self.address[1]}")
            try:
                while not over.is_set() or answered[0] < 20:
                    other.send(other.browser(), VIEW)
                    answered[0] += 1
                    most[0] = max(most[0], self.memory)
            except BaseException as failure:
                failures.append(failure)
            finally:
                other.close()

        thread = Thread(target=ask)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        assert not failures, failures
        assert most[0] - before < grows_by, (before, most)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with SandboxProcess(SandboxConfig(limits=Limits(slow_client_s=3))) as process:
        made = Target(process)
        yield made
        made.client.close()


def sent_until_refused(address: tuple[str, int], begin: bytes, piece: bytes, most: int) -> tuple[int, bytes]:
    """How many bytes could be sent, and what came back."""
    with socket.create_connection(address, timeout=30) as connection:
        sent = 0
        with contextlib.suppress(ConnectionError):
            connection.sendall(begin)
            while sent < most:
                sent += connection.send(piece)
        return sent, until_closed(connection)


def test_slow_loris(target: Target) -> None:
    request = b"GET /v1.2/browser/create.json?client_key=sandbox HTTP/1.1\r\nX-Padding: " + b"x" * 500
    with contextlib.ExitStack() as all_of_them, target.others_are_answered(grows_by=64 * MB):
        sockets = [all_of_them.enter_context(socket.create_connection(target.address)) for _ in range(LORIS)]
        open_ones = set(sockets)
        deadline = time.monotonic() + 60
        for byte in itertools.cycle(request):
            for each in list(open_ones):
                try:
                    each.send(bytes([byte]))
                except OSError:
                    open_ones.discard(each)
            if not open_ones:
                break
            assert time.monotonic() < deadline, f"{len(open_ones)} of {LORIS} are still connected"
            time.sleep(0.02)
        replies = [until_closed(each) for each in sockets]
    # Some were reset before they could read it.
    assert {reply[:13] for reply in replies} <= {b"HTTP/1.1 408 ", b""}
    assert target.client.stats()["events"]["VIEW"] >= 20


HEADERS = b"HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: " + BASIC.encode() + b"\r\n"
LENGTH = b"Content-Length: 1073741824\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = b"x" * 65536
CHUNK = b"10000\r\n" + PIECE + b"\r\n"
GIGABYTES: dict[str, tuple[bytes, bytes, bytes]] = {
    "event, announced": (b"POST /v1.2/events " + HEADERS + LENGTH, PIECE, b"413"),
    "event, in chunks": (b"POST /v1.2/events " + HEADERS + CHUNKED, CHUNK, b"413"),
    "guest, announced": (b"POST /v2/guests " + HEADERS + LENGTH, PIECE, b"413"),
    "guest, in chunks": (b"POST /v2/guests " + HEADERS + CHUNKED, CHUNK, b"413"),
    "faults": (b"PUT /_sandbox/faults " + HEADERS + LENGTH, PIECE, b"413"),
    "experience": (b"POST /v2/callFlows " + HEADERS + LENGTH, PIECE, b"413"),
    "where none is read": (b"GET /_sandbox/stats " + HEADERS + LENGTH, PIECE, b"200"),
    "without credentials": (b"POST /v2/guests HTTP/1.1\r\nHost: x\r\n" + LENGTH, PIECE, b"401"),
    "nowhere": (b"POST /nowhere HTTP/1.1\r\nHost: x\r\n" + CHUNKED, CHUNK, b"404"),
}


@pytest.mark.parametrize("name", GIGABYTES)
def test_a_body_of_a_gigabyte(target: Target, name: str) -> None:
    begin, piece, status = GIGABYTES[name]
    with target.others_are_answered(grows_by=48 * MB):
        sent, reply = sent_until_refused(target.address, begin, piece, 1 << 30)
    assert sent < 2 * MOST_DROPPED + IN_FLIGHT
    assert reply[9:12] in (status, b"")


ENDLESS: dict[str, tuple[bytes, bytes, bytes]] = {
    "request line": (b"GET /", PIECE, b"414"),
    "one header": (b"GET / HTTP/1.1\r\nA: ", PIECE, b"431"),
    "name of a header": (b"GET / HTTP/1.1\r\n", PIECE, b"431"),
    "many headers": (b"GET / HTTP/1.1\r\n", b"A: b\r\n" * 1000, b"431"),
    "trailers": (b"POST /v1.2/events HTTP/1.1\r\nHost: x\r\n" + CHUNKED + b"0\r\n", b"A: b\r\n" * 1000, b"431"),
    "a chunk's extension": (b"POST /v1.2/events HTTP/1.1\r\nHost: x\r\n" + CHUNKED + b"1;", PIECE, b"431"),
    "method": (b"", b"GET" * 1000, b"400"),
    "nothing": (b"", b"\r\n" * 1000, b"431"),
    "requests, unread": (b"", b"GET /_sandbox/stats HTTP/1.1\r\nHost: x\r\n\r\n" * 1000, b"200"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends(target: Target, name: str) -> None:
    begin, piece, status = ENDLESS[name]
    with target.others_are_answered(grows_by=48 * MB):
        sent, reply = sent_until_refused(target.address, begin, piece, 1 << 30)
    assert sent < IN_FLIGHT
    assert reply[9:12] in (status, b"400", b"")


def test_more_connections_than_there_is_room_for() -> None:
    limits = Limits(connections=40, slow_client_s=60)
    with SandboxProcess(SandboxConfig(limits=limits)) as process, contextlib.ExitStack() as all_of_them:
        target = Target(process)
        idle = [all_of_them.enter_context(socket.create_connection(target.address)) for _ in range(20)]
        wait_for(lambda: target.connections == 20, what="they do not get in")
        time.sleep(1.2)  # the sandbox's seconds tell who came first
        for _ in range(200):
            all_of_them.enter_context(socket.create_connection(target.address))
        working = Client(process.url)
        working.send(working.browser(), VIEW)
        wait_for(lambda: target.connections <= limits.connections, what="nobody was sent away")
        assert [until_closed(each) for each in idle] == [b""] * 20
        newest = Client(process.url)
        newest.send(newest.browser(), VIEW)
        working.send(working.browser(), VIEW)
        for each in (newest, working, target.client):
            each.close()


def test_memory_that_runs_out_is_refused_until_it_is_there_again() -> None:
    with SandboxProcess() as process:
        at_rest = Target(process).memory
    limits = Limits(memory_bytes=at_rest + 40 * MB)
    with SandboxProcess(SandboxConfig(limits=limits)) as process:
        target = Target(process)
        client = target.client
        browser = client.browser()
        large = {**event(browser, {**VIEW, "page": "x" * 60_000}), "client_key": "sandbox"}
        for number in range(20_000):
            # New sessions all the time: no timeline reaches its bound.
            status, body = client.post("/v1.2/events", {**large, "channel": f"C{number}"})
            if number % 40 == 0 and status == 201:
                browser = large["browser_id"] = client.browser()
            if status != 201:
                break
        assert (status, "POST /_sandbox/reset" in body["error_msg"]) == (503, True)
        assert client.rest("GET", "/v2/guests")[0] == client.request("GET", "/_sandbox/guests")[0] == 503
        assert client.stats()["events"]["VIEW"] > 100
        # What arrives within a second before it is noticed comes on top.
        assert target.memory < limits.memory_bytes + 400 * MB
        assert client.request("POST", "/_sandbox/reset")[0] == 204
        wait_for(lambda: client.request("GET", "/_sandbox/guests")[0] == 200, what="memory is not given back")
        client.send(client.browser(), VIEW)
        client.close()


@pytest.mark.parametrize(("method", "path"), [("POST", "/_sandbox/reset"), ("DELETE", "/_sandbox/faults")])
def test_pages_of_other_sites_change_nothing(target: Target, method: str, path: str) -> None:
    client = target.client
    own = f"{target.address[0]}:{target.address[1]}"
    client.send(client.browser(), VIEW)
    for origin in ("https://example.org", "null", f"http://{target.address[0]}"):
        assert client.request(method, path, origin=origin)[0] == 403
    assert client.stats()["events"]["VIEW"] > 0
    assert client.request(method, path, origin=f"http://{own}")[0] == 204
