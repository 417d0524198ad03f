"""A target's certificate, looked at by itself: is it trusted, and until when."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import gevent.socket

from harness.engine.target_cause import cause_of
from harness.engine.wire_tls import tls_context
from harness.scenario.model import Tls

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class TlsLook:
    """``trouble``: why the certificate, or TLS as such, is no good; empty when it is.

    ``expires`` in s since the epoch, None where that is not shown; ``version`` as TLS names it.
    """

    trouble: str = ""
    expires: float | None = None
    version: str = ""


def look_at_tls(url: str, settings: Tls) -> TlsLook | None:
    """One handshake with an https URL; None when nobody is there to shake hands with. Raises OSError for our own files."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    context = tls_context(settings)
    try:
        plain = gevent.socket.create_connection((host, port), TIMEOUT_S)
    except OSError:
        return None
    try:
        with plain, context.wrap_socket(plain, server_hostname=host) as connection:
            shown = connection.getpeercert() or {}
            expires = shown.get("notAfter")
            return TlsLook(
                expires=ssl.cert_time_to_seconds(expires) if isinstance(expires, str) else None,
                version=connection.version() or "",
            )
    except OSError as error:
        return TlsLook(trouble=cause_of(error))
