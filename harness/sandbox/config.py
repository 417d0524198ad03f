"""What a sandbox is told at its start, and the one exception it raises."""

from dataclasses import dataclass, field

CLIENT_KEY_VARIABLE = "HARNESS_SANDBOX_CLIENT_KEY"
API_TOKEN_VARIABLE = "HARNESS_SANDBOX_API_TOKEN"  # noqa: S105 - a name, no secret
"""The environment in which a sandbox process finds its credentials."""


class SandboxError(Exception):
    """The sandbox cannot start. The message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings that bound the sandbox's memory. Beyond each, the oldest goes first.

    A browser that was forgotten is answered 404, as any unknown one; a forgotten order is not found.
    200,000 guests with a purchase each take roughly 1.4 GB.
    """

    browsers: int = 1_000_000
    guests: int = 200_000
    orders: int = 500_000
    open_sessions: int = 500_000
    sessions_per_guest: int = 50
    browsers_per_guest: int = 50
    identities_per_guest: int = 100
    timeline_per_session: int = 200
    cart_lines: int = 200
    event_types: int = 1_000


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Credentials, points of sale and session timeout (seconds without an event) of a sandbox.

    Twenty minutes are the CDP's default, set per tenant (Sitecore's developer page "Stream API").
    """

    client_key: str = "sandbox"
    api_token: str = "sandbox"  # noqa: S105 - the stand-in's own, guards nothing
    points_of_sale: tuple[str, ...] = ("pastoral-witty-grill",)
    session_timeout_s: float = 1200.0
    limits: Limits = field(default_factory=Limits)
