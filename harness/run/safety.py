"""Where load may go: this machine, or hosts that the scenario names *and* the user allows."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from harness.scenario.model import Target


class NotAllowedError(Exception):
    """The load may not go there; the text says why and what would allow it."""


def check_allowed(target: Target, allowed: Collection[str], production_allowed: bool) -> None:
    """Raises NotAllowedError unless load may go to the target."""
    if target.environment == "production" and not production_allowed:
        raise NotAllowedError("the target says environment: production. If you mean it, say so with --allow-production")
    if target.is_sandbox:
        return
    known = {name.lower() for name in allowed}
    for url in filter(None, (target.url, target.proxy)):
        host = (urlsplit(url).hostname or "").lower()
        if not (is_loopback(host) or host in known):
            raise NotAllowedError(
                f"load may not go to {host}: only this machine is allowed without leave. "
                f"If the system is yours to load, run again with --allow-host {host}"
            )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name: localhost, or an address in its usual spelling."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
