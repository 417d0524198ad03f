"""What a sandbox is told at its start, and the one exception it raises."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.cdp.batch import EXPIRES_S

CLIENT_KEY_VARIABLE = "HARNESS_SANDBOX_CLIENT_KEY"
API_TOKEN_VARIABLE = "HARNESS_SANDBOX_API_TOKEN"  # noqa: S105 - a name, no secret
EXPERIENCES_VARIABLE = "HARNESS_SANDBOX_EXPERIENCES"
SETTINGS_VARIABLE = "HARNESS_SANDBOX_SETTINGS"
"""The environment in which a sandbox process finds its credentials, its experiences and all else, the latter as JSON."""

GUEST_KNOWN = "${guest.known}"
"""In an experience, this text stands for true or false: is the guest a customer."""


class SandboxError(Exception):
    """The sandbox cannot start. The message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings that bound the sandbox's memory, and its data file. Beyond each, the oldest goes first.

    A browser that was forgotten is answered 404, as any unknown one; a forgotten order is not found. Events that
    wait to be visible become so. Only a data file that is full forgets nothing: events are answered 503. A client
    who takes longer than ``slow_client_s`` to send a request, or to take anything of a reply, is cut off. Of more than
    ``connections`` those are closed that never asked anything, or not for longest. A process that takes more than
    ``memory_bytes`` answers 503 until it is reset, or takes less.
    200,000 guests with a purchase each take roughly 1.4 GB. A batch file is unpacked up to ``batch_raw_bytes``, its log
    holds ``batch_errors`` lines, and its place is good for ``batch_expires_s``.
    """

    browsers: int = 1_000_000
    guests: int = 200_000
    orders: int = 500_000
    open_sessions: int = 500_000
    sessions_per_guest: int = 50
    browsers_per_guest: int = 50
    identities_per_guest: int = 100
    timeline_per_session: int = 200
    waiting_events: int = 200_000
    cart_lines: int = 200
    event_types: int = 1_000
    currencies: int = 1_000
    batches: int = 1_000
    batch_errors: int = 100_000
    batch_raw_bytes: int = 1 << 30
    batch_expires_s: int = EXPIRES_S
    data_bytes: int = 4 << 30
    slow_client_s: int = 30
    connections: int = 10_000
    memory_bytes: int = 4 << 30


def default_experiences() -> dict[str, Any]:
    """One experience: an offer, and whether the guest is known."""
    return {"harness_offer": {"offer": {"id": "OFFER_10", "discount": 10}, "guest": {"known": GUEST_KNOWN}}}


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Credentials, points of sale, session timeout (seconds without an event) and experiences of a sandbox.

    Twenty minutes are the CDP's default, set per tenant (Sitecore's developer page "Stream API").
    ``experiences`` has the JSON that a full-stack experience replies with, by its friendly id.
    ``visible_after_s`` is how long after its reply an event's effects can be read. ``faults`` is the document of
    those that it has from the start. ``data`` is the file in which all is kept, None for memory alone.
    """

    client_key: str = "sandbox"
    api_token: str = "sandbox"  # noqa: S105 - the stand-in's own, guards nothing
    points_of_sale: tuple[str, ...] = ("pastoral-witty-grill",)
    session_timeout_s: float = 1200.0
    limits: Limits = field(default_factory=Limits)
    experiences: Mapping[str, Any] = field(default_factory=default_experiences, hash=False)
    visible_after_s: float = 0.0
    faults: Mapping[str, Any] = field(default_factory=dict, hash=False)
    data: Path | None = None

    def settings(self) -> dict[str, Any]:
        """All but credentials and experiences, as JSON for another process."""
        return {
            "points_of_sale": list(self.points_of_sale),
            "session_timeout_s": self.session_timeout_s,
            "limits": asdict(self.limits),
            "visible_after_s": self.visible_after_s,
            "faults": dict(self.faults),
            "data": None if self.data is None else str(self.data.absolute()),
        }

    def with_settings(self, settings: Mapping[str, Any]) -> "SandboxConfig":
        """This one, with the settings of another process."""
        data = settings["data"]
        return replace(
            self,
            points_of_sale=tuple(settings["points_of_sale"]),
            session_timeout_s=settings["session_timeout_s"],
            limits=Limits(**settings["limits"]),
            visible_after_s=settings["visible_after_s"],
            faults=settings["faults"],
            data=None if data is None else Path(data),
        )
