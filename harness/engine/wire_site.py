"""Where requests go: the addresses of a host, and what all transports of one base URL share."""

from __future__ import annotations

import _socket
import contextlib
import functools
import socket
from time import perf_counter_ns
from typing import Any
from urllib.parse import urlsplit

import gevent
import gevent.socket

from harness.engine.wire_connection import Connection, TooLateError
from harness.engine.wire_tls import tls_context
from harness.scenario.model import Tls

_Address = tuple[int, Any]


class Addresses:
    """Where a host is: held addresses, else asked once a process. Those that could not be reached go behind the others."""

    def __init__(self, host: str, port: int, at: tuple[str, ...] = ()) -> None:
        self._host = host
        self._port = port
        self._found = [address for each in at for address in numeric(each, port)]
        self._asking: Any = None
        self._turn = 0

    def connect(self, deadline: int) -> Connection:
        """A connection to one of them; users take turns among those of the first's kind. Raises OSError, TooLateError."""
        addresses = self._in_turn(deadline)
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            now = perf_counter_ns()
            connection = Connection(_socket.socket(address[0], socket.SOCK_STREAM))
            try:
                connection.connect(address[1], now + (deadline - now) // left)
                return connection
            except BaseException as error:
                connection.close()
                if left == 1 or not isinstance(error, (OSError, TooLateError)):
                    raise
                with contextlib.suppress(ValueError):
                    self._found.remove(address)
                    self._found.append(address)
        raise AssertionError("a name has an address")

    def _in_turn(self, deadline: int) -> list[_Address]:
        if not self._found:
            if self._asking is None:
                self._asking = gevent.spawn(self._ask)
            asking = self._asking
            asking.join(max(0, deadline - perf_counter_ns()) / 1e9)
            if not asking.ready():
                raise TooLateError
            if not self._found:
                raise OSError(0, "the target's name cannot be resolved")
        alike = [address for address in self._found if address[0] == self._found[0][0]]
        others = [address for address in self._found if address[0] != self._found[0][0]]
        self._turn += 1
        start = self._turn % len(alike)
        return alike[start:] + alike[:start] + others

    def _ask(self) -> None:
        try:
            found = gevent.socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            self._found = [(entry[0], entry[4]) for entry in found]
        except (OSError, UnicodeError):
            pass
        finally:
            self._asking = None


def numeric(address: str, port: int) -> list[_Address]:
    """An address as a socket takes it. Asks nobody. Raises OSError when it is none."""
    found = _socket.getaddrinfo(address, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    return [(entry[0], entry[4]) for entry in found]


class Site:
    """What all transports of one base URL, one set of headers and one set of held addresses share."""

    def __init__(
        self, base_url: str, headers: tuple[tuple[str, str], ...], settings: Tls, at: tuple[str, ...] = ()
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or "?" in base_url:
            raise ValueError(f"not the base URL of a target: {base_url!r}")
        self.host = parts.hostname
        self.tls = tls_context(settings) if parts.scheme == "https" else None
        self.addresses = _addresses(self.host, parts.port or (443 if self.tls else 80), at)
        self.starts: dict[str, bytes] = {}
        self._prefix = parts.path.rstrip("/").encode("ascii")
        lines = {name.lower(): f"{name}: {value}\r\n" for name, value in headers}
        host = lines.pop("host", f"Host: {parts.netloc}\r\n")
        self.middle = f" HTTP/1.1\r\n{host}{''.join(lines.values())}".encode("latin-1")

    def start(self, method: str) -> bytes:
        """The first bytes of a request, up to the target."""
        start = self.starts[method] = method.encode("ascii") + b" " + self._prefix
        return start


site_of = functools.lru_cache(maxsize=64)(Site)
_addresses = functools.lru_cache(maxsize=64)(Addresses)
