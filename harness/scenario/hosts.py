"""Hosts as they are compared: one spelling for each, and none that hides an address.

Systems read ``2130706433``, ``0x7f.1`` and ``127.1`` as 127.0.0.1 (``inet_aton``), and ``::ffff:127.0.0.1`` reaches the
same place. What may be loaded is decided by a host's spelling and its addresses, so spellings that only some readers
understand are refused, with the usual one beside them. Harmless variants (upper case, one dot at the end, letters beyond
ASCII) are brought into the form that goes over the wire.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

import idna

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_HOST = 253
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.I)
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.IPv6Network("::/96")


class HostError(ValueError):
    """A text that is no host to be used; the text says why, ``label`` what would do (empty: nothing is near)."""

    def __init__(self, why: str, label: str = "") -> None:
        super().__init__(why)
        self.label = label


def canonical_host(text: str) -> str:
    """A host as it is compared, shown and connected to: a name in lower case and ASCII, or an address as usual.

    IPv6 without brackets. Raises HostError for what is neither, or could be read in two ways.
    """
    if text.startswith("[") and text.endswith("]"):
        return _version_six(text[1:-1])
    if ":" in text:
        return _version_six(text)
    name = _in_ascii(text)
    name = name.removesuffix(".")
    if not name:
        raise HostError("an empty host")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _version_four(name)
    if len(name) > LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise HostError(f"'{text[:80]}' is no host name")
    return name


def canonical_url(url: str) -> str:
    """A base URL with its host as ``canonical_host`` has it. Raises HostError."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise HostError("a user name or password in the URL", "take it out: keys have places of their own")
    host, port = _split(parts.netloc)
    name = canonical_host(host)
    shown = f"[{name}]" if ":" in name else name
    return urlunsplit(parts._replace(netloc=f"{shown}:{port}" if port else shown))


def host_of(url: str) -> str:
    """The host of a URL that ``canonical_url`` gave."""
    return urlsplit(url).hostname or ""


def _host_in(url: str) -> str:
    """The host of any text with a scheme; empty where none can be made out."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def canonical_leave(text: str) -> str:
    """What somebody gives leave for: a host, or a network such as 10.0.0.0/8. Raises HostError."""
    if "://" in text:
        raise HostError("a URL where a host belongs", f"write only the host: {_host_in(text) or 'shop.example'}")
    if "/" not in text:
        return canonical_host(text)
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise HostError(f"'{text[:80]}' is no network", "write a network such as 10.0.0.0/8") from None


def embedded(address: Address) -> Address:
    """The address that is really reached by one: IPv4 within IPv6 (mapped, compatible, NAT64, 6to4, Teredo) taken out."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in net for net in _NAT64) or (address in _COMPATIBLE and int(address) > 1):
        return low
    return address


def _split(netloc: str) -> tuple[str, int | None]:
    """Host (with its brackets) and port."""
    match = re.fullmatch(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::([0-9]{0,5}))?", netloc)
    if match is None:
        raise HostError(f"'{netloc[:80]}' is no host, nor a host and its port")
    port = int(match[2]) if match[2] else None
    if port is not None and not 0 < port < 65536:
        raise HostError(f"no port has the number {port}", "ports go from 1 to 65535")
    return match[1], port


def _in_ascii(text: str) -> str:
    """The name in lower case, letters beyond ASCII as DNS has them (IDNA 2008 with UTS 46)."""
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        raise HostError(f"'{text[:80]}' is no host name") from None


def _version_four(name: str) -> str:
    try:
        address = ipaddress.IPv4Address(name)
    except ValueError:
        meant = _as_systems_read(name)
        if meant is None:
            raise HostError(f"'{name[:80]}' is no address") from None
        raise HostError(f"'{name[:80]}' is an unusual spelling of {meant}", f"write {meant}") from None
    return _usable(address)


def _as_systems_read(name: str) -> ipaddress.IPv4Address | None:
    """What ``inet_aton`` makes of numbers: octal with 0, hexadecimal with 0x, the last one for all that are missing."""
    parts = name.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        *first, last = (
            int(part[2:] or "0", 16)
            if part.lower().startswith("0x")
            else int(part, 8 if part.startswith("0") and len(part) > 1 else 10)
            for part in parts
        )
    except ValueError:
        return None
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return None
    return ipaddress.IPv4Address(sum(number << (24 - 8 * place) for place, number in enumerate(first)) + last)


def _version_six(text: str) -> str:
    if "%" in text:
        raise HostError("an address with a zone, which no URL carries to the target", "write an address without %")
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise HostError(f"'{text[:80]}' is no address") from None
    inner = embedded(address)
    if inner != address:
        raise HostError(f"'{text[:80]}' hides {inner}", f"write {inner}")
    return _usable(address)


def _usable(address: Address) -> str:
    if address.is_unspecified:
        local = "127.0.0.1" if address.version == 4 else "[::1]"
        raise HostError(f"{address} is the address of no host", f"write {local} for this machine")
    if address.is_multicast or (isinstance(address, ipaddress.IPv4Address) and int(address) == 0xFFFFFFFF):
        raise HostError(f"{address} is the address of many hosts")
    return str(address)
