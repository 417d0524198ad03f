"""TLS with certificates made here: who is trusted, who is not, and that sessions are taken up again."""

from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import gevent
import gevent.ssl
import pytest
from gevent.subprocess import PIPE, STDOUT, Popen

from harness.engine.wire import WireTransport
from harness.record.recorder import Failure
from harness.scenario.model import Tls
from tests.wire.target import OK, Peer, Target, once, replies, target

UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\nall of it"


class Papers(NamedTuple):
    """Paths of PEM files; a certificate's file holds its key too."""

    ca: str
    here: str
    elsewhere: str
    client: str


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=20)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("papers")
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    openssl("req", "-x509", *new, "-subj", "/CN=Test CA", "-keyout", ca_key, "-out", ca)

    def signed(name: str, alternative: str) -> str:
        key, asked, made = (folder / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
        extension = folder / f"{name}.ext"
        extension.write_text(f"subjectAltName={alternative}\n")
        openssl("req", *new[:-2], "-subj", f"/CN={name}", "-keyout", key, "-out", asked)
        openssl(
            "x509", "-req", "-in", asked, "-CA", ca, "-CAkey", ca_key, "-set_serial", str(len(name)), "-days", "2",
            "-extfile", extension, "-out", made,
        )  # fmt: skip
        made.write_text(made.read_text() + key.read_text())
        return str(made)

    return Papers(
        str(ca),
        signed("here", "IP:127.0.0.1,DNS:shop.test"),
        signed("elsewhere", "DNS:elsewhere.test"),
        signed("client", "DNS:client.test"),
    )


def server(
    certificate: str, *, client_ca: str | None = None, newest: bool = True, seen: list[Any] | None = None
) -> Any:
    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    if not newest:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    if seen is not None:
        context.sni_callback = lambda _sock, name, _context: seen.append(name)
    return context


def fresh(there: Target, settings: Tls | None, **more: Any) -> WireTransport:
    return WireTransport(there.url, {}, tls=settings, **more)


def test_a_trusted_target(papers: Papers) -> None:
    with target(replies(OK), tls=server(papers.here)) as there:
        transport = fresh(there, Tls(ca=papers.ca))
        first, second = (transport.send("GET", b"/") for _ in range(2))
        transport.close()
    assert (first.status, second.status) == (200, 200)
    assert there.connections == 1
    assert (first.bytes_out, first.bytes_in) == (len(there.requests[0]), len(OK))
    assert first.connect_us > 0 == second.connect_us


def test_the_target_is_told_its_name_and_the_protocol(papers: Papers, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    spoken: list[Any] = []

    def ask(peer: Peer) -> None:
        spoken.append(peer.sock.selected_alpn_protocol())
        replies(OK)(peer)

    with target(ask, tls=server(papers.here, seen=seen)) as there:
        known = [(2, 1, 6, "", ("127.0.0.1", there.port))]
        monkeypatch.setattr(gevent.socket, "getaddrinfo", lambda *_, **__: known)
        transport = WireTransport(f"https://shop.test:{there.port}", {}, tls=Tls(ca=papers.ca))
        assert transport.send("GET", b"/").status == 200
    assert seen == ["shop.test"]
    assert spoken == ["http/1.1"]


def refused(reason: str) -> Failure:
    return Failure("connection", f"TLS: certificate refused: {reason}")


def test_who_is_not_trusted(papers: Papers) -> None:
    with target(replies(OK), tls=server(papers.here)) as there:
        answer = fresh(there, None).send("GET", b"/")
        assert answer.failure == refused("unable to get local issuer certificate")
        assert answer.unsent
    with target(replies(OK), tls=server(papers.elsewhere)) as there:
        answer = fresh(there, Tls(ca=papers.ca)).send("GET", b"/")
        assert answer.failure == refused("IP address mismatch")
        assert answer.unsent
        assert not there.requests


def test_a_name_that_is_not_the_certificates(papers: Papers, monkeypatch: pytest.MonkeyPatch) -> None:
    with target(replies(OK), tls=server(papers.here)) as there:
        known = [(2, 1, 6, "", ("127.0.0.1", there.port))]
        monkeypatch.setattr(gevent.socket, "getaddrinfo", lambda *_, **__: known)
        transport = WireTransport(f"https://other.test:{there.port}", {}, tls=Tls(ca=papers.ca))
        assert transport.send("GET", b"/").failure == refused("Hostname mismatch")


def test_trust_can_be_switched_off(papers: Papers) -> None:
    with target(replies(OK), tls=server(papers.elsewhere)) as there:
        assert fresh(there, Tls(verify=False)).send("GET", b"/").status == 200


def test_a_certificate_of_ones_own(papers: Papers) -> None:
    with target(replies(OK), tls=server(papers.here, client_ca=papers.ca)) as there:
        assert fresh(there, Tls(ca=papers.ca, cert=papers.client)).send("GET", b"/").status == 200
        answer = fresh(there, Tls(ca=papers.ca)).send("GET", b"/")
        assert answer.failure is not None
        assert answer.failure.detail in {
            "TLS: TLSV13_ALERT_CERTIFICATE_REQUIRED",
            "connection closed before the reply",
        }


@pytest.mark.parametrize("newest", [True, False], ids=["1.3", "1.2"])
def test_sessions_are_taken_up_again(papers: Papers, newest: bool) -> None:
    resumed: list[bool] = []

    def ask(peer: Peer) -> None:
        resumed.append(peer.sock.session_reused)
        once(OK)(peer)

    with target(ask, tls=server(papers.here, newest=newest)) as there:
        transport = fresh(there, Tls(ca=papers.ca))
        for _ in range(3):
            assert transport.send("GET", b"/").status == 200
            gevent.sleep(0.02)
    assert resumed == [False, True, True]


def test_what_tls_says_by_itself_does_not_end_an_idle_connection(papers: Papers) -> None:
    """OpenSSL's own server sends what is typed in, and changes its key for a K."""
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", papers.here, "-naccept", "1"]
    with gevent.Timeout(20), Popen(command, stdin=PIPE, stdout=PIPE, stderr=STDOUT) as there:
        transport = WireTransport(f"https://127.0.0.1:{port}", {}, tls=Tls(ca=papers.ca))
        while there.stdout.readline().strip() != b"ACCEPT":
            pass
        try:
            for number in range(3):
                request = gevent.spawn(transport.send, "GET", b"/%d" % number)
                while not there.stdout.readline().startswith(b"GET /%d " % number):
                    pass
                there.stdin.write(OK)
                there.stdin.flush()
                answer = request.get()
                assert (answer.status, answer.body, answer.failure) == (200, b"ok", None)
                assert (answer.connect_us > 0) == (number == 0)
                there.stdin.write(b"K\n")
                there.stdin.flush()
                assert transport._connection is not None
                while not transport._connection.readable(0):
                    gevent.sleep(0.01)
        finally:
            there.kill()


def test_the_target_is_told_that_the_connection_ends(papers: Papers) -> None:
    ends: list[Any] = []

    def watch(peer: Peer) -> None:
        peer.sock.suppress_ragged_eofs = False
        peer.request()
        peer.send(OK)
        try:
            ends.append(peer.sock.recv(100))
        except OSError as error:
            ends.append(error)

    with target(watch, tls=server(papers.here)) as there:
        transport = fresh(there, Tls(ca=papers.ca))
        assert transport.send("GET", b"/").status == 200
        transport.close()
        there.peers.join(5)
    assert ends == [b""]


def test_a_body_until_close_is_whole_only_after_a_farewell(papers: Papers) -> None:
    def properly(peer: Peer) -> None:
        peer.request()
        peer.send(UNTIL_CLOSE)
        peer.sock.unwrap()

    with target(properly, once(UNTIL_CLOSE), tls=server(papers.here)) as there:
        transport = fresh(there, Tls(ca=papers.ca))
        assert transport.send("GET", b"/")[:2] == (200, b"all of it")
        answer = transport.send("GET", b"/")
        assert answer.failure == Failure("connection", "connection closed in mid-reply")


def test_large_bodies_both_ways(papers: Papers) -> None:
    large = bytes(3_000_000)
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(large) + large
    with target(replies(reply), tls=server(papers.here)) as there:
        transport = fresh(there, Tls(ca=papers.ca))
        for _ in range(2):
            answer = transport.send("POST", b"/", b"", large)
            assert (answer.status, len(answer.body), answer.bytes_in) == (200, 65536, len(reply))
    assert [len(request) for request in there.requests] == [answer.bytes_out] * 2
    assert there.connections == 1


def test_a_target_without_tls() -> None:
    with target(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as there:
        answer = WireTransport(there.url.replace("http", "https"), {}).send("GET", b"/")
    assert answer.failure is not None
    assert answer.failure.detail.startswith("TLS: ")
    assert answer.unsent


def test_files_that_are_not_there_are_said_at_once() -> None:
    with pytest.raises(OSError, match="No such file"):
        WireTransport("https://127.0.0.1:1", {}, tls=Tls(ca="/nowhere.pem"))
