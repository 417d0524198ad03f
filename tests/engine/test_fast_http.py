"""The slower transport: redirects to the target's own host, cookies, a proxy."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from harness.engine.fast_http import FastHttpTransport


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, str]] = []

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        Handler.seen.append((self.command, self.path, self.headers.get("Cookie") or body))
        path = self.path
        location = {
            "/hop": "/end?a=b", "/ring": "/ring", "/away": "http://127.0.0.2:1/end", "/keep": "/end",
        }.get(path)  # fmt: skip
        self.send_response((307 if path == "/keep" else 302) if location else 200)
        if location:
            self.send_header("Location", location)
        if path == "/set":
            self.send_header("Set-Cookie", "session=42; Path=/")
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"body")

    do_POST = do_GET

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    Handler.seen.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def made() -> Iterator[list[FastHttpTransport]]:
    transports: list[FastHttpTransport] = []
    yield transports
    for each in transports:
        each.close()


def test_redirects_are_followed_to_the_same_host_alone(url, made):
    made.append(transport := FastHttpTransport(url, {"X-A": "b"}, redirects=True))
    reply = transport.send("POST", b"/hop", b"Content-Type: text/plain\r\n", b"hello")
    assert (reply.status, reply.body) == (200, b"body")
    assert [(m, p) for m, p, _ in Handler.seen] == [("POST", "/hop"), ("GET", "/end?a=b")]
    assert transport.send("POST", b"/keep", b"", b"hello").status == 200
    assert Handler.seen[-1] == ("POST", "/end", "hello")
    away = transport.send("GET", b"/away")
    assert (away.status, away.failure.detail) == (0, "redirected to another host")
    ring = transport.send("GET", b"/ring")
    assert (ring.status, ring.failure.detail) == (0, "too many redirects")


def test_redirects_are_replies_like_others_unless_asked_for(url, made):
    made.append(transport := FastHttpTransport(url, {}))
    reply = transport.send("GET", b"/hop")
    assert reply.status == 302
    assert reply.header("location") == "/end?a=b"


def test_cookies_are_kept_when_asked_for(url, made):
    made.append(keeps := FastHttpTransport(url, {}, cookies=True))
    keeps.send("GET", b"/set")
    keeps.send("GET", b"/end")
    assert Handler.seen[-1][2] == "session=42"
    made.append(forgets := FastHttpTransport(url, {}))
    forgets.send("GET", b"/set")
    forgets.send("GET", b"/end")
    assert Handler.seen[-1][2] == ""


def test_a_proxy_is_gone_through(url, made):
    made.append(transport := FastHttpTransport("http://shop.example:8080", {}, proxy=url))
    assert transport.send("GET", b"/end?x=%20y").status == 200
    assert Handler.seen[-1][1] == "http://shop.example:8080/end?x=%20y"


def test_a_target_that_is_not_there(made):
    made.append(transport := FastHttpTransport("http://127.0.0.1:9", {}))
    reply = transport.send("GET", b"/")
    assert (reply.status, reply.unsent, reply.failure.detail) == (0, True, "connection refused")
