"""urllib3's connections, made to held addresses."""

from __future__ import annotations

import socket
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


def held_pools(at: tuple[str, ...]) -> dict[str, Any]:
    """Pools by scheme, for ``PoolManager.pool_classes_by_scheme``; without addresses names are asked for, as usual."""
    if not at:
        return {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}

    def connected(connection: Any, one: Any) -> socket.socket:
        """A socket to the first address that takes one. ``_dns_host`` is where urllib3 connects to; all else keeps the name."""
        name, last = connection._dns_host, None
        try:
            for address in at:
                connection._dns_host = address
                try:
                    made: socket.socket = one(connection)
                    return made
                except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
                    last = error
        finally:
            connection._dns_host = name
        assert last is not None
        raise last

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self, HTTPConnection._new_conn)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self, HTTPSConnection._new_conn)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
