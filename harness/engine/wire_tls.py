"""TLS between the wire transport and its socket: bytes in, bytes out, no sockets here.

Python's SSLObject over memory buffers leaves the socket to the transport, so that plain and encrypted
connections wait, time out and break in the same code.
"""

from __future__ import annotations

import contextlib
import functools
import ssl

import certifi
import gevent.ssl

from harness.scenario.model import Tls

_RECORD = 64 * 1024


@functools.lru_cache(maxsize=32)
def tls_context(settings: Tls) -> ssl.SSLContext:
    """One context for all connections of the same settings. Raises OSError for files that cannot be used."""
    # gevent's class: the standard one loops on its own setters once Locust has monkey-patched ssl.
    context: ssl.SSLContext = gevent.ssl.create_default_context(cafile=settings.ca or certifi.where())
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.cert:
        context.load_cert_chain(settings.cert, settings.key)
    context.set_alpn_protocols(["http/1.1"])
    return context


class TlsPipe:
    """One connection's TLS. What ``outgoing`` returns is to be sent after every step."""

    __slots__ = ("_in", "_out", "_tls", "closed")

    def __init__(self, context: ssl.SSLContext, host: str, session: ssl.SSLSession | None) -> None:
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host, session=session)
        self.closed = False
        """The peer has said in TLS that nothing follows."""

    def outgoing(self) -> bytes:
        """What TLS wants sent."""
        return self._out.read()

    def shake(self, data: bytes) -> bool:
        """Take what came of the handshake; True when it is done. Raises ssl.SSLError."""
        if data:
            self._in.write(data)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def encrypt(self, data: bytes) -> bytes:
        """Data as it goes over the wire. Raises ssl.SSLError."""
        self._tls.write(data)
        return self._out.read()

    def decrypt(self, data: bytes) -> bytes:
        """What came, decrypted; empty when it was only TLS's own. Raises ssl.SSLError."""
        self._in.write(data)
        plain = b""
        try:
            while piece := self._tls.read(_RECORD):
                plain = plain + piece if plain else piece
                if not self._in.pending and not self._tls.pending():
                    return plain
            self.closed = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            if not plain:  # else first what came in good order; the next read fails again
                raise
        return plain

    def close(self) -> bytes:
        """The bytes of a farewell, by which the target knows that nothing was cut off (RFC 8446, 6.1)."""
        with contextlib.suppress(OSError):
            self._tls.unwrap()
        return self._out.read()

    @property
    def session(self) -> ssl.SSLSession | None:
        """For the next connection, so that its handshake is short."""
        return self._tls.session

    @property
    def resumed(self) -> bool:
        """Whether this connection began from an earlier one's session."""
        return bool(self._tls.session_reused)


def tls_failure(error: ssl.SSLError) -> str:
    """An error of TLS as a failure's detail, without names and addresses."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: certificate refused: {error.verify_message.split(',')[0].rstrip('.')}"
    return f"TLS: {error.reason or type(error).__name__}"
