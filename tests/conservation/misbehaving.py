"""A server that misbehaves by a seeded script and counts what it did, in a process of its own.

    python -m tests.conservation.misbehaving 7

A request counts as received when all of it was read. A connection that is reset with a request unread in it counts as
unread: its sender has sent, and this server has not seen it. ``/_counts`` tells.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmarks.truthful import ROOT

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\no\r\n1\r\nk\r\n0\r\nT: x\r\n\r\n"
HUGE = 20 * 1024 * 1024
IDLE_S = 0.05
WAYS = {
    "ok": 60, "busy": 6, "split": 4, "huge": 1, "closes idle": 6, "reset": 3, "cut off": 3, "half closed": 3, "garbage": 3,
    "surplus": 3,
}  # fmt: skip
RESET_UNREAD = 0.05
"""Of the connections."""
counts: Counter[str] = Counter()


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _reply(way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One reply; whether the connection goes on."""
    if way == "split":
        for place in range(len(CHUNKED)):
            writer.write(CHUNKED[place : place + 1])
            await writer.drain()
            await asyncio.sleep(0)
        return True
    if way == "huge":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % HUGE)
        for _ in range(HUGE // 65536):
            writer.write(bytes(65536))
            await writer.drain()
        return True
    if way == "closes idle":
        writer.write(OK)
        await asyncio.sleep(IDLE_S)
        with suppress(TimeoutError, OSError):
            if await asyncio.wait_for(reader.read(65536), 0.001):
                counts["unread"] += 1
        return False
    if way == "reset":
        _reset(writer)
        return False
    if way == "cut off":
        writer.write(OK[:-1])
        return False
    if way == "half closed":
        writer.write(OK[:20])
        writer.write_eof()
        await reader.read()
        return False
    writer.write({"ok": OK, "busy": BUSY, "garbage": b"\x00\xff nonsense\r\n\r\n", "surplus": OK + OK}[way])
    return way not in {"garbage", "surplus"}


def _server(seed: int) -> Iterator[object]:
    rng = random.Random(seed)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        goes_on = True
        try:
            if rng.random() < RESET_UNREAD:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.split(b" ")[1].startswith(b"/x"):
                    counts["unread"] += 1
                    _reset(writer)
                    return
                await _own(head, writer)
            while goes_on:
                head = await reader.readuntil(b"\r\n\r\n")
                if not head.split(b" ")[1].startswith(b"/x"):
                    await _own(head, writer)
                    continue
                counts["received"] += 1
                (way,) = rng.choices([*WAYS], [*WAYS.values()])
                counts[way] += 1
                goes_on = await _reply(way, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    yield serve


async def _own(head: bytes, writer: asyncio.StreamWriter) -> None:
    body = json.dumps(counts).encode() if b"/_counts" in head else b"ok"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    await writer.drain()


async def _main(seed: int) -> None:
    (serve,) = _server(seed)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)  # type: ignore[arg-type]
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


class Misbehaving:
    """A running one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def counts(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.url}/_counts", timeout=10) as reply:
            return Counter(json.load(reply))


@contextmanager
def misbehaving(seed: int) -> Iterator[Misbehaving]:
    """At work."""
    command = [sys.executable, "-m", "tests.conservation.misbehaving", str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Misbehaving(process.stdout.readline().strip())
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
