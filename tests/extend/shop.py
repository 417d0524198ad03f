"""A plain shop, as small as can be: what examples/harness-shop speaks to."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "of-the-test"


class Shop:
    """What has arrived. ``refused`` says why something was not taken."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.baskets: dict[str, list[dict[str, Any]]] = {}
        self.owners: set[str] = set()
        self.refused: list[str] = []
        self.lock = threading.Lock()
        self.url = ""

    def answer(self, method: str, url: str, body: Any) -> tuple[int, Any]:
        """Status and JSON of a reply."""
        parts = urlsplit(url).path.strip("/").split("/")
        match method, parts:
            case "POST", ["baskets"]:
                number = f"b{len(self.baskets)}"
                self.baskets[number] = []
                self.owners.add(body["owner"])
                return 201, {"id": number}
            case "POST", ["baskets", number, "lines"] if number in self.baskets:
                self.baskets[number].append(body)
                return 201, {}
            case "POST", ["baskets", number, "order"] if self.baskets.get(number):
                self.done[f"pay {body['method']}"] += 1
                return 201, {"order": number}
            case "GET", ["products", number]:
                return 200, {"id": number}
            case "GET", ["search"]:
                query = parse_qs(urlsplit(url).query)
                return (200, []) if query["q"] == ["green socks"] and query["sort"] == ["price"] else (400, query)
            case "GET", [""]:
                return 200, {}
        return 404, {}


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A shop on a free port of the loopback."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet a reply

        def _reply(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with shop.lock:
                status, found = shop.answer(self.command, self.path, json.loads(raw) if raw else None)
                if self.path not in ("/", "/_sandbox/stats"):
                    if self.headers.get("X-Shop-Key") != KEY:
                        status = 401
                    shop.done[f"{self.command} {self.path.partition('?')[0].split('/')[-1]}"] += 1
                    if status >= 400:
                        shop.refused.append(f"{status} {self.command} {self.path}")
            data = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _reply

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
