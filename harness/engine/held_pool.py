"""geventhttpclient's pool of clients for one target: it connects to held addresses, and knows no other host."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from geventhttpclient.client import HTTPClientPool
from geventhttpclient.url import URL

from harness.engine.wire_site import numeric


class ForeignHostError(ConnectionError):
    """A request to a host that is not the target."""


class HeldPool(HTTPClientPool):
    """Clients of ``host`` alone. ``at``: addresses that sockets go to; without them names are asked for.

    ``headers`` go along where a proxy is asked for a tunnel.
    """

    def __init__(self, host: str, at: tuple[str, ...], headers: Mapping[str, str], **settings: Any) -> None:
        super().__init__(**settings)
        self._host = host
        self._at = at
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    def get_client(self, url: str | URL) -> Any:
        """The client for a URL. Raises ForeignHostError."""
        url = url if isinstance(url, URL) else URL(url)
        if url.host.strip("[]").lower() != self._host:
            raise ForeignHostError(url.host)
        known = len(self.clients)
        client = super().get_client(url)
        if len(self.clients) > known:
            self._hold(client._connection_pool)
        return client

    def _hold(self, pool: Any) -> None:
        at, port, ask = self._at, pool._connection_port, pool._proxy_connect_request
        if at:
            addresses = [address for each in at for address in numeric(each, port)]
            pool._resolve = lambda: [(family, socket.SOCK_STREAM, 0, "", address) for family, address in addresses]
        pool._proxy_connect_request = lambda: ask().removesuffix("\r\n") + self._lines + "\r\n"
