"""A sandbox behind a door of its own: with TLS or without, with a Date that is right or not."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness.sandbox.process import SandboxProcess

Door = Callable[..., Any]


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=20)


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: ca.pem, and certificates with their keys, of 127.0.0.1 or not."""
    folder = tmp_path_factory.mktemp("papers")
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    openssl("req", "-x509", *new, "-days", "2", "-subj", "/CN=Test CA", "-keyout", ca_key, "-out", ca)
    for name, days, alternative in (
        ("good", "300", "IP:127.0.0.1"),
        ("soon", "3", "IP:127.0.0.1"),
        ("expired", "-1", "IP:127.0.0.1"),
        ("elsewhere", "300", "DNS:elsewhere.test"),
    ):
        key, asked, made, extension = (folder / f"{name}.{kind}" for kind in ("key", "csr", "pem", "ext"))
        extension.write_text(f"subjectAltName={alternative}\n")
        openssl("req", *new, "-subj", f"/CN={name}", "-keyout", key, "-out", asked)
        openssl(
            "x509", "-req", "-in", asked, "-CA", ca, "-CAkey", ca_key, "-set_serial", str(len(name)), "-days", days,
            "-extfile", extension, "-out", made,
        )  # fmt: skip
        made.write_text(made.read_text() + key.read_text())
    return folder


@pytest.fixture
def door(sandbox: SandboxProcess) -> Door:
    """A way to the sandbox: ``door(certificate, clock_off_s, refuse)`` is a context that gives its URL and what was asked."""

    @contextmanager
    def open_door(
        certificate: Path | None = None, clock_off_s: float | None = None, refuse: int | None = None
    ) -> Iterator[tuple[str, list[str]]]:
        behind = urlsplit(sandbox.url)
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked.append(self.path)
                connection = http.client.HTTPConnection(str(behind.hostname), int(behind.port or 0), timeout=10)
                connection.request("GET", self.path, headers=dict(self.headers.items()))
                reply = connection.getresponse()
                body = reply.read()
                self.send_response_only(refuse or reply.status)
                if clock_off_s is not None:
                    self.send_header("Date", formatdate(time.time() + clock_off_s, usegmt=True))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                connection.close()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            server.server_close()

    return open_door


SCENARIO = """\
scenario: fit
target:
  url: {url}
  client_key: {key}
  api_token: {token}
  point_of_sale: {pos}
  environment: {environment}
{tls}
defaults: {{channel: WEB, language: EN, currency: GBP, page: home page}}
catalog: [{{item_id: A, type: SHOES, name: A, price: 1.00}}]
journeys:
  look: {{think: 1s, steps: [browse: home page]}}
load: {{users: {users}, duration: 10s}}
"""
USUAL = {
    "key": "sandbox",
    "token": "sandbox",
    "pos": "pastoral-witty-grill",
    "environment": "test",
    "tls": "",
    "users": 5,
}


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Path]:
    """Writes a scenario for a target."""

    def write(url: str, **places: object) -> Path:
        path = tmp_path / "fit.yaml"
        path.write_text(SCENARIO.format(url=url, **{**USUAL, **places}), "utf-8")
        return path

    return write


def basic(key: str, token: str) -> str:
    return base64.b64encode(f"{key}:{token}".encode()).decode()


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
