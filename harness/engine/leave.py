"""Where load may go: this machine, or hosts that the scenario names *and* the user allows.

A host is allowed by its name, and then its addresses are looked at, once. A name that ought to be of the internet and
leads into a private network, or the other way, is not what the user allowed: that takes leave for the address, too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from harness.engine.lookup import Held, look_up
from harness.engine.target_errors import UnreachableError
from harness.scenario.hosts import Address, HostError, canonical_leave, embedded, host_of
from harness.scenario.model import Target

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOCAL_SUFFIXES = (
    "localhost", "local", "internal", "intranet", "lan", "corp", "home", "private", "test", "home.arpa", "svc",
)  # fmt: skip
"""Names that end so, or have one part alone, are of a private network (RFC 6761, 6762, 8375, and habit)."""
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")
"""Addresses that providers share among customers (RFC 6598); clusters and VPNs use them, too."""


class NotAllowedError(Exception):
    """The load may not go there; the text says why and what would allow it."""


@dataclass(frozen=True, slots=True)
class Leave:
    """What the user allows beside this machine: names and addresses, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Leave:
        """As options and settings have it. Raises HostError."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for text in texts:
            leave = canonical_leave(text)
            if "/" in leave:
                networks.append(ipaddress.ip_network(leave))
            else:
                hosts.add(leave)
        return cls(frozenset(hosts), tuple(networks))

    def covers(self, address: Address) -> bool:
        """Whether an address is allowed by itself."""
        return str(address) in self.hosts or any(address in network for network in self.networks)

    def names(self, host: str) -> bool:
        """Whether a host as it is written is allowed."""
        if host in self.hosts:
            return True
        address = _address(host)
        return address is not None and self.covers(address)


def check_production(target: Target, allowed: bool) -> None:
    """Raises NotAllowedError for a production system without the word for it."""
    if target.is_production and not allowed:
        raise NotAllowedError("the target says environment: production. If you mean it, say so with --allow-production")


def check_allowed(target: Target, allowed: Iterable[str], production_allowed: bool) -> None:
    """Raises NotAllowedError unless a command may write to the target: the same leave as a load's.

    A name that cannot be resolved is left to whoever tries to reach it.
    """
    check_production(target, production_allowed)
    if target.is_sandbox:
        return
    try:
        allowed_places(target.url, target, Leave.of(allowed))
    except HostError as error:
        raise NotAllowedError(f"--allow-host: {error}{error.label and f'; {error.label}'}") from None
    except UnreachableError:
        return


def allowed_places(url: str, target: Target, leave: Leave) -> Held:
    """The addresses that load may go to, asked for once: those of the target's ``url``, or of its proxy.

    Raises NotAllowedError, and UnreachableError when there is none. Nobody is asked for a host without leave.
    """
    _check_names(url, target, leave)
    held = look_up([host_of(target.proxy or url)])
    check_held(url, target, leave, held)
    return held


def check_held(url: str, target: Target, leave: Leave, held: Held) -> None:
    """Raises NotAllowedError unless load may go to addresses that somebody else has asked for."""
    _check_names(url, target, leave)
    for name, addresses in held.hosts:
        for address in addresses:
            _check_address(name, ipaddress.ip_address(address), leave)


def _check_names(url: str, target: Target, leave: Leave) -> None:
    host, proxy = host_of(url), host_of(target.proxy)
    _check_name(proxy or host, leave)
    if proxy and (not is_loopback(proxy) or not is_loopback(host)):
        # Seen from another machine, a loopback is that machine's.
        _check_name(host, leave, here=False)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name: localhost, or an address in its usual spelling."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _check_name(host: str, leave: Leave, *, here: bool = True) -> None:
    if (here and is_loopback(host)) or leave.names(host):
        return
    only = "only this machine is allowed without leave" if here else "through a proxy no host is this machine"
    raise NotAllowedError(
        f"load may not go to {host}: {only}. If the system is yours to load, run again with --allow-host {host}"
    )


def _check_address(name: str, address: Address, leave: Leave) -> None:
    """Whether a host may be at an address. One that is written as an address has been allowed as such."""
    real = embedded(address)
    if real.is_unspecified:
        raise NotAllowedError(
            f"load may not go to {name}: its name leads to {address}, which is the address of no host"
        )
    if _address(name) is not None or leave.covers(address) or leave.covers(real):
        return
    what = _kind(real)
    if name == "localhost":
        fits = what == LOOPBACK
    elif what == LINK_LOCAL:
        fits = False
    else:
        fits = _looks_private(name) == (what != PUBLIC)
    if not fits:
        raise NotAllowedError(
            f"load may not go to {name}: its name leads to {address}, {what}, and that was not allowed. "
            f"If it is meant, run again with --allow-host {real} as well"
        )


LOOPBACK, PRIVATE = "which is this machine itself", "an address of a private network"
LINK_LOCAL, PUBLIC = "an address of the link itself", "an address of the internet"


def _kind(address: Address) -> str:
    if address.is_loopback:
        return LOOPBACK
    if address.is_link_local:
        return LINK_LOCAL
    shared = isinstance(address, ipaddress.IPv4Address) and address in _SHARED
    return PRIVATE if address.is_private or shared else PUBLIC


def _looks_private(name: str) -> bool:
    return "." not in name or any(name.endswith(f".{suffix}") for suffix in LOCAL_SUFFIXES)
