"""A server that writes down what it is asked, so that the same request in five languages can be compared."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit


class Heard(NamedTuple):
    method: str
    path: str
    query: tuple[tuple[str, Any], ...]
    body: Any
    headers: dict[str, str]


class Listener:
    def __init__(self, server: ThreadingHTTPServer, heard: list[Heard]) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.heard = heard


@contextmanager
def listening() -> Iterator[Listener]:
    heard: list[Heard] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = tuple((n, decoded(v)) for n, v in parse_qsl(parts.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = raw.decode()
            if "form" in headers.get("content-type", ""):
                body = parse_qsl(body, keep_blank_values=True)
            heard.append(Heard(self.command, unquote(parts.path), query, decoded(body), headers))
            reply = json.dumps({"ref": "11111111-2222-4333-8444-555555555555", "token": "t0k"}).encode()
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Listener(server, heard)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def decoded(value: Any) -> Any:
    """JSON as what it means, numbers compared as numbers; any other text as it is."""
    if not isinstance(value, str) or value[:1] not in "{[":
        return value
    try:
        return json.loads(value, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return value
