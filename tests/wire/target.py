"""A target that does what a script says, over gevent's sockets, in the test's own hub."""

from __future__ import annotations

import socket as constants
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gevent
import gevent.socket
from gevent.pool import Group

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Peer:
    """The target's end of one connection."""

    def __init__(self, sock: Any, target: Target) -> None:
        self.sock = sock
        self._target = target
        self._buffer = b""

    def request(self) -> bytes:
        """The next whole request; empty when the other end has closed."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if not self._more():
                return b""
        end += 4
        for line in self._buffer[:end].lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                end += int(line.split(b":")[1])
        while len(self._buffer) < end:
            if not self._more():
                return b""
        request, self._buffer = self._buffer[:end], self._buffer[end:]
        self._target.requests.append(request)
        return request

    def _more(self) -> bool:
        data = self.sock.recv(65536)
        self._buffer += data
        return bool(data)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reset(self) -> None:
        """Close so that the other end hears of a reset."""
        self.sock.setsockopt(constants.SOL_SOCKET, constants.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Script = Callable[[Peer], None]


def replies(*data: bytes) -> Script:
    """Answer each request with the next of these, and the last again and again."""

    def script(peer: Peer) -> None:
        number = 0
        while peer.request():
            peer.send(data[min(number, len(data) - 1)])
            number += 1

    return script


def once(reply: bytes) -> Script:
    """Answer one request, and close."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(reply)

    return script


class Target:
    """Its scripts are for the first connection, the second, …; the last is for all later ones."""

    def __init__(self, scripts: tuple[Script, ...], host: str, tls: Any) -> None:
        self._scripts = scripts
        self._tls = tls
        self.requests: list[bytes] = []
        self.connections = 0
        self.peers = Group()
        family = constants.AF_INET6 if ":" in host else constants.AF_INET
        self._listener = gevent.socket.socket(family, constants.SOCK_STREAM)
        self._listener.bind((host, 0))
        self._listener.listen(128)
        self.port = self._listener.getsockname()[1]
        literal = f"[{host}]" if ":" in host else host
        self.url = f"http{'s' if tls else ''}://{literal}:{self.port}"
        self._accepting = gevent.spawn(self._accept)

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            self.peers.spawn(self._serve, sock, script)

    def _serve(self, sock: Any, script: Script) -> None:
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
            script(Peer(sock, self))
        except OSError:
            pass
        finally:
            sock.close()

    def close(self) -> None:
        self._accepting.kill()
        self.peers.kill()
        self._listener.close()


@contextmanager
def target(*scripts: Script, host: str = "127.0.0.1", tls: Any = None) -> Iterator[Target]:
    """A target at work, and not for longer than a test may take."""
    made = Target(scripts, host, tls)
    try:
        with gevent.Timeout(20):
            yield made
    finally:
        made.close()
