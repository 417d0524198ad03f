"""One request and its reply, as they are kept to be shown. Secrets are masked before anything gets here."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record.recorder import Failure

LONGEST_TARGET = 16_000
LONGEST_BODY = 4_000
"""Characters that are kept of a request's path and query, and of a body."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its reply, and what was wrong with it. ``headers``: lines of the request beside the usual ones.

    ``message`` is the event in the request, decoded, as indented JSON (empty: none). ``status`` is 0 without a reply;
    ``latency_ms`` runs from sending to the last byte, ``connect_ms`` is what it took before that to connect.
    """

    step: str
    type: str
    method: str
    target: str
    headers: tuple[str, ...]
    body: str
    message: str
    status: int
    reply: str
    latency_ms: float
    connect_ms: float
    failure: Failure | None


def cut(text: str, longest: int) -> str:
    """A text, or its beginning with a sign that there is more."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"
