"""A server that answers late by a known distribution, and keeps a log of its own: received to replied.

    python -m benchmarks.delaying 'bimodal 5 100 0.1'

Delays (ms): ``constant D``; ``bimodal A B SHARE``: B for so large a share, else A; ``lognormal MEDIAN SIGMA``;
``stall D S FIRST EVERY``: D, but what is due in a stall of S seconds (the first FIRST seconds after the first request,
then every EVERY seconds) is replied at its end. Requests whose path begins with ``/_`` are for the server itself.
"""

from __future__ import annotations

import asyncio
import math
import random
import socket
import subprocess
import sys
import urllib.request
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, perf_counter_ns
from typing import Any

import uvloop

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"


class _Delays:
    """Seconds to wait, one request after the other."""

    def __init__(self, kind: str, *numbers: float) -> None:
        self._kind = kind
        self._numbers = numbers
        self._rng = random.Random(1)
        self._began: float | None = None
        self.next: Callable[[], float] = getattr(self, f"_{kind}")

    def _constant(self) -> float:
        return self._numbers[0] / 1000

    def _bimodal(self) -> float:
        low, high, share = self._numbers
        return (high if self._rng.random() < share else low) / 1000

    def _lognormal(self) -> float:
        median, sigma = self._numbers
        return self._rng.lognormvariate(math.log(median / 1000), sigma)

    def _stall(self) -> float:
        base, length, first, every = self._numbers
        now = perf_counter()
        if self._began is None:
            self._began = now
        due = now - self._began + base / 1000 - first
        within = due % every
        return base / 1000 + (length - within if due >= 0 and within < length else 0.0)


class _Connection(asyncio.Protocol):
    """One client's connection; requests without bodies, one at a time."""

    def __init__(self, delays: _Delays, log: array[int]) -> None:
        self._delays = delays
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        received = perf_counter_ns()
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            path = head.split(b" ", 2)[1]
            if path == b"/_log":
                self._write(self._log.tobytes())
            elif path.startswith(b"/x"):
                self._loop.call_later(self._delays.next(), self._reply, received)
            else:
                self._write(b"ok")

    def _reply(self, received: int) -> None:
        if not self._transport.is_closing():
            self._log.append((perf_counter_ns() - received) // 1000)
            self._write(b"ok")

    def _write(self, body: bytes) -> None:
        self._transport.write(_OK % (len(body), body))


async def _serve(listening: socket.socket, delays: _Delays) -> None:
    log: array[int] = array("q")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(delays, log), sock=listening, backlog=8192)
    async with server:
        await server.serve_forever()


class Delaying:
    """A running one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def log(self) -> list[int]:
        """Its own service times (µs), from the shortest to the longest."""
        with urllib.request.urlopen(f"{self.url}/_log", timeout=10) as reply:
            times: array[int] = array("q")
            times.frombytes(reply.read())
        return sorted(times)


@contextmanager
def delaying(spec: str, core: int | None = None) -> Iterator[Delaying]:
    """A process of its own, on that core or on any."""
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    with subprocess.Popen(
        [*pinned, sys.executable, "-m", "benchmarks.delaying", spec],
        cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            yield Delaying(process.stdout.readline().strip())
        finally:
            process.terminate()


if __name__ == "__main__":
    kind, *numbers = sys.argv[1].split()
    bound = socket.create_server(("127.0.0.1", 0), backlog=8192)
    print(f"http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
    uvloop.run(_serve(bound, _Delays(kind, *map(float, numbers))))
