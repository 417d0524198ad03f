"""Sending: plans become Locust users. The only place, with the sandbox, that touches sockets.

``users(scenario)`` gives the users of a scenario file for a locustfile of one's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.engine.combine import users

__all__ = ["users"]


def __getattr__(name: str) -> Any:
    """Locust is imported when it is asked for: it patches the standard library."""
    if name == "users":
        from harness.engine.combine import users  # noqa: PLC0415

        return users
    raise AttributeError(name)
