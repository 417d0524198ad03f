"""What a sandbox is told at its start, and the one exception it raises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CLIENT_KEY_VARIABLE = "HARNESS_SANDBOX_CLIENT_KEY"
API_TOKEN_VARIABLE = "HARNESS_SANDBOX_API_TOKEN"  # noqa: S105 - a name, no secret
EXPERIENCES_VARIABLE = "HARNESS_SANDBOX_EXPERIENCES"
"""The environment in which a sandbox process finds its credentials, and its experiences as JSON."""

GUEST_KNOWN = "${guest.known}"
"""In an experience, this text stands for true or false: is the guest a customer."""


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
    currencies: int = 1_000


def default_experiences() -> dict[str, Any]:
    """One experience: an offer, and whether the guest is known."""
    return {"harness_offer": {"offer": {"id": "OFFER_10", "discount": 10}, "guest": {"known": GUEST_KNOWN}}}


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Credentials, points of sale, session timeout (seconds without an event) and experiences of a sandbox.

    Twenty minutes are the CDP's default, set per tenant (Sitecore's developer page "Stream API").
    ``experiences`` has the JSON that a full-stack experience replies with, by its friendly id.
    """

    client_key: str = "sandbox"
    api_token: str = "sandbox"  # noqa: S105 - the stand-in's own, guards nothing
    points_of_sale: tuple[str, ...] = ("pastoral-witty-grill",)
    session_timeout_s: float = 1200.0
    limits: Limits = field(default_factory=Limits)
    experiences: Mapping[str, Any] = field(default_factory=default_experiences, hash=False)
