"""Connections go to the addresses that were held, whatever a name's answer is by then; the name stays in Host and TLS."""

from __future__ import annotations

import contextlib
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import gevent.socket
import pytest

from harness.engine.fast_http import FastHttpTransport, where_to
from harness.engine.lookup import Held, look_up
from harness.engine.target_errors import TargetError
from harness.engine.target_json import path_of
from harness.engine.target_reader import TargetReader
from harness.engine.wire import WireTransport
from harness.scenario.model import Target, Tls
from tests.wire.test_wire_tls import Papers, papers  # noqa: F401 - a fixture

HEADERS = {"User-Agent": "harness/1", "X-Harness-Run": "R1"}


class Server:
    """An HTTP server on the loopback that keeps what it was asked. ``locations``: where it redirects to, by path."""

    def __init__(self, address: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self.requests: list[tuple[str, str]] = []
        self.locations: dict[str, str] = {}
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.requests.append((self.headers["Host"], self.path))
                location = server.locations.get(self.path.partition("?")[0])
                self.send_response(302 if location is not None else 200)
                if location is not None:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer((address, 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def here() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    server = Server("127.0.0.2")
    yield server
    server.close()


class Liar:
    """Says the truth once, and leads everybody elsewhere from then on."""

    def __init__(self, first: str, then: str) -> None:
        self.answers = [first]
        self._then = then
        self.asked = 0

    def __call__(self, host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        with contextlib.suppress(ValueError):  # an address: nobody is asked
            return [(2, 1, 6, "", (str(ipaddress.ip_address(host)), port or 0))]
        self.asked += 1
        address = self.answers.pop() if self.answers else self._then
        return [(2, 1, 6, "", (address, port or 0))]


@pytest.fixture
def liar(monkeypatch: pytest.MonkeyPatch) -> Liar:
    made = Liar("127.0.0.1", "127.0.0.2")
    monkeypatch.setattr(gevent.socket, "getaddrinfo", made)
    monkeypatch.setattr("socket.getaddrinfo", made)
    return made


def test_a_name_that_changes_its_answer_leads_nobody_away(here, liar):
    held = look_up(["shop.test"])
    base = f"http://shop.test:{here.port}"
    at = held.at("shop.test")
    wire = WireTransport(base, HEADERS, at=at)
    fast = FastHttpTransport(base, HEADERS, redirects=True, at=at)
    reader = TargetReader(base, Target("http", base, "test"), HEADERS, at)
    here.locations["/hop"] = "/end"
    for _ in range(2):
        assert wire.send("GET", b"/wire").status == 200
        assert fast.send("GET", b"/hop").status == 200
        reader.probe(False)
        wire.close()
        fast.close()
    assert liar.asked == 1
    assert here.requests == [(f"shop.test:{here.port}", path) for path in ("/wire", "/hop", "/end", "/")] * 2


def test_tls_keeps_the_name(papers: Papers, liar, monkeypatch):  # noqa: F811
    seen: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.here)
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    server = Server(context=context)
    try:
        base, tls = f"https://shop.test:{server.port}", Tls(ca=papers.ca)
        wire = WireTransport(base, HEADERS, tls=tls, at=("127.0.0.1",))
        fast = FastHttpTransport(base, HEADERS, tls, redirects=True, at=("127.0.0.1",))
        assert [wire.send("GET", b"/").status, fast.send("GET", b"/").status] == [200, 200]

        TargetReader(base, Target("http", base, "test", tls=Tls(ca=papers.ca)), HEADERS, ("127.0.0.1",)).probe(False)
        wire.close()
        fast.close()
    finally:
        server.close()
    assert seen == ["shop.test"] * 3
    assert liar.asked == 0


def test_the_next_address_is_tried(here):
    base = f"http://shop.test:{here.port}"
    at = ("127.0.0.9", "127.0.0.1")
    assert WireTransport(base, HEADERS, at=at).send("GET", b"/").status == 200
    assert FastHttpTransport(base, HEADERS, at=at).send("GET", b"/").status == 200
    TargetReader(base, Target("http", base, "test"), HEADERS, at).probe(False)
    gone = f"http://shop.test:{here.port}"
    with pytest.raises(TargetError, match="connection refused"):
        TargetReader(gone, Target("http", gone, "test"), HEADERS, ("127.0.0.8", "127.0.0.9")).probe(False)


def foreign(elsewhere: Server, here: Server) -> list[str]:
    there = f"127.0.0.2:{elsewhere.port}"
    mine = f"127.0.0.1:{here.port}"
    return [
        f"http://{there}/x", f"//{there}/x", f"http:\\\\{there}/x", f"http://{mine}@{there}/x", f"http://{mine}:80@{there}/",
        f"http://{mine}\\@{there}/x", f"https://{mine}/x", f"http://127.0.0.1:{elsewhere.port}/x", f"///{there}/x",
        f"http://2130706434:{elsewhere.port}/", "ftp://127.0.0.1/x", "javascript:alert(1)", f"http://127.0.0.1.:{here.port + 1}/",
        "http://[::1", f"http://[::ffff:127.0.0.2]:{elsewhere.port}/", f"\t//{there}/x", f"http:/\t/{there}/x",
    ]  # fmt: skip


def test_no_redirect_leads_to_another_host(here, elsewhere):
    transport = FastHttpTransport(f"http://127.0.0.1:{here.port}", HEADERS, redirects=True)
    for number, location in enumerate(foreign(elsewhere, here)):
        here.requests.clear()
        here.locations[f"/away{number}"] = location.replace("\t", "")
        reply = transport.send("GET", f"/away{number}".encode())
        followed = [path for _, path in here.requests[1:]]
        if reply.failure is None:  # it was a path of our own after all
            assert followed, location
            continue
        assert (reply.status, reply.failure.kind) == (0, "not_allowed"), (location, reply)
        assert reply.failure.detail == "redirected to another host"
        assert followed == [], location
    transport.close()
    assert elsewhere.requests == []


def test_redirects_to_the_targets_own_host_in_any_spelling(here):
    base = f"http://localhost:{here.port}/shop"
    transport = FastHttpTransport(base, HEADERS, redirects=True, at=("127.0.0.1",))
    for location in (
        "end", "/end", f"//LOCALHOST:{here.port}/end", f"http://localhost.:{here.port}/end?a=b#c", "?x=1", "/shöp/ü ü",
        f"http://localhost:{here.port}//end", f"http://localhost:{here.port}",
    ):  # fmt: skip
        here.requests.clear()
        here.locations["/shop/hop"] = location.encode().decode("latin-1")
        reply = transport.send("GET", b"/hop")
        if location == "?x=1":  # to itself, over and over
            assert reply.failure.detail == "too many redirects"
            continue
        assert reply.status == 200, (location, reply)
        assert here.requests[-1][0] == f"localhost:{here.port}"
        assert here.requests[-1][1].isascii()
    assert where_to(f"{base}/hop", "end", base) == f"http://localhost:{here.port}/shop/end"
    transport.close()


def test_a_pool_of_one_target_makes_no_client_for_another(here):
    """Should anything else ever lead there, nothing is sent all the same."""
    transport: Any = FastHttpTransport(f"http://127.0.0.1:{here.port}", HEADERS)
    response = transport._once("GET", "http://127.0.0.2:1/x", HEADERS, None)
    assert (response.failure.kind, response.unsent) == ("not_allowed", True)


@pytest.mark.parametrize(
    "href", ["@127.0.0.2:1/x", ".evil.example/x", ":1/x", "x", "", None, "http://[::1", 5, "//127.0.0.2"]
)
def test_an_href_of_a_reply_is_a_path_or_nothing(href):
    """Behind the target's base URL ``@evil.example/`` would be another host, and be told the keys."""
    path = path_of(href)
    assert path == "" or path.startswith("/")


def test_a_reader_asks_no_path_that_makes_another_host_of_its_base(here):
    base = f"http://127.0.0.1:{here.port}"
    reader: Any = TargetReader(base, Target("http", base, "test"), HEADERS)
    with pytest.raises(TargetError, match="no path of its own"):
        reader._get("@127.0.0.2:1/")


def test_proxies_of_the_environment_are_not_gone_through(here, elsewhere, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.2:{elsewhere.port}")
    base = f"http://127.0.0.1:{here.port}"
    WireTransport(base, HEADERS).send("GET", b"/1")
    FastHttpTransport(base, HEADERS).send("GET", b"/2")
    TargetReader(base, Target("http", base, "test"), HEADERS).probe(False)
    assert [path for _, path in here.requests] == ["/1", "/2", "/"]
    assert elsewhere.requests == []


def test_what_is_held_travels():
    held = Held((("shop.test", ("127.0.0.1", "::1")),))
    assert Held.unpack(held.pack()) == held
    assert held.at("other.test") == ()
