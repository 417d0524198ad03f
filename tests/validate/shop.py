"""A stand-in that shows guests and orders as sparsely as the CDP's reference does: lists of links, to be followed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Shop:
    """``replies``: path with query, or path alone, to (status, headers, document). ``asked``: what came."""

    def __init__(self) -> None:
        self.replies: dict[str, list[tuple[int, dict[str, str], Any]]] = {}
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    def on(self, path: str, document: Any, status: int = 200, **headers: str) -> None:
        """Answer a path so; the last of several answers stays."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies.setdefault(path, []).append((status, named, document))


@contextmanager
def serving() -> Iterator[Shop]:
    """A shop on a free port of the loopback."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shop.asked.append((self.path, self.headers.get("Authorization") or ""))
            known = shop.replies.get(self.path) or shop.replies.get(self.path.partition("?")[0])
            status, headers, document = (known.pop(0) if len(known) > 1 else known[0]) if known else (404, {}, {})
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
