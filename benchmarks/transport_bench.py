"""Transports alone, side by side: requests per second of one core, what a timeout and a parser cost, bytes a user.

    python -m benchmarks.transport_bench

Closed loop, nginx on the other core as in throughput.py, nothing between the transport and the loop. Each
measurement is a process of its own; rounds are interleaved, so that a machine that gets slower gets slower for all.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from geventhttpclient._parser import HTTPResponseParser

from benchmarks.nginx import PORT, REPLY, missing_tools, nginx
from harness.engine import wire_connection as module
from harness.engine.fast_http import FastHttpTransport
from harness.engine.http_reply import ReplyReader
from harness.engine.wire import WireTransport

ROUNDS = max(int(os.environ.get("BENCH_ROUNDS", "3")), 3)
USERS = 50
SECONDS = 2.0
CONNECTIONS = 3000
URL = f"http://127.0.0.1:{PORT}"
TARGET = b"/v1.2/event/create.json?client_key=x&message=%7B%22type%22%3A%22VIEW%22%7D"
HEADERS = {"User-Agent": "bench", "Accept": "application/json"}
DATA = (
    b"HTTP/1.1 201 Created\r\nServer: nginx/1.22.1\r\nDate: Tue, 01 Jan 2030 00:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n%s"
    % (len(REPLY), REPLY.encode())
)


def fast() -> Any:
    """Locust's FastHttpSession behind the same interface."""
    return FastHttpTransport(URL, HEADERS)


def wire() -> Any:
    """As users have it."""
    return WireTransport(URL, HEADERS)


def wire_gevent_timeout() -> Any:
    """The same with a gevent.Timeout around each request, which the sweeper is there to spare."""

    class Timed(WireTransport):
        __slots__ = ()

        def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes = b"") -> Any:
            with gevent.Timeout(30):
                return super().send(method, target, headers, body)

    return Timed(URL, HEADERS)


def wire_no_check() -> Any:
    """The same without asking the kernel before each request whether the peer has closed."""
    transport = WireTransport(URL, HEADERS)
    transport.send("GET", TARGET)
    assert transport._connection is not None
    transport._connection.readable = lambda _: []
    return transport


def wire_other_parser() -> Any:
    """The same with geventhttpclient's parser, doing less than ours: no limits, no codings, no surplus."""
    module.ReplyReader = _other_reader()
    return WireTransport(URL, HEADERS)


def _other_reader() -> Any:
    class Reader(HTTPResponseParser):
        def __init__(self) -> None:
            super().__init__()
            self.body = self.head = b""
            self.head_only = self.done = False
            self.reusable = True

        def _nothing(self, *_: object) -> None:
            pass

        _on_message_begin = _on_status = _on_header_field = _on_header_value = _nothing

        def _on_headers_complete(self) -> bool:
            return self.head_only

        def _on_body(self, piece: Any) -> None:
            self.body = bytes(piece)

        def _on_message_complete(self) -> None:
            self.done = True
            self.reusable = self.should_keep_alive()
            self.status = self.get_code()

        def feed(self, data: bytes) -> bool:  # type: ignore[override]
            self.done = False
            super().feed(data)
            return self.done

        def end(self) -> bool:
            return False

    return Reader


CONTESTANTS: dict[str, Callable[[], Any]] = {
    "FastHttpSession": fast,
    "wire": wire,
    "wire, gevent.Timeout": wire_gevent_timeout,
    "wire, no idle check": wire_no_check,
    "wire, geventhttpclient": wire_other_parser,
}


def rate(make: Callable[[], Any]) -> tuple[float, float]:
    """Requests of USERS greenlets per second and per second of this process's CPU, after a short start."""
    counts = [0] * USERS
    stop = False

    def user(number: int) -> None:
        transport = make()
        while not stop:
            reply = transport.send("GET", TARGET)
            assert reply.status == 201, reply
            counts[number] += 1
        transport.close()

    users = [gevent.spawn(user, number) for number in range(USERS)]
    gevent.sleep(0.3)
    before, begun, cpu = sum(counts), time.perf_counter(), time.process_time()
    gevent.sleep(SECONDS)
    done = sum(counts) - before
    result = done / (time.perf_counter() - begun), done / (time.process_time() - cpu)
    stop = True
    gevent.joinall(users, raise_error=True)
    return result


def memory(make: Callable[[], Any]) -> float:
    """Resident bytes of one user's transport after a request, on CONNECTIONS open ones."""
    make().send("GET", TARGET)
    gc.collect()
    before = _resident()
    transports = [make() for _ in range(CONNECTIONS)]
    for transport in transports:
        assert transport.send("GET", TARGET).status == 201
    gc.collect()
    return (_resident() - before) / CONNECTIONS


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def parsers() -> dict[str, float]:
    """Microseconds to read one common reply, by reader; best of interleaved rounds."""
    readers = {"httptools, as used": ReplyReader(), "geventhttpclient": _other_reader()()}
    best = dict.fromkeys(readers, 1e9)
    for _ in range(7):
        for name, reader in readers.items():
            assert reader.feed(DATA)
            taken = timeit.timeit(lambda feed=reader.feed: feed(DATA), number=50_000) / 50_000 * 1e6
            best[name] = min(best[name], taken)
    return best


def _child(what: str, name: str) -> Any:
    done = subprocess.run(
        ["taskset", "-c", "0", sys.executable, "-m", "benchmarks.transport_bench", what, name],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _measure(what: str, name: str) -> Any:
    """In the child. Importing Locust has patched Python's sockets, for all contestants alike."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20_000)), hard))
    if what == "parsers":
        return parsers()
    return (rate if what == "rate" else memory)(CONTESTANTS[name])


def run() -> dict[str, Any]:
    """Measure everything; prints as it goes."""
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTESTANTS}
    with tempfile.TemporaryDirectory() as folder, nginx(Path(folder)):
        for number in range(ROUNDS):
            for name, values in rates.items():
                values.append(_child("rate", name))
                print(f"round {number + 1}  {name:<24} {values[-1][0]:>9,.0f} requests/s", flush=True)
        bytes_a_user = {name: _child("memory", name) for name in ("FastHttpSession", "wire")}
    reading = _child("parsers", "-")
    base = [max(values[of] for values in rates["FastHttpSession"]) for of in (0, 1)]
    print(f"\n{'best of the rounds':<24} {'a second':>10} {'ratio':>8} {'a CPU second':>14} {'ratio':>8}")
    for name, values in rates.items():
        wall, cpu = (max(value[of] for value in values) for of in (0, 1))
        print(f"{name:<24} {wall:>10,.0f} {wall / base[0]:>7.2f}× {cpu:>14,.0f} {cpu / base[1]:>7.2f}×")
    for name, size in bytes_a_user.items():
        print(f"{name:<24} {size:>10,.0f} bytes a user, {CONNECTIONS} connections")
    for name, taken in reading.items():
        print(f"{name:<24} {taken:>10.2f} µs to read a reply")
    return {"requests_per_s": rates, "bytes_a_user": bytes_a_user, "parse_us": reading}


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(_measure(*sys.argv[1:])))
    elif problem := missing_tools():
        sys.exit(problem)
    else:
        run()
