"""What every transport does: it gets a request to the target, and says what came back. One a user or guest."""

from __future__ import annotations

from typing import Protocol

from harness.engine.http_reply import Reply


class Transport(Protocol):
    """Sends one request at a time."""

    def send(self, method: str, target: bytes, headers: bytes = b"", body: bytes | None = None) -> Reply:
        """Send and wait. ``headers``: whole lines. Never raises for what the target or the network does."""

    def close(self) -> None:
        """Close the connection."""
