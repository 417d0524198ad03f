"""Where hosts are: asked once, before anything is sent, and held from then on.

A name that answers otherwise later cannot lead a load away from what was looked at and allowed: every connection of a
run goes to these addresses. Host header and TLS keep the name.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import gevent
import gevent.socket

from harness.engine.target_errors import UnreachableError

LOOK_UP_S = 10.0
MOST_ADDRESSES = 64
"""Of one host."""


@dataclass(frozen=True, slots=True)
class Held:
    """Hosts with their addresses, in the order in which they are tried."""

    hosts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def at(self, host: str) -> tuple[str, ...]:
        """The addresses of a host; empty for one that is not held."""
        return dict(self.hosts).get(host, ())

    @property
    def first(self) -> tuple[str, ...]:
        """The addresses of the first host: where connections go to."""
        return self.hosts[0][1] if self.hosts else ()

    def pack(self) -> list[list[object]]:
        """Plain values. ``unpack`` takes them back."""
        return [[host, list(addresses)] for host, addresses in self.hosts]

    @classmethod
    def unpack(cls, packed: Iterable[Iterable[object]]) -> Held:
        """What ``pack`` made."""
        return cls(tuple((str(host), tuple(map(str, addresses))) for host, addresses in packed))  # type: ignore[call-overload]


def look_up(hosts: Iterable[str]) -> Held:
    """The addresses of hosts, each asked for once. Raises UnreachableError for a host without any."""
    return Held(tuple((host, _addresses(host)) for host in dict.fromkeys(hosts)))


def _addresses(host: str) -> tuple[str, ...]:
    """The addresses of a host; of one that is an address, just that: nobody is asked."""
    with contextlib.suppress(ValueError):
        return (str(ipaddress.ip_address(host)),)
    found: list[str] = []
    try:
        with gevent.Timeout(LOOK_UP_S, False):
            found = [str(entry[4][0]) for entry in gevent.socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        pass
    if not found:
        raise UnreachableError(f"{host} cannot be reached: its name cannot be resolved")
    return tuple(dict.fromkeys(found))[:MOST_ADDRESSES]
