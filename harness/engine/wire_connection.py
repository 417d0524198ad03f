"""One connection of the wire transport, and how its greenlet waits for it.

No timer is set for a request: a sweeper looks at all connections every SWEEP_S, so a timeout can come so much late.
"""

from __future__ import annotations

import _socket
import contextlib
import errno
import os
import select
import socket
import weakref
from time import perf_counter_ns
from typing import Any, ClassVar, Final

from gevent import get_hub, getcurrent, monkey

from harness.engine.http_reply import ReplyReader
from harness.engine.wire_tls import TlsPipe

SWEEP_S = 0.1
_PIECE = 64 * 1024
_READ: Final = 1
_READ_WRITE: Final = 3
_NEVER: Final = 1 << 62
_READY, _LATE, _CLOSED = "ready", "late", "closed"
_poll: Any = monkey.get_original("select", "poll")  # gevent's own would visit the hub


class TooLateError(Exception):
    """The time for a step is over."""


class Connection:
    """An open socket, and how its greenlet waits for it. After any error it is only closed."""

    __slots__ = (
        "__weakref__", "_deadline", "_hub", "_sweeper", "_waiting", "_watcher", "readable", "reader", "sock", "tls",
        "unsent",
    )  # fmt: skip

    def __init__(self, sock: _socket.socket) -> None:
        self.sock = sock  # the C class: gevent's and Python's own cost twice the time and more memory
        self.sock.setblocking(False)
        self.reader = ReplyReader()
        self.tls: TlsPipe | None = None
        self.unsent: memoryview | bytes = b""
        """What the kernel has not taken yet. It goes out while the reply is waited for."""
        self._hub: Any = get_hub()
        self._watcher = self._hub.loop.io(self.sock.fileno(), _READ)
        poll = _poll()
        poll.register(self.sock.fileno(), select.POLLIN)
        self.readable = poll.poll
        self._waiting: Any = None
        self._deadline = _NEVER
        self._sweeper = Sweeper.of(self._hub)
        self._sweeper.add(self)

    def alive(self) -> bool:
        """Asked when an idle connection is readable: the peer has closed, or said something nobody asked for.

        Only in TLS that can be right: a ticket for the next session.
        """
        if self.tls is None:
            return False
        try:
            raw = self.sock.recv(_PIECE)
            return raw != b"" and not self.decrypt(raw) and not self.tls.closed
        except OSError:
            return False

    def receive(self, deadline: int) -> bytes:
        """What comes, b"" at the end. Raises OSError or TooLateError."""
        while True:
            if self.unsent:
                self._send_on(deadline)
            else:
                self._wait(self._watcher, deadline)
            try:
                return self.sock.recv(_PIECE)
            except BlockingIOError:
                continue

    def decrypt(self, raw: bytes) -> bytes:
        """What came, through TLS. TLS may have something to say to it. Raises ssl.SSLError."""
        assert self.tls is not None
        data = self.tls.decrypt(raw)
        if out := self.tls.outgoing():
            self.unsent = memoryview(bytes(self.unsent) + out)
            self._send_some()
        return data

    def shake(self, tls: TlsPipe, deadline: int) -> None:
        """Agree on TLS. Raises OSError or TooLateError."""
        raw = b""
        while True:
            try:
                done = tls.shake(raw)
            finally:  # what went wrong is told to the peer
                self.unsent = memoryview(bytes(self.unsent) + tls.outgoing())
                self._send_some()
            if done:
                self.tls = tls
                return
            if not (raw := self.receive(deadline)):
                raise ConnectionResetError

    def connect(self, address: Any, deadline: int) -> None:
        """Raises OSError or TooLateError."""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = self.sock.connect_ex(address)
        if code in {errno.EINPROGRESS, errno.EWOULDBLOCK}:
            self._wait_for(_READ_WRITE, deadline)
            code = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def close(self) -> None:
        """Say goodbye in TLS, and close."""
        if self.tls is not None:
            with contextlib.suppress(OSError):
                self.sock.send(self.tls.close())
        self._sweeper.discard(self)
        self._watcher.stop()
        self._watcher.close()
        self.sock.close()
        if (waiting := self._waiting) is not None and waiting is not getcurrent():
            self._hub.loop.run_callback(self._wake, waiting, _CLOSED)

    def sweep(self, now: int) -> None:
        """Called in the hub: the time for what is waited for may be over."""
        if self._deadline <= now:
            self._wake(self._waiting, _LATE)

    def _wake(self, waiting: Any, why: str) -> None:
        if waiting is not None and waiting is self._waiting:
            waiting.switch(why)

    def _send_on(self, deadline: int) -> None:
        """Wait until more of the request can be sent, or something comes, and send."""
        self._wait_for(_READ_WRITE, deadline)
        self._send_some()

    def _send_some(self) -> None:
        """A peer that takes no more may have replied already, so a broken pipe shows when reading."""
        with contextlib.suppress(OSError):
            while self.unsent:
                self.unsent = self.unsent[self.sock.send(self.unsent) :]

    def _wait_for(self, events: int, deadline: int) -> None:
        watcher = self._hub.loop.io(self.sock.fileno(), events)
        try:
            self._wait(watcher, deadline)
        finally:
            watcher.close()

    def _wait(self, watcher: Any, deadline: int) -> None:
        """Sleep in the hub until the socket is ready. Raises TooLateError, or OSError when it is closed meanwhile."""
        hub = self._hub
        me = getcurrent()
        self._waiting = me
        self._deadline = deadline
        watcher.start(me.switch, _READY)
        try:
            while (why := hub.switch()) is not _READY:
                if why is _LATE:
                    raise TooLateError
                if why is _CLOSED:
                    raise OSError(errno.EBADF, "closed by this side")
        finally:
            watcher.stop()
            self._deadline = _NEVER
            self._waiting = None


class Sweeper:
    """Wakes the greenlets of one hub whose time is over. It keeps no connection alive, nor the hub's loop."""

    _all: ClassVar[weakref.WeakKeyDictionary[Any, Sweeper]] = weakref.WeakKeyDictionary()

    @classmethod
    def of(cls, hub: Any) -> Sweeper:
        """The one of a hub."""
        if (sweeper := cls._all.get(hub)) is None:
            sweeper = cls._all[hub] = cls(hub.loop)
        return sweeper

    def __init__(self, loop: Any) -> None:
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self.add = self._connections.add
        self.discard = self._connections.discard
        self._timer = loop.timer(SWEEP_S, SWEEP_S, ref=False)
        self._timer.start(self._sweep)

    def _sweep(self) -> None:
        now = perf_counter_ns()
        for connection in list(self._connections):
            connection.sweep(now)
