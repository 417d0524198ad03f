"""Clients who send or read too slowly are cut off; all others are left alone."""

import socket
import time
from collections.abc import Iterator

import pytest

from harness.sandbox.config import Limits, SandboxConfig
from harness.sandbox.process import SandboxProcess

from .client import BASIC, VIEW, Client, event

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def impatient() -> Iterator[Client]:
    with SandboxProcess(SandboxConfig(limits=Limits(slow_client_s=1))) as process:
        client = Client(process.url)
        yield client
        client.close()


def until_closed(connection: socket.socket) -> bytes:
    connection.settimeout(30)
    reply = b""
    try:
        while got := connection.recv(65536):
            reply += got
    except ConnectionResetError:
        pass
    return reply


BEGUN = (
    b"GET /v1.2/browser/create.json?cli",
    b"GET /_sandbox/stats HTTP/1.1\r\nHost: x\r\n",
    b'POST /v1.2/events HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"type":',
    b"POST /v1.2/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
)
DONE = b"GET /_sandbox/stats HTTP/1.1\r\nHost: x\r\n\r\n"


def test_requests_that_do_not_end(impatient: Client) -> None:
    connections = [socket.create_connection(impatient.address) for _ in range(len(BEGUN) + 1)]
    for connection, begun in zip(connections, (*BEGUN, DONE + BEGUN[0]), strict=True):
        connection.sendall(begun)
    *first, second = [until_closed(connection) for connection in connections]
    assert [reply[:13] for reply in first] == [b"HTTP/1.1 408 "] * len(BEGUN)
    assert (second[:13], b"HTTP/1.1 408 " in second) == (b"HTTP/1.1 200 ", True)
    assert impatient.stats()["events"] == {}
    for connection in connections:
        connection.close()


def test_a_reply_that_nobody_reads(impatient: Client) -> None:
    browser = impatient.browser()
    impatient.send(browser, *[{**VIEW, "page": "x" * 4000}] * 150)
    (ref,) = [each["href"].rpartition("/")[2] for each in impatient.read("/v2/guests")["items"]]
    ask = f"GET /_sandbox/guests/{ref} HTTP/1.1\r\nHost: x\r\nAuthorization: {BASIC}\r\n\r\n".encode()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(impatient.address)
        # More than the kernel holds for a client who takes nothing.
        connection.sendall(ask * 30)
        deadline = time.monotonic() + 40
        while True:
            try:
                connection.sendall(ask)
            except OSError:
                break
            assert time.monotonic() < deadline, "nobody cut the connection off"
            time.sleep(0.1)
    assert impatient.stats()["events"]["VIEW"] == 150


def test_who_thinks_between_requests_and_who_waits_for_a_late_reply_are_left_alone(impatient: Client) -> None:
    quiet = socket.create_connection(impatient.address)
    thinking = Client(impatient.url)
    browser = thinking.browser()
    impatient.faults(latency={"fixed": "3s", "only": ["VIEW"]})
    body = {**event(browser, VIEW), "client_key": "sandbox"}
    assert impatient.post("/v1.2/events", body)[0] == 201
    impatient.request("DELETE", "/_sandbox/faults")
    thinking.send(browser, VIEW)
    quiet.sendall(b"GET /_sandbox/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert until_closed(quiet).startswith(b"HTTP/1.1 200 ")
    quiet.close()
    thinking.close()
