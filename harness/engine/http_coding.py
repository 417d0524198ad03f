"""Content codings of a reply's body: gzip and deflate, undone up to a limit, so that a bomb costs no more."""

from __future__ import annotations

import zlib

_GZIP_OR_ZLIB = 47
_RAW_DEFLATE = -15
_MOST_CODINGS = 4
_INFLATED = frozenset({"gzip", "x-gzip", "deflate"})


def decoded(codings: str, body: bytes, most: int, *, whole: bool) -> bytes:
    """The body without its codings (a Content-Encoding header's value), cut to ``most`` bytes.

    As it is when a coding is not known here. ``whole``: all of the body is there. Raises zlib.error for a broken one.
    """
    names = [name for coding in codings.split(",") if (name := coding.strip().lower()) not in {"", "identity"}]
    if len(names) > _MOST_CODINGS or not _INFLATED.issuperset(names):
        return body
    for name in reversed(names):
        body, whole = _inflated(body, name, most, whole=whole)
    return body


def _inflated(body: bytes, coding: str, most: int, *, whole: bool) -> tuple[bytes, bool]:
    """At most ``most`` bytes of what ``body`` was before, and whether that is all."""
    raw = coding == "deflate" and not _is_zlib(body)
    out = b""
    while True:
        inflater = zlib.decompressobj(_RAW_DEFLATE if raw else _GZIP_OR_ZLIB)
        out += inflater.decompress(body, most - len(out))
        if len(out) >= most:
            return out, False
        if not inflater.eof:
            if whole:
                raise zlib.error("cut short")
            return out, False
        body = inflater.unused_data
        if coding == "deflate" or body[:2] != b"\x1f\x8b":  # a gzip body may be of several members
            return out, whole


def _is_zlib(body: bytes) -> bool:
    """Some servers send "deflate" without the zlib header it should have."""
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
