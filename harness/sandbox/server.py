"""Runs the sandbox in this process until a signal ends it."""

import errno
import gc
import heapq
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from harness.sandbox.app import create_app, open_store
from harness.sandbox.config import SandboxConfig, SandboxError
from harness.sandbox.connection import KEEP_ALIVE_S, Connection
from harness.sandbox.store import Store

_TICKS_A_SECOND = 10
"""uvicorn's."""

_OTHER_FILES = 64
_MEMORY = Path("/proc/self/statm")


def serve(
    config: SandboxConfig,
    host: str,
    port: int,
    on_ready: Callable[[str], None],
    on_rejected: Callable[[str], None] | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM, then returns.

    Port 0 is any free one. ``on_ready`` gets the URL, like ``http://127.0.0.1:8080``, once connections are accepted,
    ``on_rejected`` a point of sale that is not known, when the first event of it comes. Raises SandboxError when it cannot
    listen there, or cannot use its experiences, faults or data file. Signals reach the main thread only.
    """
    listener = _listen(host, port)
    _make_room(config.limits.connections)
    # What the store keeps, it keeps: looking through all of it again and again for garbage would stop the
    # world for 0.2 s with 20,000 guests, and more with more. Young garbage is still collected.
    gc.set_threshold(10_000, 10, 1_000_000)
    with listener, closing(open_store(config)) as store:
        store.on_rejected = on_rejected
        _serve(create_app(config, store), store, listener, on_ready)


def _make_room(connections: int) -> None:
    """Lets this process open as many sockets as it may, up to what it will use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _serve(app: ASGIApp, store: Store, listener: socket.socket, on_ready: Callable[[str], None]) -> None:
    settings = uvicorn.Config(
        app,
        http=Connection,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )
    _Server(settings, store, on_ready, _url(listener)).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it is ready, keeps its bounds, and takes the signals without raising them again at the end."""

    def __init__(self, config: uvicorn.Config, store: Store, on_ready: Callable[[str], None], url: str) -> None:
        super().__init__(config)
        self._store = store
        self._on_ready = on_ready
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready(self._url)

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_A_SECOND == 0:
            Connection.second += 1
            limits = self._store.limits
            for each in self._connections():
                each.cut_off_if_slow(limits.slow_client_s)
            self._make_way(limits.connections)
            self._store.is_full = resident_bytes() > limits.memory_bytes
        return await super().on_tick(counter)

    def _connections(self) -> list[Connection]:
        return [cast(Connection, each) for each in self.server_state.connections]

    def _make_way(self, most: int) -> None:
        """Closes the connections beyond ``most``: those first that never asked anything, or not for longest."""
        idle = [each for each in self._connections() if not each.is_at_work]
        too_many = len(self.server_state.connections) - most
        if too_many > 0:
            for each in heapq.nsmallest(too_many, idle, key=lambda one: (one.has_asked, one.since)):
                each.transport.abort()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def resident_bytes() -> int:
    """The memory that this process takes; 0 where the system does not say."""
    try:
        return int(_MEMORY.read_text("ascii").split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        # getaddrinfo would take it modulo 65536.
        raise SandboxError(f"Port {port} does not exist: choose one up to 65535, or 0 for any free one.")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError, OverflowError) as error:
        raise SandboxError(f"The sandbox cannot listen on {host!r}: there is no such address.") from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} on {host} is in use: choose another, or 0 for any free one."
        else:
            message = f"The sandbox cannot listen on {host} port {port}: {error.strerror}."
        raise SandboxError(message) from error
    return listener


def _url(listener: socket.socket) -> str:
    """Where to reach it: for "every address", the loopback."""
    host, port = listener.getsockname()[:2]
    if listener.family == socket.AF_INET6:
        return f"http://[{'::1' if host == '::' else host}]:{port}"
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - compared, not bound
